"""The command group: names to files, loaded when asked for, so that `--help` imports nothing heavy."""

import errno
import os
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn, TextIO

import click

from .. import __version__
from ..contract.errors import InputError, ModelportError
from .lazy_group import LazyGroup
from .unencodable import escape_what_stdout_cannot_hold

#: Command to the file in this folder that holds it, in the order in which one meets them.
COMMANDS = {
    "prepare": "prepare",
    "train": "train",
    "adopt": "adopt",
    "convert": "convert",
    "quantize": "quantize",
    "validate": "validate",
    "runtimes": "runtimes",
    "pack": "pack",
    "inspect": "inspect",
    "predict": "predict",
    "deliver": "deliver",
    "init": "init",
    "ship": "ship",
    "demo": "demo",
    "doctor": "doctor",
}


_STOPPED = "Stopped. What was finished is kept."


class _Terminated(SystemExit):
    """SIGTERM came."""


class ErrorBoundary(LazyGroup):
    """Turns errors of ours, and those of the file system, into a message and an exit code.

    Anything else is a bug and keeps its traceback.
    """

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except ModelportError as error:
            _exit_with(error, ctx)
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read stdout has gone; click ends quietly
                raise
            where = error.filename or ("stdout" if _is_stuck(sys.stdout) else None)
            received = error.strerror or error
            _exit_with(InputError("files cannot be read or written", where=where, received=received), ctx)
        except KeyboardInterrupt:
            click.echo(_STOPPED, err=True)
            ctx.exit(130)
        except _Terminated:
            click.echo(_STOPPED, err=True)
            raise


def _is_stuck(stream: TextIO) -> bool:
    """Whether a stream holds text that it cannot write; if so let go of it, or Python's end fails, too."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return True
    return False


def _exit_with(error: ModelportError, ctx: click.Context) -> NoReturn:
    click.echo(f"Error: {error}", err=True)
    ctx.exit(error.exit_code)


@click.group(
    cls=ErrorBoundary,
    files=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="modelport")
def cli() -> None:
    """Take an image classifier from the training run to where it is used, and prove that it is still the same model.

    \b
    Exit codes: 0 passed, 1 judged and failed, 2 usage or input, 130 stopped with Ctrl-C, 143 with SIGTERM.

    \b
    Example:
      modelport prepare photos dataset
      modelport train dataset run
      modelport convert run && modelport quantize run
      modelport validate run
    """


def _exit_at_sigterm() -> None:
    """Let SIGTERM unwind the stack, so that worker processes and temporary folders go; the default leaves them."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _exit)


def _exit(number: int, _: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # `timeout` sends it twice; the second would stop the tidying
    raise _Terminated(128 + number)


def main() -> None:
    """Run the command line."""
    _exit_at_sigterm()
    escape_what_stdout_cannot_hold()
    cli(prog_name="modelport", windows_expand_args=sys.platform == "win32")
