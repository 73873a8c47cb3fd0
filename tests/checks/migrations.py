"""Migrations and mapped classes agree, and every migration can be taken back."""

from alembic import command

from vigilancia.cli.migrations import check, configure, upgrade
from vigilancia.core.crypto import KeyRing
from vigilancia.embedded.postgres import OWNER, Postgres


def main() -> None:
    """Upgrade, compare, take all back, upgrade again; any fault ends with a traceback and status 1."""
    with Postgres.scratch() as server:
        url, keys = server.url(OWNER), KeyRing(KeyRing.make("check"))
        upgrade(url, keys)
        check(url)
        command.downgrade(configure(url), "base")
        upgrade(url, keys)


if __name__ == "__main__":
    main()
