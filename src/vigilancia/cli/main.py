"""The commands, each loaded when it is called: counting days needs no database driver."""

from importlib import import_module
from typing import cast

import click

_WHERE = {
    "audit": "audit:audit_group",
    "deadlines": "law:deadlines",
    "export": "exports:export",
    "keys": "keys:keys_group",
    "mechanisms": "law:mechanisms_group",
    "migrate": "serve:migrate",
    "retention": "retention:retention_group",
    "token": "tokens:token_group",
    "up": "serve:up",
    "verify": "verify:verify",
}


class _Commands(click.Group):
    """Finds a command by its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_WHERE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _WHERE:
            return None
        module, _, name = _WHERE[cmd_name].partition(":")
        return cast("click.Command", getattr(import_module(f"vigilancia.cli.{module}"), name))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version="0.1.0", prog_name="vigilancia")
def main() -> None:
    """Record worker-rights complaints, compute their deadlines, climb the ladders."""
