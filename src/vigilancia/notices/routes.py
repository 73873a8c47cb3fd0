"""Routes of the ledger."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from vigilancia.core.http import ApiRequest, answer_by_content
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work
from vigilancia.notices import queries
from vigilancia.notices.schemas import Notice

_Filter = Annotated[str | None, QueryParameter(description="One value, or several with commas.", max_length=2000)]


async def provide_filters(
    complaint_id: _Filter = None,
    deadline_id: _Filter = None,
    kind: _Filter = None,
    status: _Filter = None,
    channel: _Filter = None,
    organization_id: _Filter = None,
    contact_id: _Filter = None,
    rung: _Filter = None,
) -> dict[str, str | None]:
    """Gather what the ledger may be narrowed by."""
    return {
        "complaint_id": complaint_id,
        "deadline_id": deadline_id,
        "kind": kind,
        "status": status,
        "channel": channel,
        "organization_id": organization_id,
        "contact_id": contact_id,
        "rung": rung,
    }


class NoticeController(Controller):
    """Who was told what, when, and what became of it."""

    path = "/notices"
    tags = ("Notices",)

    @get(
        operation_id="ListNotices",
        summary="List notices",
        scope="notices:read",
        dependencies={"listing": Provide(provide_wordless_listing), "filters": Provide(provide_filters)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        filters: NamedDependency[dict[str, str | None]],
    ) -> Page[Notice]:
        """List the notices of your own cases, and those to your own organisation, newest first.

        Sort by `id` (the moment it was planned), `planned_at`, `due_at`, `updated_at`.
        """
        return await queries.find(work, listing, filters)

    @get("/{notice_id:uuid}", operation_id="GetNotice", summary="Read a notice", scope="notices:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], notice_id: FromPath[UUID]
    ) -> Response[Notice]:
        """Read a notice with every attempt to deliver it; addresses are masked."""
        return answer_by_content(request, await queries.read(work, notice_id))


controllers: list[type[Controller]] = [NoticeController]
