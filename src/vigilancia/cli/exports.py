"""`vigilancia export`: a data set as a file, made by the same service as over the API, on behalf of an organisation."""

import asyncio
import shutil
from pathlib import Path

import click
import msgspec

from vigilancia.access.schemas import TokenRole
from vigilancia.access.scopes import ROLE_SCOPES
from vigilancia.cli.frame import framed
from vigilancia.cli.installation import open_desk, reach
from vigilancia.cli.screen import Screen
from vigilancia.cli.tokens import find_organization
from vigilancia.core.identity import SYSTEM, Caller
from vigilancia.core.settings import Settings
from vigilancia.embedded.errors import EmbeddedError
from vigilancia.reports import places, queries, service
from vigilancia.reports.columns import Profile
from vigilancia.reports.datasets import DATASETS, DatasetName, Format
from vigilancia.reports.schemas import Export, ExportIn


@click.command("export", help="Write DATASET to a file, with a dictionary of its columns beside it.")
@click.argument("dataset", type=click.Choice(sorted(DATASETS)))
@click.option("--organization", required=True, help="On whose behalf: id or exact name.")
@click.option("--role", type=click.Choice(["staff", "partner", "analyst"]), default="staff", show_default=True)
@click.option("--purpose", required=True, help="What it is for; kept with the export.")
@click.option("--format", "format_", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option("--profile", type=click.Choice(["deidentified", "full"]), default="deidentified", show_default=True)
@click.option("--filter", "filters", multiple=True, metavar="FIELD=VALUE", help="As on the list of the data set.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; DATASET.FORMAT here.")
@framed
def export(  # noqa: D103, PLR0913 - the help text says it; a parameter for each option
    settings: Settings,
    screen: Screen,
    dataset: DatasetName,
    *,
    organization: str,
    role: TokenRole,
    purpose: str,
    format_: Format,
    profile: Profile,
    filters: tuple[str, ...],
    output: Path | None,
) -> None:
    chosen = dict(part.split("=", 1) for part in filters if "=" in part)
    if len(chosen) < len(filters):
        raise click.UsageError("--filter is FIELD=VALUE")
    told = {"dataset": dataset, "format": format_, "purpose": purpose, "filter": chosen, "profile": profile}
    try:
        wanted = msgspec.convert(told, ExportIn)
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from error
    target = output or Path(f"{dataset}.{format_}")
    dictionary = target.with_name(f"{target.stem}.columns.json")
    with reach(settings, screen.say) as reached:
        made, file = asyncio.run(_make(reached, organization, role, wanted))
        try:
            shutil.copyfile(file, target)
            shutil.copyfile(places.dictionary_of(reached.exports_dir, made.id), dictionary)
        except OSError as error:
            raise EmbeddedError("cannot_write", path=str(target), reason=error.strerror or "") from error
    screen.line(screen.t("export.written", rows=made.rows, path=target, dictionary=dictionary))
    screen.value({"file": str(target), "dictionary": str(dictionary), "rows": made.rows, "sha256": made.sha256})


async def _make(settings: Settings, organization: str, role: TokenRole, wanted: ExportIn) -> tuple[Export, Path]:
    """Ask and make it here; a worker may take it up at the same time, for only one of the two is confirmed."""
    async with open_desk(settings) as desk:
        async with desk.work(SYSTEM) as work:
            organization_id = await find_organization(work, organization)
        caller = Caller(organization_id=organization_id, role=role, scopes=ROLE_SCOPES[role])
        async with desk.work(caller) as work:
            export_id = await service.ask(work, wanted)
        await service.make_export(desk, export_id)
        async with desk.work(caller) as work:
            return await queries.file(work, export_id)
