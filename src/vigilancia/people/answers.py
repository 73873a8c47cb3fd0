"""What this room answers to earlier ones, which cannot import it: whether a case holds people, and whose they are.

Imported where the application is put together, so that the answers are there before the first question.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, exists, select

from vigilancia.complaints.approvals.asking import SUBJECTS
from vigilancia.complaints.consents.asked import held_things, known_people
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.work import Work
from vigilancia.people.models import PersonRow
from vigilancia.people.sight import identified


def _held(complaint_id: UUID) -> ColumnElement[bool]:
    return exists().where(PersonRow.complaint_id == complaint_id, PersonRow.removed_at.is_(None))


async def _identified(work: Work, complaint_id: UUID, person_id: UUID) -> bool:
    """Tell whether the caller could learn, with a yes, who a person of a case is."""
    query = (
        select(PersonRow.id)
        .join(ComplaintRow, ComplaintRow.id == PersonRow.complaint_id)
        .where(PersonRow.id == person_id, _of(complaint_id), identified(work))
    )
    return await work.session.scalar(query) is not None


async def _is_of(work: Work, complaint_id: UUID, person_id: UUID) -> bool:
    query = select(PersonRow.id).where(PersonRow.id == person_id, _of(complaint_id))
    return await work.session.scalar(query) is not None


def _of(complaint_id: UUID) -> ColumnElement[bool]:
    return (PersonRow.complaint_id == complaint_id) & PersonRow.removed_at.is_(None)


held_things.append(_held)
known_people.append(_is_of)
SUBJECTS["identity"] = _identified
