"""What of a letter about a rung its page needs: the same content as it is now, and whether there is anything to ask."""

from collections.abc import Callable
from uuid import UUID

from msgspec import Struct

from vigilancia.core.settings import Locale
from vigilancia.notices.content import Content


class Told(Struct, frozen=True, kw_only=True):
    """A notice of a run's rung, as its page shows it.

    Attributes:
        run_id: Of the ladder.
        organization_id: Whose contact the notice spoke to.
        contact_id: To whom.
        locale: Of the recipient.
        zone: Of the recipient.
        entitled: Whether the recipient may still be told.
        moved: Whether the day is another than the one the notice was planned for.
        ended: Why nothing is to be done any more, `met` or `void`; none: something is.
        words: Where the page's own texts stand in the catalogues.
        compose: Writes the content in a language.
    """

    run_id: UUID
    organization_id: UUID
    contact_id: UUID
    locale: Locale
    zone: str
    entitled: bool
    moved: bool
    ended: str | None
    words: str
    compose: Callable[[Locale], Content]
