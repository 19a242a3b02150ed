"""The folders and the socket around a case, all watched: whatever appears in them is an escape."""

import os
import socket
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from modelport.runtimes.process.worker_process import clean_environment

from .edge_values import Traps


@dataclass(slots=True, kw_only=True)
class WatchedGround:
    """Where one fuzzing process puts its cases.

    Attributes:
        root: everything below is its own.
        listener: a socket that a case's texts name; nobody may call.
        sessions: process ids of workers that were started, each the first of a session of its own.
        known: what runtimes write for sound files, too, such as a cache of fonts.
    """

    root: Path
    listener: socket.socket
    sessions: set[int] = field(default_factory=set)
    known: set[str] = field(default_factory=set)

    @property
    def case(self) -> Path:
        """Where the files of the case lie."""
        return self.root / "outer/case"

    @property
    def log(self) -> Path:
        """What runtimes print."""
        return self.root / "log/runtime.log"

    @property
    def own(self) -> Path:
        """For temporary files of the fuzzing process itself."""
        return self.root / "own"

    @property
    def traps(self) -> Traps:
        """Places that texts of a case name."""
        host, port = self.listener.getsockname()
        return Traps(folder=str(self.root / "trap"), url=f"http://{host}:{port}/x")

    def put(self, files: dict[str, bytes]) -> Path:
        """Write the files of a case, without those of the one before; return the first."""
        for old in self.case.iterdir():
            old.unlink()
        for name, data in files.items():
            (self.case / name).write_bytes(data)
        self.log.write_bytes(b"")
        return self.case / next(iter(files))

    def escapes(self, files: dict[str, bytes]) -> list[str]:
        """Return what appeared where nothing may, and take it away; what changed of the case's own files."""
        found = []
        for folder in ("trap", "home", "temporary", "work", "outer"):
            for path in sorted((self.root / folder).rglob("*"), reverse=True):
                if path in (self.case, *(self.case / name for name in files)) or "modelport-" in str(path):
                    continue
                name = path.relative_to(self.root).as_posix()
                if name not in self.known:
                    found.append(f"wrote {name}")
                    path.rmdir() if path.is_dir() and not any(path.iterdir()) else path.unlink()
        found += [f"changed {name}" for name, data in files.items() if (self.case / name).read_bytes() != data]
        try:
            self.listener.accept()[0].close()
            found.append("called over the network")
        except BlockingIOError:
            pass
        return found

    def left_over(self, alive: set[int]) -> list[str]:
        """Return the processes that workers which have ended left behind; those in `alive` have not.

        What was killed a moment ago may not be gone yet: it gets five seconds.
        """
        for _ in range(50):
            found = self._in_sessions(self.sessions - alive)
            if not found:
                return []
            time.sleep(0.1)
        return [f"left {name} of a worker that has ended" for name in found]

    def _in_sessions(self, sessions: set[int]) -> list[str]:
        """Return the names of living processes of these sessions; a number may be another's by now: HOME tells."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                name, _, rest = (entry / "stat").read_text().rpartition(")")
                is_own = os.fsencode(f"HOME={self.root}/home") in (entry / "environ").read_bytes()
            except OSError:
                continue
            state, session = rest.split()[0], int(rest.split()[3])
            if is_own and session in sessions and state != "Z":
                found.append(name.partition("(")[2])
        return found


def prepare_ground(root: Path) -> WatchedGround:
    """Make the folders, and let this process and its workers live in them."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    ground = WatchedGround(root=root, listener=listener)
    for name in ("outer/case", "log", "own", "trap", "home", "temporary", "work"):
        (root / name).mkdir(parents=True)
    tempfile.tempdir = str(ground.own)
    os.environ["HOME"], os.environ["TMPDIR"] = str(root / "home"), str(root / "temporary")
    os.environ["KERAS_HOME"] = os.environ["MPLCONFIGDIR"] = str(ground.own)  # of this process; workers have their own
    os.chdir(root / "work")
    clean_environment()  # makes its own temporary folder now
    return ground
