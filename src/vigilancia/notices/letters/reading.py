"""Reading a letter by its kind."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from sqlalchemy import select

from vigilancia.core.work import Work
from vigilancia.notices.letters import alarm, assignment, deadline, task
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.letters.told import Told
from vigilancia.notices.models import NoticeRow

_READERS: Mapping[str, Callable[[Work, UUID], Awaitable[Letter | None]]] = {
    "alarm": alarm.read,
    "assignment": assignment.read,
    "deadline": deadline.read,
    "task": task.read,
}
_OF_RUNS: Mapping[str, Callable[[Work, UUID], Awaitable[Told | None]]] = {
    "deadline": deadline.told,
    "task": task.told,
}


async def read(work: Work, notice_id: UUID) -> Letter | None:
    """Return a notice as it would be sent this moment; none when there is no such notice."""
    kind = await _kind(work, notice_id)
    return None if kind is None else await _READERS[kind](work, notice_id)


async def told(work: Work, notice_id: UUID) -> Told | None:
    """Return what the page of a notice of a rung shows; none when there is no such notice, or it is of no rung."""
    kind = await _kind(work, notice_id)
    reader = _OF_RUNS.get(kind or "")
    return None if reader is None else await reader(work, notice_id)


async def _kind(work: Work, notice_id: UUID) -> str | None:
    kind: str | None = await work.session.scalar(select(NoticeRow.kind).where(NoticeRow.id == notice_id))
    return kind
