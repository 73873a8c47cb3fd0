"""Routes of timelines."""

from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery

from vigilancia.complaints import timeline_queries
from vigilancia.complaints.schemas_timeline import Entry
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work


class TimelineController(Controller):
    """All that happened to a case, in order."""

    path = "/complaints/{complaint_id:uuid}/timeline"
    tags = ("Timeline",)

    @get(
        operation_id="ListTimeline",
        summary="Read the timeline of a complaint",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        complaint_id: FromPath[UUID],
        type: FromQuery[str | None] = None,  # noqa: A002 - the contract's word for it
    ) -> Page[Entry]:
        """Read what happened to a case, oldest first, with who did it and the fields before and after.

        Read from the first to the last, the entries rebuild the case, but for the words of narrative and summary. Who
        gets alerts only sees when which steps were recorded; a public case shows its procedural entries whole.
        Sort by `seq` (default, the order of writing) or `id`.
        """
        return await timeline_queries.list_page(work, complaint_id, listing, types=type)
