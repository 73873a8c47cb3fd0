"""Routes of timelines."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from vigilancia.complaints import timeline_queries
from vigilancia.complaints.schemas_timeline import Entry
from vigilancia.core.paging import DEFAULT_LIMIT, MAX_LIMIT, Listing, Page
from vigilancia.core.work import Work


class TimelineController(Controller):
    """All that happened to a case, in order."""

    path = "/complaints/{complaint_id:uuid}/timeline"
    tags = ("Timeline",)

    @get(operation_id="ListTimeline", summary="Read the timeline of a complaint", scope="complaints:read")
    async def list_all(
        self,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        cursor: Annotated[str | None, QueryParameter(description="`next` of the page before.", max_length=2000)] = None,
        limit: Annotated[int, QueryParameter(description="Rows on a page.", ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
        sort: Annotated[str | None, QueryParameter(description="`seq` (default, order of writing) or `-seq`.")] = None,
        type: FromQuery[str | None] = None,  # noqa: A002 - the contract's word for it
    ) -> Page[Entry]:
        """Read what happened to a case, oldest first, with who did it and the fields before and after.

        Read from the first to the last, the entries rebuild the case, but for the words of the narrative. Who gets
        alerts only sees when which steps were recorded; a public case shows its procedural entries whole.
        """
        listing = Listing(cursor=cursor, limit=limit, sort=sort, q=None, updated_since=None)
        return await timeline_queries.list_page(work, complaint_id, listing, types=type)
