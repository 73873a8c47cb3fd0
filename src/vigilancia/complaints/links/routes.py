"""Routes of links."""

from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody

from vigilancia.complaints.links import queries, service
from vigilancia.complaints.links.schemas import Ending, Link, LinkIn, LinkPatch
from vigilancia.core.http import ApiRequest, answer, create_once, expected_version
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work


class LinkController(Controller):
    """The parties of a case and what each of them may see of it."""

    path = "/complaints/{complaint_id:uuid}/links"
    tags = ("Links",)

    @get(
        operation_id="ListLinks",
        summary="List the links of a complaint",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        complaint_id: FromPath[UUID],
        role: FromQuery[str | None] = None,
        organization_id: FromQuery[str | None] = None,
        access: FromQuery[str | None] = None,
    ) -> Page[Link]:
        """List the parties: all for who reads the case, your own for you, those publicly known in a public case.

        Sort by `id`.
        """
        return await queries.list_page(
            work, complaint_id, listing, role=role, organization_id=organization_id, access=access
        )

    @post(operation_id="RecordLink", summary="Link an organisation", scope="complaints:write", status_code=201)
    async def record(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        data: JSONBody[LinkIn],
    ) -> Response[Link]:
        """Link an organisation in one role; `alerts` counts at once, `read` and `write` once it accepts."""
        return await create_once(
            request,
            work,
            lambda: service.record(work, complaint_id, data),
            lambda made: queries.read(work, complaint_id, made),
        )

    @get("/{link_id:uuid}", operation_id="GetLink", summary="Read a link", scope="complaints:read")
    async def read(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        link_id: FromPath[UUID],
    ) -> Response[Link]:
        """Read one link; your own also before you see the complaint."""
        return answer(request, await queries.read(work, complaint_id, link_id))

    @patch("/{link_id:uuid}", operation_id="ChangeLink", summary="Change a link", scope="complaints:write")
    async def change(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        link_id: FromPath[UUID],
        data: JSONBody[LinkPatch],
    ) -> Response[Link]:
        """Change the fields you name; more access than was accepted wants acceptance anew."""
        await service.change(work, complaint_id, link_id, data, expected_version(request))
        return answer(request, await queries.read(work, complaint_id, link_id))

    @delete("/{link_id:uuid}", operation_id="EndLink", summary="End a link", scope="complaints:write", status_code=204)
    async def end(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        link_id: FromPath[UUID],
    ) -> None:
        """Take a link away; the timeline keeps that it stood."""
        await service.end(work, complaint_id, link_id, expected_version(request))

    @post(
        "/{link_id:uuid}/accept",
        operation_id="AcceptLink",
        summary="Accept what a link offers",
        scope="complaints:write",
        status_code=200,
    )
    async def accept(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        link_id: FromPath[UUID],
    ) -> Response[Link]:
        """Accept `read` or `write` for your organisation; accepting again changes nothing."""
        await service.accept(work, complaint_id, link_id)
        return answer(request, await queries.read(work, complaint_id, link_id))

    @post(
        "/{link_id:uuid}/reject",
        operation_id="RejectLink",
        summary="Reject what a link offers",
        scope="complaints:write",
        status_code=200,
    )
    async def reject(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        link_id: FromPath[UUID],
        data: JSONBody[Ending],
    ) -> Response[Link]:
        """Turn an offer down for your organisation; the owner reads why, and may offer anew by naming `access`."""
        await service.reject(work, complaint_id, link_id, data)
        return answer(request, await queries.read(work, complaint_id, link_id))

    @post(
        "/{link_id:uuid}/revoke",
        operation_id="RevokeLink",
        summary="Revoke what a link gives",
        scope="complaints:write",
        status_code=200,
    )
    async def revoke(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        link_id: FromPath[UUID],
        data: JSONBody[Ending],
    ) -> Response[Link]:
        """End a party's access at once and keep the link; `complaints/{id}/links/{id}` by DELETE takes it away."""
        await service.revoke(work, complaint_id, link_id, data)
        return answer(request, await queries.read(work, complaint_id, link_id))
