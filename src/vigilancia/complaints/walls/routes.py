"""Routes of walls."""

from uuid import UUID

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from vigilancia.complaints.walls import queries, service
from vigilancia.complaints.walls.schemas import Wall, WallIn
from vigilancia.core.http import ApiRequest, answer, create_once, expected_version
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work


class WallController(Controller):
    """People for whom a case does not exist."""

    path = "/complaints/{complaint_id:uuid}/walls"
    tags = ("Walls",)

    @get(
        operation_id="ListWalls",
        summary="List who is walled off a complaint",
        scope="complaints:write",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_all(
        self, work: NamedDependency[Work], listing: NamedDependency[Listing], complaint_id: FromPath[UUID]
    ) -> Page[Wall]:
        """List the walls of a case of your organisation. Sort by `id`."""
        return await queries.list_page(work, complaint_id, listing)

    @post(operation_id="RaiseWall", summary="Wall somebody off", scope="complaints:write", status_code=201)
    async def record(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID], data: JSONBody[WallIn]
    ) -> Response[Wall]:
        """Wall off a contact or a token of any organisation, your own too: for them the case does not exist.

        A contact stands for every token it holds. Nothing of the case is sent to a contact that is walled off.
        """
        return await create_once(
            request,
            work,
            lambda: service.raise_wall(work, complaint_id, data),
            lambda made: queries.read(work, complaint_id, made),
        )

    @get("/{wall_id:uuid}", operation_id="GetWall", summary="Read a wall", scope="complaints:write")
    async def read(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        wall_id: FromPath[UUID],
    ) -> Response[Wall]:
        """Read who is walled off, and why."""
        return answer(request, await queries.read(work, complaint_id, wall_id))

    @delete(
        "/{wall_id:uuid}",
        operation_id="LowerWall",
        summary="Take a wall away",
        scope="complaints:write",
        status_code=204,
    )
    async def lower(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        wall_id: FromPath[UUID],
    ) -> None:
        """Take a wall away; the timeline keeps that it stood."""
        await service.lower(work, complaint_id, wall_id, expected_version(request))
