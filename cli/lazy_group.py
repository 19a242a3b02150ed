"""A group of commands that imports a command's file when the command is named: `--help` imports nothing heavy."""

import importlib
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands are named with their files.

    Args:
        files: command to the file in commands/ that holds it, in the order in which `--help` lists them. The function
            is called like the file.
        others: what click.Group takes.
    """

    def __init__(self, *, files: dict[str, str], **others: Any) -> None:
        super().__init__(**others)
        self.files = files

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of `files`."""
        return list(self.files)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in self.files:
            return None
        name = self.files[cmd_name]
        command = getattr(importlib.import_module(f".commands.{name}", __package__), name)
        assert isinstance(command, click.Command)
        return command
