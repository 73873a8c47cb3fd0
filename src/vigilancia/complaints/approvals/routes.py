"""Routes of approvals."""

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody

from vigilancia.complaints.approvals import asking, queries
from vigilancia.complaints.approvals.schemas import Approval, ApprovalIn
from vigilancia.core.http import ApiRequest, answer, create_once
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work


class ApprovalController(Controller):
    """What one person asks for and another decides on."""

    path = "/approvals"
    tags = ("Approvals",)

    @get(
        operation_id="ListApprovals",
        summary="List requests for a second person's yes",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        status: FromQuery[str | None] = None,
        kind: FromQuery[str | None] = None,
        complaint_id: FromQuery[str | None] = None,
    ) -> Page[Approval]:
        """List what people ask your organisation for, and what you asked yourself. Sort by `id` (newest first)."""
        return await queries.list_page(work, listing, status=status, kind=kind, complaint_id=complaint_id)

    @post(
        operation_id="AskApproval", summary="Ask for a second person's yes", scope="complaints:write", status_code=201
    )
    async def ask(
        self, request: ApiRequest, work: NamedDependency[Work], data: JSONBody[ApprovalIn]
    ) -> Response[Approval]:
        """Ask, with a reason; another person of the case's owner decides within seven days.

        A yes serves you alone, once, for seven days.
        """
        return await create_once(
            request, work, lambda: asking.ask_for(work, data), lambda made: queries.read(work, made)
        )

    @get("/{approval_id:uuid}", operation_id="GetApproval", summary="Read a request", scope="complaints:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], approval_id: FromPath[UUID]
    ) -> Response[Approval]:
        """Read one request, and why it was made."""
        return answer(request, await queries.read(work, approval_id))

    @post(
        "/{approval_id:uuid}/grant",
        operation_id="GrantApproval",
        summary="Say yes",
        scope="approvals:decide",
        status_code=200,
    )
    async def grant(
        self, request: ApiRequest, work: NamedDependency[Work], approval_id: FromPath[UUID]
    ) -> Response[Approval]:
        """Say yes to what another person asked; to one's own request nobody can, by whichever token."""
        await asking.decide(work, approval_id, yes=True)
        return answer(request, await queries.read(work, approval_id))

    @post(
        "/{approval_id:uuid}/refuse",
        operation_id="RefuseApproval",
        summary="Say no",
        scope="approvals:decide",
        status_code=200,
    )
    async def refuse(
        self, request: ApiRequest, work: NamedDependency[Work], approval_id: FromPath[UUID]
    ) -> Response[Approval]:
        """Say no to what another person asked."""
        await asking.decide(work, approval_id, yes=False)
        return answer(request, await queries.read(work, approval_id))
