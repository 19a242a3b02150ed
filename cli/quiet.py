"""Keep what TensorFlow prints out of sight, in the run's logs/; show its end when something unforeseen fails."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ..contract.errors import ModelportError
from ..contract.foreign_noise import noise_to


@contextmanager
def quiet(run: str | Path, command: str) -> Iterator[None]:
    """Collect foreign output while the block runs; it becomes RUN/logs/COMMAND.log if the run folder exists then."""
    with tempfile.TemporaryDirectory() as folder:
        noise = Path(folder, "noise.log")
        try:
            with noise_to(noise):
                yield
        except (ModelportError, KeyboardInterrupt):
            raise
        except BaseException:
            click.echo(noise.read_text(errors="replace")[-4000:], err=True)
            raise
        finally:
            if Path(run).is_dir():
                logs = Path(run, "logs")
                logs.mkdir(exist_ok=True)
                shutil.copyfile(noise, logs / f"{command}.log")
