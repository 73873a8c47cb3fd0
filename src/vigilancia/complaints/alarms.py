"""Raising the alarm: somebody is being punished, or about to be.

Here only the mark is left, in the transaction that records the danger; the escalation room tells those who may act.
"""

from typing import Literal
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from vigilancia.complaints import timeline
from vigilancia.complaints.models import AlarmRow
from vigilancia.core.ids import new_id
from vigilancia.core.jobs import Job
from vigilancia.core.work import Work

Cause = Literal["acute", "dismissal"]

ACUTE = "acute"  # the level of risk that raises it
DISMISSAL = "dismissal_reported"  # the type of event that does, under every mechanism


async def raise_alarm(work: Work, complaint_id: UUID, cause: Cause, subject_id: UUID, occasion: int) -> None:
    """Leave the mark that people are in danger, and wake who tells; the same occasion leaves it once.

    Args:
        work: The transaction in which the danger is recorded.
        complaint_id: Of the case; who records in it holds its lock.
        cause: `acute`: the level of risk; `dismissal`: an event.
        subject_id: The event; of `acute` the complaint.
        occasion: Version of the complaint or event that brought it.
    """
    row = {
        "id": new_id(),
        "complaint_id": complaint_id,
        "cause": cause,
        "subject_id": subject_id,
        "occasion": occasion,
        "raised_at": work.now,
        "tell_pending": True,
    }
    left = insert(AlarmRow).values(row).on_conflict_do_nothing().returning(AlarmRow.id)
    alarm_id = await work.session.scalar(left)
    if alarm_id is None:
        return
    await timeline.note(work, complaint_id, "alarm_raised", subject_id=alarm_id, after={"cause": cause})
    work.wakes.add(Job.SWEEP)
