"""What a no ends at once: links whose access rests on the consent, and the publication of the case."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update

from vigilancia.complaints.consents.answers import Answer
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.complaints.timeline import note
from vigilancia.core.tickets import errand
from vigilancia.core.work import Work

COUNSEL = "counsel"  # the role, and the purpose


async def stop(work: Work, complaint_id: UUID, answered: Collection[Answer]) -> bool:
    """End what answers that became a no allowed; the case is locked.

    Args:
        work: The transaction.
        complaint_id: The case.
        answered: The answers, each once for its purpose and receiver.

    Returns:
        Whether anything ended.
    """
    ended = False
    for purpose, receiver_id in dict.fromkeys((each.purpose, each.receiver_id) for each in answered):
        if purpose == "publish":
            ended = await _take_back(work, complaint_id) or ended
        elif purpose in ("share", COUNSEL) and receiver_id is not None:
            standing = [*_rests_on(complaint_id, purpose, receiver_id), _later_than(work.now)]
            ended = await _end_links(work, complaint_id, standing, work.now) or ended
    return ended


async def tighten(work: Work, complaint_id: UUID, purpose: str, receiver_id: UUID, ends_at: datetime) -> None:
    """End no later than their consent the links that rest on one; those given without keep their own end."""
    loose = [
        *_rests_on(complaint_id, purpose, receiver_id),
        _later_than(ends_at),
        LinkRow.consent_overridden_at.is_(None),
    ]
    await _end_links(work, complaint_id, loose, ends_at)


def _rests_on(complaint_id: UUID, purpose: str, receiver_id: UUID) -> list[ColumnElement[bool]]:
    return [
        LinkRow.complaint_id == complaint_id,
        LinkRow.organization_id == receiver_id,
        LinkRow.role == COUNSEL if purpose == COUNSEL else LinkRow.role != COUNSEL,
        LinkRow.access != "none",
    ]


def _later_than(instant: datetime) -> ColumnElement[bool]:
    return or_(LinkRow.expires_at.is_(None), LinkRow.expires_at > instant)


async def _end_links(
    work: Work, complaint_id: UUID, conditions: Collection[ColumnElement[bool]], ends_at: datetime
) -> bool:
    query = select(LinkRow.id, LinkRow.expires_at).where(*conditions).order_by(LinkRow.id).with_for_update()
    links = (await work.session.execute(query)).all()
    for link in links:
        async with errand(work.session):  # a withdrawal ends links whoever of those who record in the case takes it
            await work.session.execute(
                update(LinkRow)
                .where(LinkRow.id == link.id)
                .values(expires_at=ends_at, version=LinkRow.version + 1, updated_at=work.now)
                .execution_options(synchronize_session=False)
            )
        before, after = {"expires_at": link.expires_at}, {"expires_at": ends_at}
        await note(work, complaint_id, "link_changed", subject_id=link.id, before=before, after=after)
    return bool(links)


async def _take_back(work: Work, complaint_id: UUID) -> bool:
    changed: dict[str, Any] = {"confidentiality": "restricted", "updated_at": work.now}
    async with errand(work.session):
        taken = await work.session.scalar(
            update(ComplaintRow)
            .where(ComplaintRow.id == complaint_id, ComplaintRow.confidentiality == "public")
            .values(**changed, version=ComplaintRow.version + 1)
            .returning(ComplaintRow.id)
            .execution_options(synchronize_session=False)
        )
    if taken is None:
        return False
    before, after = {"confidentiality": "public"}, {"confidentiality": "restricted"}
    await note(work, complaint_id, "complaint_changed", before=before, after=after)
    return True
