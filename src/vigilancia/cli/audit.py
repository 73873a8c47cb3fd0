"""`vigilancia audit`: hold the audit against its chain, and take it out as a file that proves itself."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from vigilancia.access.chain import files, heads, verifying
from vigilancia.access.chain.heads import Head
from vigilancia.access.chain.walking import Report
from vigilancia.cli.frame import REFUSED, framed
from vigilancia.cli.installation import open_desk, reach
from vigilancia.cli.screen import Screen
from vigilancia.core.settings import Settings
from vigilancia.embedded.errors import EmbeddedError

_SHOWN = 20
_FILE = click.Path(dir_okay=False, path_type=Path)
_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("audit", help="The audit and its chain.")
def audit_group() -> None:
    """Group the commands on the audit."""


@audit_group.command("verify", help="Find what was changed in the audit: exit status 1 where anything was.")
@click.option("--head", "head_files", multiple=True, type=_READABLE, help="Heads kept elsewhere, a JSON object a line.")
@click.option("--file", "file", type=_READABLE, help="A file of `audit export`: no database and no keys are needed.")
@click.option("--public-key", "public_keys", multiple=True, help="Who may have signed, hexadecimal; for --file.")
@framed
def verify(  # noqa: D103 - the help text says it
    settings: Settings,
    screen: Screen,
    *,
    head_files: tuple[Path, ...],
    file: Path | None,
    public_keys: tuple[str, ...],
) -> None:
    if file is not None and not public_keys:
        raise click.UsageError("--file wants --public-key: whoever wrote the file could have written a key into it")
    report = (
        _of_file(file, public_keys, head_files)
        if file is not None
        else _of_database(settings, screen, public_keys, head_files)
    )
    _tell(screen, report)
    if not report.good:
        raise SystemExit(REFUSED)


@audit_group.command("export", help="Write the audit to FILE with a signed head; what rows held is not in it.")
@click.argument("file", type=_FILE)
@framed
def export(settings: Settings, screen: Screen, *, file: Path) -> None:  # noqa: D103
    async def write(reached: Settings) -> Head:
        async with open_desk(reached) as desk:
            return await files.write(desk, file)

    with reach(settings, screen.say) as reached:
        head = asyncio.run(write(reached))
    screen.line(screen.t("audit.exported", rows=head.position, path=file, public_key=head.public_key))
    screen.value({"file": str(file), "rows": head.position, "head": msgspec.to_builtins(head)})


def _of_database(settings: Settings, screen: Screen, public_keys: Sequence[str], head_files: Sequence[Path]) -> Report:
    async def walk(reached: Settings) -> Report:
        async with open_desk(reached) as desk:
            return await verifying.verify(desk, public_keys=public_keys, head_files=head_files)

    with reach(settings, screen.say) as reached:
        return asyncio.run(walk(reached))


def _of_file(file: Path, public_keys: Sequence[str], head_files: Sequence[Path]) -> Report:
    elsewhere = [head for path in head_files for head in heads.read_outside(path) if head is not None]
    try:
        return files.verify(file, public_keys=public_keys, heads=elsewhere)
    except files.NotAnAuditError as error:
        raise EmbeddedError("no_audit_file", path=str(file)) from error


def _tell(screen: Screen, report: Report) -> None:
    screen.line(screen.t("audit.walked", rows=report.rows, heads=report.heads, forgotten=report.forgotten))
    for fault in report.faults[:_SHOWN]:
        where = "-" if fault.position is None else str(fault.position)
        place = where if fault.until is None else f"{where} … {fault.until}"
        screen.line(f"  {place:>12}  {screen.t(f'audit.faults.{fault.kind}')}  {fault.row_id or ''}".rstrip())
    screen.line(screen.t("audit.good") if report.good else screen.t("audit.broken", count=report.count))
    screen.value({"good": report.good, **msgspec.to_builtins(report)})
