"""What this room answers to earlier ones, which cannot import it: whether a case holds files, and whose they are.

Imported where the application is put together, so that the answers are there before the first question.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, exists

from vigilancia.complaints.approvals.asking import SUBJECTS
from vigilancia.complaints.consents.asked import held_things
from vigilancia.core.errors import NotFoundError
from vigilancia.core.work import Work
from vigilancia.evidence import access
from vigilancia.evidence.models import EvidenceRow


def _held(complaint_id: UUID) -> ColumnElement[bool]:
    return exists().where(EvidenceRow.complaint_id == complaint_id, EvidenceRow.state == "kept")


async def _is_of(work: Work, complaint_id: UUID, subject_id: UUID) -> bool:
    """Tell whether a file is one of the case that the caller may read; of a bundle the subject is the case."""
    await access.open_files(work, complaint_id)
    if subject_id == complaint_id:
        return True
    try:
        await access.find(work, complaint_id, subject_id)
    except NotFoundError:
        return False
    return True


held_things.append(_held)
SUBJECTS["unmask"] = _is_of
