"""`vigilancia up` and `vigilancia migrate`."""

import asyncio

import click

from vigilancia.cli import migrations
from vigilancia.cli.frame import framed
from vigilancia.cli.installation import Folder, reach
from vigilancia.cli.screen import Screen
from vigilancia.cli.up import seal
from vigilancia.cli.up import up as run_up
from vigilancia.core.crypto import KeyRing
from vigilancia.core.settings import Settings
from vigilancia.embedded.errors import EmbeddedError


@click.command("up", help="Run everything on this machine until Ctrl-C.")
@click.option(
    "--passphrase", is_flag=True, help="Put the keys on the disk under a passphrase; asked for at each start."
)
@framed
def up(settings: Settings, screen: Screen, *, passphrase: bool) -> None:  # noqa: D103 - the help text says it
    try:
        run_up(settings, screen, passphrase=passphrase)
    except EmbeddedError as error:
        told = Folder(settings.data_dir).run()
        where = [screen.t("refused.held_at", base_url=told["base_url"])] if error.code == "held" and told else []
        screen.refuse_with(error.code, screen.t(f"refused.{error.code}", **error.params), where)
        raise SystemExit(1) from error


@click.command("migrate", help="Bring the database to the present schema.")
@framed
def migrate(settings: Settings, screen: Screen) -> None:  # noqa: D103 - the help text says it
    with reach(settings, screen.say) as reached:
        migrations.upgrade(reached.owner_database_url, KeyRing(reached.master_keys.get_secret_value()))
        asyncio.run(seal(reached))
    screen.line(screen.t("migrate.done"))
    screen.value({"status": "done"})
