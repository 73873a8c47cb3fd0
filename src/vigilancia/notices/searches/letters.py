"""What a message about a search says: how many cases, their numbers, and where to read them. Nothing else.

Neither the search's name nor its filter stand in it: both are words that somebody chose, and may tell of a person.
"""

from uuid import UUID

from msgspec import Struct

from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.notices.searches.figures import figures
from vigilancia.notices.searches.untold import Tidings


class Letter(Struct, frozen=True, kw_only=True):
    """A message in one language, before it takes the form of its channel.

    Attributes:
        subject: One line.
        greeting: What it is about.
        references: Numbers of cases, as many as are named.
        more: How many are not named, as a sentence; none: all are.
        action: What the link is for.
        link: Where the cases are read, with a token.
        footer: What it holds and does not hold.
    """

    locale: Locale
    subject: str
    greeting: str
    references: list[str]
    more: str | None
    action: str
    link: str
    footer: str


def compose(tidings: Tidings, locale: Locale, base_url: str) -> Letter:
    """Write a message.

    Args:
        tidings: What is told, as asked at this moment.
        locale: Of the recipient.
        base_url: The installation's address.
    """
    count, most = len(tidings.references), figures().most_references
    rest = count - most
    return Letter(
        locale=locale,
        subject=i18n.t("searches.subject", locale, count=count),
        greeting=i18n.t("searches.greeting", locale, count=count),
        references=tidings.references[:most],
        more=i18n.t("searches.more", locale, count=rest) if rest > 0 else None,
        action=i18n.t("searches.action", locale),
        link=link(tidings.search_id, base_url),
        footer=i18n.t("searches.footer", locale),
    )


def link(search_id: UUID, base_url: str) -> str:
    """Return the address at which what a search found is read."""
    return f"{base_url}/v1/saved-searches/{search_id}/matches"
