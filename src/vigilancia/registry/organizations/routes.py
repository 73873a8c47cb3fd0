"""Routes of organisations."""

from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody

from vigilancia.core.http import ApiRequest, answer, create_once, expected_version
from vigilancia.core.paging import Listing, Page, provide_listing
from vigilancia.core.work import Work
from vigilancia.registry.likeness import Similar
from vigilancia.registry.organizations import queries, service
from vigilancia.registry.organizations.schemas import Organization, OrganizationIn, OrganizationPatch


class OrganizationController(Controller):
    """Parties: unions, worker centres, companies, government bodies."""

    path = "/organizations"
    tags = ("Organizations",)

    @get(
        operation_id="ListOrganizations",
        summary="List organisations",
        scope="registry:read",
        dependencies={"listing": Provide(provide_listing)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        kind: FromQuery[str | None] = None,
        country: FromQuery[str | None] = None,
        parent_id: FromQuery[str | None] = None,
        identifier: FromQuery[str | None] = None,
        visibility: FromQuery[str | None] = None,
        similar: Similar = None,
    ) -> Page[Organization]:
        """List the organisations you may see; `identifier=rfc:GODE561231GR8` finds by a number, in any spelling.

        `q` looks in name and aliases and overlooks accents and legal forms such as `S.A. de C.V.`.
        `similar=Sindicato Libre del Nrote` finds names that look or sound alike, each item with `similarity`.
        Sort by `id` (default, the order of recording), `name`, `kind`, `country`, `created_at`, `updated_at`.
        """
        wanted = queries.OrganizationFilter(
            kind=kind,
            country=country,
            parent_id=parent_id,
            identifier=identifier,
            visibility=visibility,
            similar=similar,
        )
        return await queries.page(work, listing, wanted)

    @post(operation_id="RecordOrganization", summary="Record an organisation", scope="registry:write", status_code=201)
    async def record(
        self, request: ApiRequest, work: NamedDependency[Work], data: JSONBody[OrganizationIn]
    ) -> Response[Organization]:
        """Record an organisation as your own record, `linked` unless you say otherwise."""
        return await create_once(
            request, work, lambda: service.record(work, data), lambda made: queries.read(work, made)
        )

    @get(
        "/{organization_id:uuid}", operation_id="GetOrganization", summary="Read an organisation", scope="registry:read"
    )
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], organization_id: FromPath[UUID]
    ) -> Response[Organization]:
        """Read one organisation."""
        return answer(request, await queries.read(work, organization_id))

    @patch(
        "/{organization_id:uuid}",
        operation_id="ChangeOrganization",
        summary="Change an organisation",
        scope="registry:write",
    )
    async def change(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        organization_id: FromPath[UUID],
        data: JSONBody[OrganizationPatch],
    ) -> Response[Organization]:
        """Change the fields you name; lists are replaced whole. Its keeper may, and the organisation itself."""
        await service.change(work, organization_id, data, expected_version(request))
        return answer(request, await queries.read(work, organization_id))

    @delete(
        "/{organization_id:uuid}",
        operation_id="DeleteOrganization",
        summary="Delete an organisation",
        scope="registry:write",
        status_code=204,
    )
    async def remove(self, request: ApiRequest, work: NamedDependency[Work], organization_id: FromPath[UUID]) -> None:
        """Delete an organisation that nothing refers to; otherwise 409, which does not say what does."""
        await service.delete_unused(work, organization_id, expected_version(request))
