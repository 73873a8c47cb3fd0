"""Deciding on proposals: after an event they are renewed, a person accepts or declines, and one of two rivals wins."""

from uuid import UUID

import msgspec
from sqlalchemy import select

from vigilancia.complaints import timeline
from vigilancia.complaints.access import open_complaint
from vigilancia.core import sealing
from vigilancia.core.errors import ConflictError, Fault, IllegalTransitionError, NotFoundError
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.law.errors import LawError
from vigilancia.proceedings import sealed
from vigilancia.proceedings.circumstances import Pin, circumstances_under, of_today, pin_of
from vigilancia.proceedings.models import ProceedingRow, ProposalRow
from vigilancia.proceedings.proposals.examine import Finding, examine, finding_of, seen_of
from vigilancia.proceedings.recompute import recompute, take

ACCEPTED, DECLINED = "deadline_changes_accepted", "deadline_changes_declined"


async def review(work: Work, proceeding: ProceedingRow) -> None:
    """Renew what is proposed for a proceeding whose events changed, or withdraw it; no statement where nothing can be.

    A mechanism that the package no longer has proposes nothing.

    Args:
        work: The transaction.
        proceeding: Locked, its deadlines in line with its events.
    """
    if pin_of(proceeding) != seen_of(proceeding) and proceeding.mechanism in loader.mechanisms():
        world, closures = await of_today(work, proceeding.mechanism)
        await examine(work, [proceeding], world, closures)


async def accept(work: Work, proposal_id: UUID, reason: str | None) -> None:
    """Let a proceeding's deadlines follow what was proposed; the days before are kept as revisions.

    Raises:
        NotFoundError: For this caller the proposal does not exist.
        ForbiddenError: The caller may only look at the case.
        IllegalTransitionError: It is decided already, or superseded.
        ConflictError: The case is merged into another, or what would change is no longer what was shown: then nothing
            moved, and a fresh proposal is kept.
    """
    proposal, proceeding = await _hold(work, proposal_id)
    finding = await _as_shown(work, proposal, proceeding)
    if finding is None:
        await _again(work, proposal, proceeding)
        raise ConflictError(faults=[Fault(pointer="", code="proposal_stale")])
    after = {"proceeding_id": proceeding.id, "reason": reason}
    note = timeline.Note(type=ACCEPTED, subject_id=proposal_id, after=after)
    await timeline.note_all(work, proceeding.complaint_id, [note])
    proceeding.rules_digest, proceeding.closures_mark = proposal.to_digest, proposal.to_mark
    proceeding.updated_at = work.now
    proceeding.version += 1
    await _decide(work, proposal, "accepted", reason)
    cause = {"proposal_id": str(proposal_id)}
    await take(work, [(proceeding, finding.steps)], cause)
    await recompute(work, proceeding, cause=cause)  # a day that moved may bring silence, or take it back


async def decline(work: Work, proposal_id: UUID, reason: str) -> None:
    """Leave a proceeding under what it is pinned to; the same is not proposed again until something newer changes.

    Raises:
        NotFoundError: For this caller the proposal does not exist.
        ForbiddenError: The caller may only look at the case.
        IllegalTransitionError: It is decided already, or superseded.
        ConflictError: The case is merged into another.
    """
    proposal, proceeding = await _hold(work, proposal_id)
    await _decide(work, proposal, "declined", reason)
    after = {"proceeding_id": proceeding.id, "reason": reason}
    await work.session.flush()
    await timeline.note(work, proceeding.complaint_id, DECLINED, subject_id=proposal_id, after=after)


async def _hold(work: Work, proposal_id: UUID) -> tuple[ProposalRow, ProceedingRow]:
    """Open the case to record in it, then lock the proceeding and its proposal, in the order of every writer."""
    query = select(ProposalRow.complaint_id, ProposalRow.proceeding_id).where(ProposalRow.id == proposal_id)
    found = (await work.session.execute(query)).one_or_none()
    await open_complaint(work, found and found.complaint_id, to="record")
    if found is None:
        raise NotFoundError
    fresh = {"populate_existing": True}
    held = select(ProceedingRow).where(ProceedingRow.id == found.proceeding_id).with_for_update()
    proceeding = (await work.session.scalars(held.execution_options(**fresh))).one()
    asked = select(ProposalRow).where(ProposalRow.id == proposal_id).with_for_update()
    proposal = (await work.session.scalars(asked.execution_options(**fresh))).one()
    if proposal.status != "pending":
        raise IllegalTransitionError(allowed=())
    return proposal, proceeding


async def _as_shown(work: Work, proposal: ProposalRow, proceeding: ProceedingRow) -> Finding | None:
    """Compute anew what would change; none, where that is not what the proposal says."""
    pin = Pin(digest=proposal.to_digest, mark=proposal.to_mark)
    worlds = await circumstances_under(work, [pin])
    try:
        finding = await finding_of(work, proceeding, worlds[pin])
    except LawError:
        return None
    return finding if msgspec.to_builtins(finding.changes) == proposal.changes else None


async def _again(work: Work, proposal: ProposalRow, proceeding: ProceedingRow) -> None:
    """Supersede a proposal that says what no longer is, propose what is, and keep that although the answer refuses."""
    await _decide(work, proposal, "superseded", None)
    await work.session.flush()
    world, closures = await of_today(work, proceeding.mechanism)
    await examine(work, [proceeding], world, closures)
    work.keeps_refusal = True


async def _decide(work: Work, proposal: ProposalRow, status: str, reason: str | None) -> None:
    proposal.status = status
    proposal.decided_at = proposal.updated_at = work.now
    proposal.decided_by = work.caller.token_id if status != "superseded" else None
    where, said = sealed.proposal_place(proposal.id), {"decision_reason": reason}
    proposal.decision_reason = None
    proposal.words = await sealing.hide(work.vault, proposal.complaint_id, where, said)
    proposal.version += 1
