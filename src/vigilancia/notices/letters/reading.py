"""Reading a letter by its kind."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from sqlalchemy import select

from vigilancia.core.work import Work
from vigilancia.notices.letters import deadline
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.models import NoticeRow
from vigilancia.notices.searches import letters as search

_READERS: Mapping[str, Callable[[Work, UUID], Awaitable[Letter | None]]] = {
    "deadline": deadline.read,
    "search": search.read,
}


async def read(work: Work, notice_id: UUID) -> Letter | None:
    """Return a notice as it would be sent this moment; none when there is no such notice."""
    kind = await work.session.scalar(select(NoticeRow.kind).where(NoticeRow.id == notice_id))
    return None if kind is None else await _READERS[kind](work, notice_id)
