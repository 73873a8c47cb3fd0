"""Reading a letter by its kind."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

import msgspec
from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from vigilancia.core.work import Work
from vigilancia.notices.letters import alarm, assignment, calm, confirm, deadline, digest, privacy, task
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.letters.told import Told
from vigilancia.notices.models import ACKNOWLEDGED, NoticeRow
from vigilancia.notices.searches import letters as search
from vigilancia.notices.webhooks import letters as webhooks

_READERS: Mapping[str, Callable[[Work, UUID], Awaitable[Letter | None]]] = {
    "alarm": alarm.read,
    "assignment": assignment.read,
    "calm": calm.read,
    "confirm": confirm.read,
    "deadline": deadline.read,
    "endpoint": webhooks.read,
    "privacy": privacy.read,
    "search": search.read,
    "task": task.read,
}
_OF_RUNS: Mapping[str, Callable[[Work, UUID], Awaitable[Told | None]]] = {
    "deadline": deadline.told,
    "task": task.told,
}


async def read(work: Work, notice_id: UUID) -> Letter | None:
    """Return a notice as it would be sent this moment; none when there is no such notice.

    Whatever its kind, it is not sent where its recipient acknowledged while it was in flight, nor where a newer rung
    of the same run has spoken to the same contact meanwhile: people are told the newest state, once.
    """
    newer = aliased(NoticeRow)
    overtaken = exists().where(
        newer.run_id == NoticeRow.run_id,
        newer.organization_id == NoticeRow.organization_id,
        newer.contact_id == NoticeRow.contact_id,
        newer.due_at > NoticeRow.due_at,
        newer.status != "suppressed",
    )
    query = select(
        NoticeRow.kind,
        NoticeRow.complaint_id,
        NoticeRow.deadline_id,
        NoticeRow.rung,
        NoticeRow.reason,
        NoticeRow.ended_at,
        overtaken.label("overtaken"),
    ).where(NoticeRow.id == notice_id)
    row = (await work.session.execute(query)).one_or_none()
    letter = await _of_kind(work, row.kind, notice_id) if row is not None else None
    if row is None or letter is None:
        return None
    obstacle = letter.obstacle
    if row.ended_at is None and row.reason == ACKNOWLEDGED:
        obstacle = ACKNOWLEDGED
    elif obstacle in (None, "no_address") and row.overtaken:
        obstacle = "overtaken"
    return msgspec.structs.replace(
        letter, obstacle=obstacle, complaint_id=row.complaint_id, deadline_id=row.deadline_id, rung=row.rung
    )


async def _of_kind(work: Work, kind: str, notice_id: UUID) -> Letter | None:
    return await digest.read(work, notice_id, read) if kind == "digest" else await _READERS[kind](work, notice_id)


async def told(work: Work, notice_id: UUID) -> Told | None:
    """Return what the page of a notice of a rung shows; none when there is no such notice, or it is of no rung."""
    kind = await work.session.scalar(select(NoticeRow.kind).where(NoticeRow.id == notice_id))
    reader = _OF_RUNS.get(kind or "")
    return None if reader is None else await reader(work, notice_id)
