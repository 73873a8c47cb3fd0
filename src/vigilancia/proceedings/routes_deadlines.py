"""Addresses of deadlines and mechanisms."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from vigilancia.core.http import ApiRequest, answer_by_content
from vigilancia.core.paging import (
    DEFAULT_LIMIT,
    Cursor,
    Limit,
    Listing,
    Page,
    provide_wordless_listing,
    slice_page,
)
from vigilancia.core.work import Work
from vigilancia.law.mechanism import Mechanism
from vigilancia.proceedings import mechanisms
from vigilancia.proceedings import queries_deadlines as queries
from vigilancia.proceedings.schemas_deadlines import (
    Deadline,
    DeadlineFilters,
    DeadlineRevision,
    MechanismSummary,
    Preview,
    PreviewIn,
)

_Filter = Annotated[str | None, QueryParameter(description="One value, or several with commas.", max_length=2000)]
_Yes = Annotated[bool | None, QueryParameter(description="`true`: only days set in place of computed ones.")]
_Day = Annotated[date | None, QueryParameter(description="YYYY-MM-DD; that day itself is left out.")]


async def provide_filters(  # noqa: PLR0913, PLR0917 - one for each filter
    proceeding_id: _Filter = None,
    complaint_id: _Filter = None,
    status: _Filter = None,
    mechanism: _Filter = None,
    rule: _Filter = None,
    actor: _Filter = None,
    nature: _Filter = None,
    confidence: _Filter = None,
    overridden: _Yes = None,
    due_on_before: _Day = None,
    due_on_after: _Day = None,
) -> DeadlineFilters:
    """Gather what a list of deadlines may be narrowed by."""
    return DeadlineFilters(
        proceeding_id=proceeding_id,
        complaint_id=complaint_id,
        status=status,
        mechanism=mechanism,
        rule=rule,
        actor=actor,
        nature=nature,
        confidence=confidence,
        overridden=overridden,
        due_on_before=due_on_before,
        due_on_after=due_on_after,
    )


class DeadlineController(Controller):
    """What is due, met or missed."""

    path = "/deadlines"
    tags = ("Deadlines",)

    @get(
        operation_id="ListDeadlines",
        summary="List deadlines",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing), "filters": Provide(provide_filters)},
    )
    async def listed(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        filters: NamedDependency[DeadlineFilters],
    ) -> Page[Deadline]:
        """List the deadlines of every case the caller may see, the next one due first."""
        return await queries.listed(work, listing, filters)

    @get("/{deadline_id:uuid}", operation_id="GetDeadline", summary="Read a deadline", scope="complaints:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], deadline_id: FromPath[UUID]
    ) -> Response[Deadline]:
        """Read a deadline with its computation, its sources, and how sure it is."""
        return answer_by_content(request, await queries.read(work, deadline_id))

    @get(
        "/{deadline_id:uuid}/revisions",
        operation_id="ListDeadlineRevisions",
        summary="List what a deadline was before",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def revisions(
        self, work: NamedDependency[Work], listing: NamedDependency[Listing], deadline_id: FromPath[UUID]
    ) -> Page[DeadlineRevision]:
        """List the earlier states of a deadline, the newest first."""
        return await queries.revisions(work, deadline_id, listing)


class MechanismController(Controller):
    """The rules as published."""

    path = "/mechanisms"
    tags = ("Mechanisms",)

    @get(operation_id="ListMechanisms", summary="List the mechanisms", scope="complaints:read")
    async def listed(
        self, work: NamedDependency[Work], cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
    ) -> Page[MechanismSummary]:
        """List the mechanisms whose rules are known here, by id."""
        return slice_page(mechanisms.listed(work), cursor, limit, key=lambda mechanism: mechanism.id)

    @get("/{mechanism_id:str}", operation_id="GetMechanism", summary="Read a mechanism", scope="complaints:read")
    async def read(self, request: ApiRequest, mechanism_id: FromPath[str]) -> Response[Mechanism]:
        """Read the rules: versions, events, stages, calendars, sources, and how sure each element is."""
        return answer_by_content(request, mechanisms.read(mechanism_id))

    @post(
        "/{mechanism_id:str}/preview",
        operation_id="PreviewDeadlines",
        summary="Ask what if",
        scope="complaints:read",
        status_code=200,
    )
    async def preview(
        self, work: NamedDependency[Work], mechanism_id: FromPath[str], data: JSONBody[PreviewIn]
    ) -> Preview:
        """Compute what supposed events would amount to; closures recorded here count. Writes nothing."""
        return await mechanisms.preview(work, mechanism_id, data)
