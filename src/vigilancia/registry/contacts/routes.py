"""Routes of contacts: listed and recorded under their organisation, changed by their own address."""

from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody

from vigilancia.core.http import ApiRequest, answer, create_once, expected_version
from vigilancia.core.paging import Listing, Page, provide_listing
from vigilancia.core.work import Work
from vigilancia.registry.contacts import queries, service
from vigilancia.registry.contacts.schemas import Contact, ContactIn, ContactPatch


class OrganizationContactController(Controller):
    """Who can be reached at an organisation."""

    path = "/organizations/{organization_id:uuid}/contacts"
    tags = ("Contacts",)

    @get(
        operation_id="ListContacts",
        summary="List the contacts of an organisation",
        scope="registry:read",
        dependencies={"listing": Provide(provide_listing)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        organization_id: FromPath[UUID],
        desk: FromQuery[bool | None] = None,
    ) -> Page[Contact]:
        """List the contacts you may see; analysts see desks, not persons.

        Sort by `id` (default, the order of recording), `name`, `created_at`, `updated_at`.
        """
        return await queries.page(work, listing, organization_id, desk=desk)

    @post(operation_id="RecordContact", summary="Record a contact", scope="registry:write", status_code=201)
    async def record(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        organization_id: FromPath[UUID],
        data: JSONBody[ContactIn],
    ) -> Response[Contact]:
        """Record a person or desk that can be reached, as your own record; the organisation need not use the system."""
        return await create_once(
            request,
            work,
            lambda: service.record(work, organization_id, data),
            lambda made: queries.read(work, made),
        )


class ContactController(Controller):
    """One person or desk that can be reached."""

    path = "/contacts"
    tags = ("Contacts",)

    @get("/{contact_id:uuid}", operation_id="GetContact", summary="Read a contact", scope="registry:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], contact_id: FromPath[UUID]
    ) -> Response[Contact]:
        """Read one contact."""
        return answer(request, await queries.read(work, contact_id))

    @patch("/{contact_id:uuid}", operation_id="ChangeContact", summary="Change a contact", scope="registry:write")
    async def change(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        contact_id: FromPath[UUID],
        data: JSONBody[ContactPatch],
    ) -> Response[Contact]:
        """Change the fields you name; lists are replaced whole. Its keeper may, and the organisation it belongs to."""
        await service.change(work, contact_id, data, expected_version(request))
        return answer(request, await queries.read(work, contact_id))

    @delete(
        "/{contact_id:uuid}",
        operation_id="DeleteContact",
        summary="Delete a contact",
        scope="registry:write",
        status_code=204,
    )
    async def remove(self, request: ApiRequest, work: NamedDependency[Work], contact_id: FromPath[UUID]) -> None:
        """Delete a contact that nothing refers to; otherwise 409, which does not say what does."""
        await service.delete_unused(work, contact_id, expected_version(request))
