"""Routes of facilities."""

from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody

from vigilancia.core.http import ApiRequest, answer, create_once, expected_version
from vigilancia.core.paging import Listing, Page, provide_listing
from vigilancia.core.work import Work
from vigilancia.registry.facilities import queries, service
from vigilancia.registry.facilities.schemas import Facility, FacilityIn, FacilityPatch
from vigilancia.registry.likeness import Similar


async def provide_filter(
    *,
    country: FromQuery[str | None] = None,
    subdivision: FromQuery[str | None] = None,
    sector: FromQuery[str | None] = None,
    company: FromQuery[str | None] = None,
    identifier: FromQuery[str | None] = None,
    visibility: FromQuery[str | None] = None,
    similar: Similar = None,
) -> queries.FacilityFilter:
    """Gather what a list of facilities may be narrowed to; used as the dependency `wanted`."""
    return queries.FacilityFilter(
        country=country,
        subdivision=subdivision,
        sector=sector,
        company=company,
        identifier=identifier,
        visibility=visibility,
        similar=similar,
    )


class FacilityController(Controller):
    """Places of work that complaints are about."""

    path = "/facilities"
    tags = ("Facilities",)

    @get(
        operation_id="ListFacilities",
        summary="List facilities",
        scope="registry:read",
        dependencies={"listing": Provide(provide_listing), "wanted": Provide(provide_filter)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        wanted: NamedDependency[queries.FacilityFilter],
    ) -> Page[Facility]:
        """List the facilities you may see; `company` and `q` overlook accents and legal forms such as `S.A. de C.V.`.

        `q` looks in name, aliases, company, parent company, municipality; `identifier=scheme:value` finds by a number.
        `similar=Panasonik` finds names, aliases and companies that look or sound alike, each item with `similarity`.
        Of small places strangers are told no municipality, see `place_precision`, and find none by it.
        Sort by `id` (default, the order of recording), `name`, `country`, `company`, `created_at`, `updated_at`.
        """
        return await queries.page(work, listing, wanted)

    @post(operation_id="RecordFacility", summary="Record a facility", scope="registry:write", status_code=201)
    async def record(
        self, request: ApiRequest, work: NamedDependency[Work], data: JSONBody[FacilityIn]
    ) -> Response[Facility]:
        """Record a place of work as your own record; name and country are enough."""
        return await create_once(
            request, work, lambda: service.record(work, data), lambda made: queries.read(work, made)
        )

    @get("/{facility_id:uuid}", operation_id="GetFacility", summary="Read a facility", scope="registry:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], facility_id: FromPath[UUID]
    ) -> Response[Facility]:
        """Read one facility."""
        return answer(request, await queries.read(work, facility_id))

    @patch("/{facility_id:uuid}", operation_id="ChangeFacility", summary="Change a facility", scope="registry:write")
    async def change(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        facility_id: FromPath[UUID],
        data: JSONBody[FacilityPatch],
    ) -> Response[Facility]:
        """Change the fields you name; lists are replaced whole."""
        await service.change(work, facility_id, data, expected_version(request))
        return answer(request, await queries.read(work, facility_id))

    @delete(
        "/{facility_id:uuid}",
        operation_id="DeleteFacility",
        summary="Delete a facility",
        scope="registry:write",
        status_code=204,
    )
    async def remove(self, request: ApiRequest, work: NamedDependency[Work], facility_id: FromPath[UUID]) -> None:
        """Delete a facility that nothing refers to; otherwise 409, which does not say what does."""
        await service.delete_unused(work, facility_id, expected_version(request))
