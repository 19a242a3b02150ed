"""The command group: names to files, loaded when asked for, so that `--help` imports nothing heavy."""

import importlib
import sys

import click

from .. import __version__
from ..contract.errors import ModelportError

#: Command to the file in this folder that holds it, in the order in which one meets them.
COMMANDS = {
    "prepare": "prepare",
    "train": "train",
    "convert": "convert",
    "quantize": "quantize",
    "validate": "validate",
    "predict": "predict",
    "demo": "demo",
}


class LazyGroup(click.Group):
    """A group that imports a command's file when the command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f".{COMMANDS[cmd_name]}", __package__), cmd_name)
        assert isinstance(command, click.Command)
        return command


class ErrorBoundary(LazyGroup):
    """Turns errors of ours into their message and exit code; anything else is a bug and keeps its traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except ModelportError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("Stopped. What was finished is kept.", err=True)
            ctx.exit(130)


@click.group(cls=ErrorBoundary, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="modelport")
def cli() -> None:
    """Take an image classifier from the training run to where it is used, and prove that it is still the same model.

    \b
    Exit codes: 0 passed, 1 judged and failed, 2 usage or input.

    \b
    Example:
      modelport prepare photos dataset
      modelport train dataset run
      modelport convert run && modelport quantize run
      modelport validate run
    """


def main() -> None:
    """Run the command line."""
    cli(prog_name="modelport", windows_expand_args=sys.platform == "win32")
