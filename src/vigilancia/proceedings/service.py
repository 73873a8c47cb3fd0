"""What people do to a proceeding: open it, record what happened, correct it, take it back."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy import select

from vigilancia.complaints import alarms, timeline
from vigilancia.complaints.access import open_complaint
from vigilancia.core.errors import Fault, IllegalTransitionError, InvalidError, NotFoundError
from vigilancia.core.http import require_version
from vigilancia.core.ids import untimed_id
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.law.mechanism import Mechanism
from vigilancia.proceedings import rulesets, sealed
from vigilancia.proceedings.circumstances import book
from vigilancia.proceedings.models import EventRow, ProceedingRow
from vigilancia.proceedings.proposals import service as proposals
from vigilancia.proceedings.recompute import recompute
from vigilancia.proceedings.revisions import keep_event
from vigilancia.proceedings.schemas import EventIn, EventPatch, ProceedingIn, Withdrawal
from vigilancia.proceedings.values import event_state, law_event, unknown

_FIELDS = tuple(EventIn.__struct_fields__)
_WORDS = frozenset({"stated_by", "note", "sources"})  # the timeline says that they changed, not what they say
_WITNESSED = ("happened", "notified")


async def open_proceeding(work: Work, complaint_id: UUID, data: ProceedingIn) -> UUID:
    """Open a procedure for a complaint; several may run side by side, of one mechanism too.

    It is pinned to the rules and the closures of this moment.

    Raises:
        NotFoundError: For this caller the complaint does not exist.
        ForbiddenError: The caller may only look at it.
        InvalidError: No such mechanism, or one whose rules are not in use.
    """
    await open_complaint(work, complaint_id, to="record")
    mechanism = loader.mechanisms().get(data.mechanism)
    if mechanism is None:
        raise InvalidError(faults=[Fault(pointer="/mechanism", code="code", params={"vocabulary": "mechanisms"})])
    if not mechanism.active:
        raise InvalidError(faults=[Fault(pointer="/mechanism", code="inactive")])
    await rulesets.keep(work, [mechanism])
    mark = (await book(work)).head
    row = ProceedingRow(
        id=untimed_id(),
        complaint_id=complaint_id,
        mechanism=mechanism.id,
        rules_digest=mechanism.digest,
        closures_mark=mark,
        seen_digest=mechanism.digest,
        seen_mark=mark,
        opened_at=work.now,
        updated_at=work.now,
        version=1,
    )
    work.session.add(row)
    await work.session.flush()
    after = {"mechanism": mechanism.id}
    await timeline.note(work, complaint_id, "proceeding_opened", subject_id=row.id, after=after)
    return row.id


async def record_event(work: Work, proceeding_id: UUID, data: EventIn) -> UUID:
    """Record what happened, in whatever order it comes, and let the deadlines follow.

    Raises:
        NotFoundError: For this caller the proceeding does not exist.
        ForbiddenError: The caller may only look at it.
        InvalidError: A type or a rule the mechanism does not have, or a day in the future said to have happened.
        CalendarHorizonError: A deadline would lie past what its calendar covers.
    """
    proceeding = await hold(work, proceeding_id)
    row = EventRow(
        id=untimed_id(),
        proceeding_id=proceeding_id,
        recorded_at=work.now,
        updated_at=work.now,
        withdrawn_at=None,
        version=1,
        **msgspec.structs.asdict(data),
    )
    _require_sense(work, await _mechanism(work, proceeding), row)
    after = _told(msgspec.structs.asdict(data), _FIELDS)
    await sealed.hide_note(work, proceeding.complaint_id, row, data.note)
    work.session.add(row)
    await _follow(work, proceeding, row, "event_recorded", before=None, after=after)
    if row.type == alarms.DISMISSAL:
        await alarms.raise_alarm(work, proceeding.complaint_id, "dismissal", row.id, row.version)
    return row.id


async def correct_event(work: Work, proceeding_id: UUID, event_id: UUID, data: EventPatch, version: int) -> UUID:
    """Change what an event says, keeping what it said and why it was changed.

    Args:
        work: The transaction.
        proceeding_id: Of the event.
        event_id: Which event.
        data: The fields to change, and the reason.
        version: The version the caller read.

    Raises:
        NotFoundError: For this caller there is no such event.
        ForbiddenError: The caller may only look at it.
        StaleError: It has changed meanwhile.
        IllegalTransitionError: It was taken back.
        InvalidError: As for recording.
    """
    proceeding = await hold(work, proceeding_id)
    row = await _event(work, proceeding_id, event_id)
    require_version(row.version, version)
    _require_standing(row)
    wanted = {name: getattr(data, name) for name in _FIELDS if getattr(data, name) is not UNSET}
    was = await _said(work, proceeding, row)
    changed = [name for name, value in wanted.items() if was[name] != value]
    if not changed:
        return row.id
    state = event_state(row) | {"note": was["note"]}
    for name in changed:
        setattr(row, name, wanted[name])
    _require_sense(work, await _mechanism(work, proceeding), row)
    if "note" in changed:
        await sealed.hide_note(work, proceeding.complaint_id, row, wanted["note"])
    await keep_event(work, proceeding.complaint_id, row, state, data.reason, by=work.caller.token_id)
    before, after = _told(was, changed, empty=True), _told(wanted, changed, empty=True)
    await _follow(work, proceeding, row, "event_corrected", before=before, after=after)
    if row.type == alarms.DISMISSAL and "type" in changed:
        await alarms.raise_alarm(work, proceeding.complaint_id, "dismissal", row.id, row.version)
    return row.id


async def withdraw_event(work: Work, proceeding_id: UUID, event_id: UUID, data: Withdrawal) -> UUID:
    """Take an event back; what followed from it alone becomes void.

    Raises:
        NotFoundError: For this caller there is no such event.
        ForbiddenError: The caller may only look at it.
        IllegalTransitionError: It was taken back before.
    """
    proceeding = await hold(work, proceeding_id)
    row = await _event(work, proceeding_id, event_id)
    _require_standing(row)
    was = await _said(work, proceeding, row)
    state = event_state(row) | {"note": was["note"]}
    await keep_event(work, proceeding.complaint_id, row, state, data.reason, by=work.caller.token_id)
    row.withdrawn_at = work.now
    after = {"withdrawn_at": work.now}
    await _follow(work, proceeding, row, "event_withdrawn", before=_told(was, _FIELDS), after=after)
    return row.id


async def hold(work: Work, proceeding_id: UUID) -> ProceedingRow:
    """Open the case to record in it, and lock the proceeding until the transaction ends.

    Raises:
        NotFoundError: For this caller the proceeding does not exist.
        ForbiddenError: The caller may only look at it.
    """
    complaint_id = await work.session.scalar(
        select(ProceedingRow.complaint_id).where(ProceedingRow.id == proceeding_id)
    )
    await open_complaint(work, complaint_id, to="record")
    locked = select(ProceedingRow).where(ProceedingRow.id == proceeding_id).with_for_update()
    return (await work.session.scalars(locked.execution_options(populate_existing=True))).one()


async def _event(work: Work, proceeding_id: UUID, event_id: UUID) -> EventRow:
    query = select(EventRow).where(EventRow.id == event_id, EventRow.proceeding_id == proceeding_id)
    row = (await work.session.scalars(query)).one_or_none()
    if row is None:
        raise NotFoundError
    return row


async def _mechanism(work: Work, proceeding: ProceedingRow) -> Mechanism:
    return await rulesets.of(work, mechanism=proceeding.mechanism, digest=proceeding.rules_digest)


def _require_standing(row: EventRow) -> None:
    """Refuse to change what was taken back, and what nobody stated: silence is answered by recording the act."""
    if row.withdrawn_at is not None or row.silence_rule is not None:
        raise IllegalTransitionError(allowed=(), pointer="")


def _require_sense(work: Work, mechanism: Mechanism, row: EventRow) -> None:
    """Refuse what cannot be, all faults at once; the order of events is never one."""
    faults = [
        Fault(pointer=f"/{name}", code="code", params={"vocabulary": vocabulary})
        for name, vocabulary in unknown(mechanism, law_event(row))
    ]
    if row.kind in _WITNESSED and row.on > _latest_today(work, mechanism):
        faults.append(Fault(pointer="/on", code="future"))
    if faults:
        raise InvalidError(faults=faults)


def _latest_today(work: Work, mechanism: Mechanism) -> date:
    """Return the civil date where it is latest among the mechanism's authorities: a later day has not happened."""
    return max(work.today(zone) for zone in mechanism.zones)


async def _follow(
    work: Work,
    proceeding: ProceedingRow,
    row: EventRow,
    type_: str,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    """Note the change of an event, then let the deadlines follow it."""
    told = {"proceeding_id": proceeding.id, **after}
    note = timeline.Note(type=type_, subject_id=row.id, before=before, after=told)
    await follow(work, proceeding, note, {"event_id": str(row.id), "event_version": row.version})


async def follow(work: Work, proceeding: ProceedingRow, note: timeline.Note, cause: Mapping[str, Any]) -> None:
    """Note a change of a proceeding, then let its deadlines follow, and renew what is proposed for it.

    Args:
        work: The transaction.
        proceeding: Locked.
        note: What changed, for the timeline.
        cause: What each note of a deadline that follows says of it: ids and versions only.

    Raises:
        CalendarHorizonError: A deadline would lie past what its calendar covers.
    """
    proceeding.updated_at = work.now
    proceeding.version += 1
    await timeline.note_all(work, proceeding.complaint_id, [note])
    await recompute(work, proceeding, cause=cause)
    await proposals.review(work, proceeding)


async def _said(work: Work, proceeding: ProceedingRow, row: EventRow) -> dict[str, Any]:
    """Return what an event says, its note opened."""
    return {name: getattr(row, name) for name in _FIELDS} | {
        "note": await sealed.note_of(work, proceeding.complaint_id, row)
    }


def _told(said: Mapping[str, Any], names: Iterable[str], *, empty: bool = False) -> dict[str, Any]:
    """Return fields as the timeline may tell them: codes and days, never words; empty ones only on request."""
    told = {name: said[name] for name in names}
    return {
        name: "changed" if name in _WORDS and value else value
        for name, value in told.items()
        if empty or value not in (None, [])
    }
