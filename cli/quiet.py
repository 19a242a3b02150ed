"""Keep what TensorFlow prints out of sight, in the run's logs/; show its end when something unforeseen fails."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from ..contract.errors import ModelportError
from ..contract.run.run_folder import RunFolder
from .foreign_noise import noise_to


@contextmanager
def quiet(run: str | Path, command: str) -> Iterator[None]:
    """Collect foreign output while the block runs; it is added to RUN/logs/COMMAND.log if RUN is a run folder then."""
    with tempfile.TemporaryDirectory() as folder:
        noise = Path(folder, "noise.log")
        try:
            with noise_to(noise):
                yield
        except (ModelportError, OSError, KeyboardInterrupt):
            raise
        except BaseException:
            click.echo(noise.read_text(errors="replace")[-4000:], err=True)
            raise
        finally:
            root = RunFolder(Path(run))
            if root.contract.is_file() or root.history.is_file():
                with suppress(OSError):  # a run that cannot be written to can still be read, and its log is no result
                    root.logs.mkdir(exist_ok=True)
                    with open(root.logs / f"{command}.log", "ab") as log:
                        log.write(noise.read_bytes())
