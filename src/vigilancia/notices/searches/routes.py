"""Routes of saved searches."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from vigilancia.core.http import ApiRequest, answer, create_once, expected_version
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work
from vigilancia.notices.searches import queries, service
from vigilancia.notices.searches.schemas import SavedSearch, SavedSearchIn, SavedSearchPatch, SearchMatch

_Filter = Annotated[str | None, QueryParameter(description="One value, or several with commas.", max_length=2000)]
_Flag = Annotated[bool | None, QueryParameter(description="true or false; none: both.")]


class SavedSearchController(Controller):
    """Searches that tell a contact of yours which cases newly fit."""

    path = "/saved-searches"
    tags = ("Saved searches",)

    @get(
        operation_id="ListSavedSearches",
        summary="List saved searches",
        scope="notices:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        contact_id: _Filter = None,
        active: _Flag = None,
    ) -> Page[SavedSearch]:
        """List the searches your organisation keeps. Sort by `id`, `name`, `updated_at`."""
        return await queries.find(work, listing, contact_id, active)

    @post(operation_id="KeepSavedSearch", summary="Keep a search that alerts", scope="searches:write", status_code=201)
    async def keep(
        self, request: ApiRequest, work: NamedDependency[Work], data: JSONBody[SavedSearchIn]
    ) -> Response[SavedSearch]:
        """Keep a search: a contact of your organisation is told of each case that newly fits it, once.

        The filter is that of the list of complaints, asked with what your organisation may see at that moment. Cases
        that fit already are not told. A message holds how many, and their numbers. Wants `complaints:read` too.
        """
        return await create_once(request, work, lambda: service.keep(work, data), lambda made: queries.read(work, made))

    @get("/{search_id:uuid}", operation_id="GetSavedSearch", summary="Read a saved search", scope="notices:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], search_id: FromPath[UUID]
    ) -> Response[SavedSearch]:
        """Read one search of your organisation."""
        return answer(request, await queries.read(work, search_id))

    @patch(
        "/{search_id:uuid}",
        operation_id="ChangeSavedSearch",
        summary="Change a saved search",
        scope="searches:write",
    )
    async def change(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        search_id: FromPath[UUID],
        data: JSONBody[SavedSearchPatch],
    ) -> Response[SavedSearch]:
        """Change the fields you name; a filter is replaced whole.

        With another filter, or when `active` becomes true again, the search begins anew: cases that fit at that moment
        are not told.
        """
        await service.change(work, search_id, data, expected_version(request))
        return answer(request, await queries.read(work, search_id))

    @delete(
        "/{search_id:uuid}",
        operation_id="RemoveSavedSearch",
        summary="Remove a saved search",
        scope="searches:write",
        status_code=204,
    )
    async def remove(self, request: ApiRequest, work: NamedDependency[Work], search_id: FromPath[UUID]) -> None:
        """Remove a search and the list of what it found."""
        await service.remove(work, search_id, expected_version(request))

    @get(
        "/{search_id:uuid}/matches",
        operation_id="ListSavedSearchMatches",
        summary="List what a search found",
        scope="notices:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_matches(
        self, work: NamedDependency[Work], listing: NamedDependency[Listing], search_id: FromPath[UUID]
    ) -> Page[SearchMatch]:
        """List the cases that newly fitted, as far as you see them now and they still fit.

        Sort by `matched_at` (default, newest first), `id` (of the complaint). Wants `complaints:read` too.
        """
        return await queries.matches(work, search_id, listing)


controllers: list[type[Controller]] = [SavedSearchController]
