"""Routes of the code lists."""

import msgspec
from litestar import Controller, Response, get
from litestar.params import FromPath

from vigilancia.core import vocabularies
from vigilancia.core.errors import NotFoundError
from vigilancia.core.http import ApiRequest, answer_by_content
from vigilancia.core.paging import DEFAULT_LIMIT, Cursor, Limit, Page, slice_page
from vigilancia.core.vocabularies import Labels, Vocabulary


class VocabularySummary(msgspec.Struct, frozen=True, kw_only=True):
    """A code list by its name.

    Attributes:
        id: Its name in the address.
        titles: What it is called.
        size: How many codes it has.
        open: Whether other codes of the same shape are taken too.
        needs_native_check: Whether a native speaker has yet to read the French labels.
    """

    id: str
    titles: Labels
    size: int
    open: bool
    needs_native_check: bool


class VocabularyController(Controller):
    """The code lists: stable codes, labels in Spanish, English and French."""

    path = "/vocabularies"
    tags = ("Vocabularies",)

    @get(operation_id="ListVocabularies", summary="List the code lists", scope="registry:read", sync_to_thread=False)
    def list_all(self, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Page[VocabularySummary]:
        """List all code lists, by name."""
        items = [
            VocabularySummary(
                id=one.id,
                titles=one.titles,
                size=len(one.codes),
                open=one.open,
                needs_native_check=one.needs_native_check,
            )
            for one in vocabularies.load().values()
        ]
        return slice_page(items, cursor, limit, key=lambda one: one.id)

    @get(
        "/{name:str}",
        operation_id="GetVocabulary",
        summary="Read a code list",
        scope="registry:read",
        sync_to_thread=False,
    )
    def read(self, request: ApiRequest, name: FromPath[str]) -> Response[Vocabulary]:
        """Read a list with all its codes and labels; the ETag changes when the list does."""
        if name not in vocabularies.load():
            raise NotFoundError
        return answer_by_content(request, vocabularies.load()[name])


controllers: list[type[Controller]] = [VocabularyController]
