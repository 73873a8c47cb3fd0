"""Routes of exports and of the case report."""

import asyncio
from pathlib import Path
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import File

from vigilancia.core.errors import GoneError
from vigilancia.core.http import ApiRequest, answer_by_content, create_once
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Desk, Work
from vigilancia.reports import queries, service
from vigilancia.reports.media import MEDIA, FileOperation
from vigilancia.reports.petition.routes import PetitionController
from vigilancia.reports.routes_report import ReportController
from vigilancia.reports.schemas import Dictionary, Export, ExportIn

LONGEST_WAIT = 30  # seconds
_LOOK_EVERY = 0.5  # seconds

Wait = Annotated[int, QueryParameter(description="Seconds to wait for the end of the work.", ge=0, le=LONGEST_WAIT)]


class ExportController(Controller):
    """Exports: data sets to take home, made by a worker and kept for seven days."""

    path = "/exports"
    tags = ("Exports",)

    @get(
        operation_id="ListExports",
        summary="List exports",
        scope="exports:create",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        status: FromQuery[str | None] = None,
        dataset: FromQuery[str | None] = None,
    ) -> Page[Export]:
        """List the exports of the caller's organisation, the newest first. Sort by `created_at` or `id`."""
        return await queries.list_page(work, listing, status=status, dataset=dataset)

    @post(operation_id="CreateExport", summary="Ask for an export", scope="exports:create", status_code=202)
    async def create(
        self, request: ApiRequest, work: NamedDependency[Work], data: JSONBody[ExportIn]
    ) -> Response[Export]:
        """Ask for a data set as a file; a worker makes it.

        `purpose` is kept with the export. The profile `deidentified` shows each row as an analyst sees it and tells
        which case it is about only where the case is public; `full` shows what the caller may see of each row. The
        narrative is in neither.
        """
        return await create_once(
            request,
            work,
            lambda: service.ask(work, data),
            lambda export_id: queries.read(work, export_id),
            status_code=202,
        )

    @get("/{export_id:uuid}", operation_id="GetExport", summary="Read an export", scope="exports:create")
    async def read(self, request: ApiRequest, export_id: FromPath[UUID], wait: Wait = 0) -> Response[Export]:
        """Read how far an export is; with `wait`, as soon as it ends or that many seconds later.

        While it waits it holds neither a transaction nor a connection.
        """
        desk: Desk = request.app.state.desk
        clock = asyncio.get_running_loop()
        until = clock.time() + wait
        while True:
            async with desk.work(request.user, locale=request.locale) as work:
                export = await queries.read(work, export_id)
            if export.status not in ("queued", "running") or clock.time() >= until:
                return answer_by_content(request, export)
            await _pause(min(_LOOK_EVERY, max(0.0, until - clock.time())))

    @get(
        "/{export_id:uuid}/file",
        operation_id="GetExportFile",
        summary="Fetch the file",
        scope="exports:create",
        operation_class=FileOperation,
    )
    async def file(self, work: NamedDependency[Work], export_id: FromPath[UUID]) -> File:
        """Fetch the file: 409 until it is done, 410 after seven days."""
        export, path = await queries.file(work, export_id)
        if not await asyncio.to_thread(Path.is_file, path):
            raise GoneError
        return File(path, filename=path.name, media_type=MEDIA[export.format], content_disposition_type="attachment")

    @get(
        "/{export_id:uuid}/columns",
        operation_id="GetExportColumns",
        summary="Read what the columns mean",
        scope="exports:create",
    )
    async def columns(self, work: NamedDependency[Work], export_id: FromPath[UUID]) -> Dictionary:
        """Read the column dictionary of an export: name, type and meaning in Spanish, English and French."""
        return await queries.columns(work, export_id)


async def _pause(seconds: float) -> None:
    await asyncio.sleep(seconds)


controllers: list[type[Controller]] = [ExportController, PetitionController, ReportController]
