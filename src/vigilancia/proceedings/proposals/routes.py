"""Addresses of proposals: what newer rules or closures would change, and a person's word on it."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from vigilancia.core.http import ApiRequest, answer_by_content, answer_created
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work
from vigilancia.proceedings.proposals import queries
from vigilancia.proceedings.proposals import service as proposals
from vigilancia.proceedings.proposals.schemas import Acceptance, Proposal, ProposalFilters, Refusal

_Filter = Annotated[str | None, QueryParameter(description="One value, or several with commas.", max_length=2000)]


async def provide_filters(
    status: _Filter = None, complaint_id: _Filter = None, proceeding_id: _Filter = None, mechanism: _Filter = None
) -> ProposalFilters:
    """Gather what a list of proposals may be narrowed by."""
    return ProposalFilters(status=status, complaint_id=complaint_id, proceeding_id=proceeding_id, mechanism=mechanism)


class ProposalController(Controller):
    """What newer rules or closures would change in open proceedings."""

    path = "/proposals"
    tags = ("Proposals",)

    @get(
        operation_id="ListProposals",
        summary="List proposals",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing), "filters": Provide(provide_filters)},
    )
    async def listed(
        self, work: NamedDependency[Work], listing: NamedDependency[Listing], filters: NamedDependency[ProposalFilters]
    ) -> Page[Proposal]:
        """List the proposals of every case the caller may see, the newest first; `status=pending` is what waits."""
        return await queries.listed(work, listing, filters)

    @get("/{proposal_id:uuid}", operation_id="GetProposal", summary="Read a proposal", scope="complaints:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], proposal_id: FromPath[UUID]
    ) -> Response[Proposal]:
        """Read which deadlines would be added, moved or dropped, from which day to which, and why."""
        return answer_by_content(request, await queries.read(work, proposal_id))

    @post(
        "/{proposal_id:uuid}/accept",
        operation_id="AcceptProposal",
        summary="Accept a proposal",
        scope="complaints:write",
        status_code=200,
    )
    async def accept(
        self, work: NamedDependency[Work], proposal_id: FromPath[UUID], data: JSONBody[Acceptance]
    ) -> Response[Proposal]:
        """Let the deadlines follow; the days before are kept. 409 where something else would move than was shown."""
        await proposals.accept(work, proposal_id, data.reason)
        return answer_created(await queries.read(work, proposal_id), status_code=200)

    @post(
        "/{proposal_id:uuid}/decline",
        operation_id="DeclineProposal",
        summary="Decline a proposal",
        scope="complaints:write",
        status_code=200,
    )
    async def decline(
        self, work: NamedDependency[Work], proposal_id: FromPath[UUID], data: JSONBody[Refusal]
    ) -> Response[Proposal]:
        """Leave the deadlines as they are, with the reason; the same is not proposed again."""
        await proposals.decline(work, proposal_id, data.reason)
        return answer_created(await queries.read(work, proposal_id), status_code=200)
