"""Routes of people."""

from typing import TypeVar
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from vigilancia.core.http import ApiRequest, answer, create_once, expected_version
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work
from vigilancia.people import identity, lookup, queries, service
from vigilancia.people.schemas import (
    FoundPeople,
    Identity,
    IdentityRequest,
    Person,
    PersonIn,
    PersonLookup,
    PersonPatch,
    Reason,
)

T = TypeVar("T")


class PersonController(Controller):
    """The workers and witnesses of a case, by pseudonyms."""

    path = "/complaints/{complaint_id:uuid}/people"
    tags = ("People",)

    @get(
        operation_id="ListPeople",
        summary="List the people of a complaint",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_all(
        self, work: NamedDependency[Work], listing: NamedDependency[Listing], complaint_id: FromPath[UUID]
    ) -> Page[Person]:
        """List people by pseudonym, for those who may record in the case; for others there is no such address.

        Sort by `created_at` (default), `id`, `updated_at`.
        """
        return await queries.of_complaint(work, complaint_id, listing)

    @post(operation_id="RecordPerson", summary="Record a person", scope="people:write", status_code=201)
    async def record(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID], data: JSONBody[PersonIn]
    ) -> Response[Person]:
        """Record a worker, a witness or who stands by them. The words are sealed, and the answer is without them."""
        return await create_once(
            request,
            work,
            lambda: service.record(work, complaint_id, data),
            lambda made: queries.read(work, complaint_id, made),
        )

    @get("/{person_id:uuid}", operation_id="GetPerson", summary="Read a person", scope="complaints:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID], person_id: FromPath[UUID]
    ) -> Response[Person]:
        """Read one person, without name and words."""
        return answer(request, await queries.read(work, complaint_id, person_id), variant=work.locale, varies=True)

    @patch("/{person_id:uuid}", operation_id="ChangePerson", summary="Change a person", scope="people:write")
    async def change(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        person_id: FromPath[UUID],
        data: JSONBody[PersonPatch],
    ) -> Response[Person]:
        """Change the fields you name; the words only where you may read them, `shared_with` only as the owner."""
        await service.change(work, complaint_id, person_id, data, expected_version(request))
        return answer(request, await queries.read(work, complaint_id, person_id), variant=work.locale, varies=True)

    @delete(
        "/{person_id:uuid}",
        operation_id="RemovePerson",
        summary="Remove a person",
        scope="people:write",
        status_code=204,
    )
    async def remove(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID], person_id: FromPath[UUID]
    ) -> None:
        """Remove a person and every word about them at once; it cannot be undone."""
        await service.remove(work, complaint_id, person_id, expected_version(request))

    @post(
        "/{person_id:uuid}/identity",
        operation_id="ReadIdentity",
        summary="Read who somebody is",
        scope="people:read",
        status_code=200,
    )
    async def read_identity(
        self,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        person_id: FromPath[UUID],
        data: JSONBody[Reason],
    ) -> Response[Identity]:
        """Read name, contact and remarks, with a reason that is kept. Each reading counts; none is repeated by a key.

        Where the owner wants a second person, 403 `approval-required` says so: ask for a yes first; it serves once.
        """
        return _uncached(await identity.read(work, complaint_id, person_id, data.reason))

    @post(
        "/{person_id:uuid}/identity-requests",
        operation_id="AskForIdentity",
        summary="Ask to read who somebody is",
        scope="people:read",
        status_code=201,
    )
    async def ask(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        person_id: FromPath[UUID],
        data: JSONBody[Reason],
    ) -> Response[IdentityRequest]:
        """Ask for another person's yes. Somebody else of the owner's staff decides; the yes is yours, and serves once.

        Two tokens of one holder are one person.
        """
        return await create_once(
            request,
            work,
            lambda: identity.ask(work, complaint_id, person_id, data.reason),
            lambda made: identity.read_request(work, complaint_id, made),
        )


class LookupController(Controller):
    """Finding somebody's cases."""

    path = "/people:lookup"
    tags = ("People",)

    @post(operation_id="LookUpPerson", summary="Find somebody's cases", scope="people:read", status_code=200)
    async def look_up(self, work: NamedDependency[Work], data: JSONBody[PersonLookup]) -> Response[FoundPeople]:
        """Find, by an exact name or a way to reach somebody, the cases in which you may read who it is.

        Give one of the two, and a reason, which the audit keeps. Names are sent in the body, for addresses are logged.
        """
        return _uncached(await lookup.look_up(work, data))


def _uncached(found: T) -> Response[T]:
    return Response(found, status_code=200, headers={"Cache-Control": "no-store"})


controllers: list[type[Controller]] = [PersonController, LookupController]
