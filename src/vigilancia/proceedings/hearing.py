"""Hearing silence: a last day that passed without the act, where the rules say that this counts as an event.

The event is a row like any other, marked with the rule it is silence on. Nobody stated it, so nobody corrects it: once
the act is recorded, or the day moves, it is taken back here. Of what was recorded only after its last day had passed,
silence proves nothing: whoever knows that nobody acted records that by hand.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from msgspec import Struct
from sqlalchemy import select, update

from vigilancia.complaints import timeline
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core import i18n
from vigilancia.core.work import Work
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Deadline, Silence
from vigilancia.proceedings.circumstances import Circumstances
from vigilancia.proceedings.following import Step
from vigilancia.proceedings.models import DeadlineRow, EventRow, ProceedingRow
from vigilancia.proceedings.revisions import keep_event
from vigilancia.proceedings.values import event_state, law_events

BATCH = 100  # proceedings in one transaction
HEARD, TAKEN_BACK = "event_deemed", "event_deemed_withdrawn"
_Key = tuple[str, UUID]  # rule, and the event that set it going


class Heard(Struct, frozen=True, kw_only=True):
    """What silence says about a proceeding.

    Attributes:
        new: Events written just now.
        over: Deadlines whose silence was heard, or proves nothing: nobody needs to listen any more.
    """

    new: list[EventRow]
    over: frozenset[_Key]

    def hush(self, step: Step) -> None:
        """Leave out of a step the instant at which to listen, where there is nothing more to hear."""
        if step.deadline is None or step.fixed.get("speaks_at") is None:
            return
        if (step.deadline.rule, UUID(step.deadline.trigger_event_id)) in self.over:
            step.fixed["speaks_at"] = None


async def listen(
    work: Work, proceeding: ProceedingRow, world: Circumstances, rows: Sequence[EventRow], triggers: Collection[UUID]
) -> Heard:
    """Write the events that silence counts as by now, and take back those it no longer does.

    Args:
        work: The transaction.
        proceeding: Locked.
        world: What it is computed from.
        rows: All of its events.
        triggers: Those that set deadlines going already.

    Raises:
        CalendarHorizonError: A count runs past what a calendar covers.
    """
    spoken = {row.id: row for row in rows if row.silence_rule is not None}
    if not spoken and not _any_speaks(world.mechanism):
        return Heard(new=[], over=frozenset())
    stated = [row for row in rows if row.silence_rule is None]
    recorded = {str(row.id): row.recorded_at for row in stated}

    def in_time(deadline: Deadline) -> bool:
        at: datetime | None = recorded.get(deadline.trigger_event_id)
        return at is None or at < deadline.closes_at

    outcome = world.run(law_events(stated, triggers), as_of=work.now, speaks=in_time)
    due = {row_id(proceeding.id, silence): silence for silence in outcome.silences}
    new = [_written(work, proceeding, id_, silence) for id_, silence in due.items() if id_ not in spoken]
    work.session.add_all(new)
    notes = [_note(HEARD, row) for row in new]
    for id_, row in spoken.items():
        notes += await _settled(work, proceeding, row, due.get(id_))
    await work.session.flush()
    await timeline.note_all(work, proceeding.complaint_id, notes)
    late = [each for each in outcome.deadlines if each.silence_counts_as is not None and not in_time(each)]
    over = [(each.rule, each.trigger_event_id) for each in outcome.silences]
    over += [(each.rule, each.trigger_event_id) for each in late]
    return Heard(new=new, over=frozenset(_key(proceeding.id, *each) for each in over))


def _any_speaks(mechanism: Mechanism) -> bool:
    return any(rule.on_expiry is not None and rule.on_expiry.emits is not None for rule in mechanism.rules.values())


def row_id(proceeding_id: UUID, silence: Silence) -> UUID:
    """Return the id of the event that one silence counts as; the same whenever it is heard."""
    return uuid5(proceeding_id, silence.event.id)


def _key(proceeding_id: UUID, rule: str, trigger: str) -> _Key:
    """Return a deadline's key; one set going by another silence is known by that silence's event."""
    return rule, uuid5(proceeding_id, trigger) if trigger.startswith("deemed:") else UUID(trigger)


def _written(work: Work, proceeding: ProceedingRow, id_: UUID, silence: Silence) -> EventRow:
    return EventRow(
        id=id_,
        proceeding_id=proceeding.id,
        type=silence.event.type,
        on=silence.event.on,
        kind="deemed",
        due_on=None,
        rule=None,
        stated_by=None,
        note=None,
        words=None,
        sources=[],
        recorded_at=work.now,
        updated_at=work.now,
        withdrawn_at=None,
        version=1,
        silence_rule=silence.rule,
    )


async def _settled(
    work: Work, proceeding: ProceedingRow, row: EventRow, silence: Silence | None
) -> list[timeline.Note]:
    """Bring one event in line with what silence says now, keeping what it said; the notes of what changed."""
    stands = row.withdrawn_at is None
    if silence is None and not stands:
        return []
    if silence is not None and stands and (row.type, row.on) == (silence.event.type, silence.event.on):
        return []
    reason = i18n.t(
        "proceedings.silence.over" if silence is None else "proceedings.silence.again", work.settings.locale
    )
    await keep_event(work, proceeding.complaint_id, row, event_state(row), reason, by=None)
    if silence is None:
        row.withdrawn_at = work.now
        return [_note(TAKEN_BACK, row)]
    row.type, row.on, row.withdrawn_at = silence.event.type, silence.event.on, None
    return [_note(HEARD, row)]


def _note(type_: str, row: EventRow) -> timeline.Note:
    told: dict[str, Any] = {
        "proceeding_id": row.proceeding_id,
        "type": row.type,
        "on": row.on,
        "rule": row.silence_rule,
    }
    return timeline.Note(type=type_, subject_id=row.id, after=told)


async def due_proceedings(work: Work) -> Sequence[ProceedingRow]:
    """Return a batch of proceedings on which silence begins to speak, locked with their cases."""
    due = select(DeadlineRow.proceeding_id).where(DeadlineRow.speaks_at <= work.now)
    query = (
        select(ProceedingRow)
        .join(ComplaintRow, ComplaintRow.id == ProceedingRow.complaint_id)
        .where(ProceedingRow.id.in_(due))
        .order_by(ProceedingRow.complaint_id, ProceedingRow.id)
        .limit(BATCH)
        .with_for_update(of=[ComplaintRow, ProceedingRow], key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return (await work.session.scalars(query)).all()


async def listened(work: Work, proceedings: Sequence[ProceedingRow]) -> None:
    """Note that nothing more is to be heard on these until something changes: none comes round for ever."""
    await work.session.execute(
        update(DeadlineRow)
        .where(DeadlineRow.proceeding_id.in_([each.id for each in proceedings]), DeadlineRow.speaks_at <= work.now)
        .values(speaks_at=None)
        .execution_options(synchronize_session=False)
    )
