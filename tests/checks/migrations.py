"""Migrations and mapped classes agree, and every migration can be taken back."""

from alembic import command

from vigilancia.cli.migrations import check, configure, upgrade
from vigilancia.embedded.postgres import OWNER, Postgres


def main() -> None:
    """Upgrade, compare, take all back, upgrade again; any fault ends with a traceback and status 1."""
    with Postgres.scratch() as server:
        url = server.url(OWNER)
        upgrade(url)
        check(url)
        command.downgrade(configure(url), "base")
        upgrade(url)


if __name__ == "__main__":
    main()
