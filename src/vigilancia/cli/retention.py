"""`vigilancia retention run`: warn, and erase what is due; or only say what would be."""

import asyncio

import click

from vigilancia.cli.frame import framed
from vigilancia.cli.installation import open_desk, reach
from vigilancia.cli.screen import Screen
from vigilancia.core.settings import Settings
from vigilancia.keeping import erasing, run
from vigilancia.keeping.schemas import DueErasure


@click.group("retention", help="How long cases are kept.")
def retention_group() -> None:
    """Group the commands on keeping."""


@retention_group.command("run", help="Warn owners, and erase what is due today; run it after restoring a backup too.")
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@framed
def run_(settings: Settings, screen: Screen, *, dry_run: bool) -> None:  # noqa: D103 - the help text says it
    with reach(settings, screen.say) as reached:
        rows = asyncio.run(_run(reached, dry_run=dry_run))
    for row in rows:
        told = {name: getattr(row, name) for name in ("reference", "complaint_id", "rule", "counted_from")}
        screen.line(screen.t("retention.row", **told))
    screen.line(screen.t(f"retention.{'due' if dry_run else 'erased'}", count=len(rows)))
    screen.value({"dry_run": dry_run, "cases": rows})


async def _run(settings: Settings, *, dry_run: bool) -> list[DueErasure]:
    """Do as the beat does, and carry the erasures out here; a worker may take some of them up at the same time."""
    async with open_desk(settings) as desk:
        if dry_run:
            return await run.dry_run(desk)
        rows = await run.run(desk)
        await erasing.work_off(desk)
        return rows
