"""Routes of assignments: who of your organisation has a run in hand."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from vigilancia.core.http import ApiRequest, create_once
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work
from vigilancia.escalation import assignments
from vigilancia.escalation.schemas_assignments import Assignment, AssignmentIn

_State = Annotated[
    str | None, QueryParameter(name="state", description="One value, or several with commas.", max_length=2000)
]


class AssignmentController(Controller):
    """Who of your organisation has a run in hand."""

    path = "/escalations/{escalation_id:uuid}"
    tags = ("Escalation",)

    @get(
        "/assignments",
        operation_id="ListAssignments",
        summary="List who was asked to take it on",
        scope="notices:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        escalation_id: FromPath[UUID],
        of_state: _State = None,
    ) -> Page[Assignment]:
        """List whom your organisation asked to take a run on, and the answers, newest first. Sort by `id`."""
        return await assignments.listed(work, escalation_id, listing, state=of_state)

    @post(
        "/assign",
        operation_id="AssignEscalation",
        summary="Ask somebody to take it on",
        scope="escalations:write",
        status_code=201,
    )
    async def assign(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        escalation_id: FromPath[UUID],
        data: JSONBody[AssignmentIn],
    ) -> Response[Assignment]:
        """Ask a contact of your organisation to take a run on; the contact gets a message and says yes or no.

        Whoever has it keeps it until then. While an offer is open no other is made (409).
        """
        return await create_once(
            request,
            work,
            lambda: assignments.offer(work, escalation_id, data),
            lambda made: assignments.read(work, escalation_id, made),
        )

    @post(
        "/assignments/{assignment_id:uuid}/accept",
        operation_id="AcceptAssignment",
        summary="Say yes for whom was asked",
        scope="escalations:write",
        status_code=200,
    )
    async def accept(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        escalation_id: FromPath[UUID],
        assignment_id: FromPath[UUID],
    ) -> Response[Assignment]:
        """Say yes on behalf of the contact; whoever had it until now is relieved. It is noted that a token said so."""
        return await self._answered(request, work, escalation_id, assignment_id, accepts=True)

    @post(
        "/assignments/{assignment_id:uuid}/decline",
        operation_id="DeclineAssignment",
        summary="Say no for whom was asked",
        scope="escalations:write",
        status_code=200,
    )
    async def decline(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        escalation_id: FromPath[UUID],
        assignment_id: FromPath[UUID],
    ) -> Response[Assignment]:
        """Say no on behalf of the contact, or take back an offer that is not answered."""
        return await self._answered(request, work, escalation_id, assignment_id, accepts=False)

    @staticmethod
    async def _answered(
        request: ApiRequest, work: Work, escalation_id: UUID, assignment_id: UUID, *, accepts: bool
    ) -> Response[Assignment]:
        return await create_once(
            request,
            work,
            lambda: assignments.answer(work, escalation_id, assignment_id, accepts=accepts),
            lambda made: assignments.read(work, escalation_id, made),
            status_code=200,
        )
