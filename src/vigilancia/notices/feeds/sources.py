"""Where the entries of a feed come from: one function for each kind of date.

A source is given a unit of work on behalf of the feed's organisation, and the feed; it asks access itself
(`scope.cases_of`), writes its words in the feed's language, and costs the same number of statements whatever it finds.
"""

from collections.abc import Awaitable, Callable

from vigilancia.core.work import Work
from vigilancia.notices.feeds import deadlines, tasks
from vigilancia.notices.feeds.entries import Entry
from vigilancia.notices.feeds.service import Feed

Source = Callable[[Work, Feed], Awaitable[list[Entry]]]

SOURCES: tuple[Source, ...] = (deadlines.entries, tasks.entries)


async def gather(work: Work, feed: Feed) -> list[Entry]:
    """Return all entries of a feed, in the order of their days."""
    found = [entry for source in SOURCES for entry in await source(work, feed)]
    return sorted(found, key=lambda entry: (entry.day, entry.id))
