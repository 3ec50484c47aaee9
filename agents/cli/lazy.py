"""Groups whose commands are imported when they are called: `tocsin --help` must not pay for Kafka."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


class Lazy(NamedTuple):
    """Where a command is, and what it promises in one line."""

    target: str  # `agents.cli.tag:tag_command`
    promise: str

    def load(self, name: str) -> Any:
        """The command itself."""
        module, _, attribute = self.target.partition(":")
        found: Callable[..., Any] | typer.Typer = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            function, found = found, typer.Typer(add_completion=False)
            found.command(name)(function)
        return _named(found, name)


def lazy_group(commands: Mapping[str, Lazy | typer.Typer]) -> type[TyperGroup]:
    """A group class over `commands`, shown in this order."""

    class Group(TyperGroup):
        def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - click's signature
            return list(commands)

        def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
            """What a help page needs to know of a command, without its import."""
            command = commands.get(cmd_name)
            if isinstance(command, typer.Typer):
                return _named(command, cmd_name)
            return None if command is None else TyperCommand(cmd_name, help=command.promise)

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            """The command that is called, imported now."""
            name, command, rest = super().resolve_command(ctx, args)
            entry = commands.get(name or "")
            return name, entry.load(name or "") if isinstance(entry, Lazy) else command, rest

    return Group


def group(promise: str, commands: Mapping[str, Lazy]) -> typer.Typer:
    """A command that only holds others."""
    app = typer.Typer(cls=lazy_group(commands), help=promise, no_args_is_help=True, add_completion=False)
    app.callback()(_nothing)
    return app


def _named(app: typer.Typer, name: str) -> Any:
    command = typer.main.get_command(app)
    command.name = name
    return command


def _nothing() -> None:
    pass
