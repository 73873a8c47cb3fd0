"""Putting a run into one person's hands within an organisation, with that person's yes; handing over is the same again.

Who has it keeps it until another says yes. The run is locked for each step, and two unique indexes keep the promise:
one open offer and one who has it, for each organisation.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from vigilancia.complaints import timeline
from vigilancia.core.errors import (
    ConflictError,
    Fault,
    IllegalTransitionError,
    InvalidError,
    NotFoundError,
)
from vigilancia.core.ids import new_id
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work
from vigilancia.escalation.models import AssignmentRow, RunRow
from vigilancia.escalation.schemas_assignments import Assignment, AssignmentIn
from vigilancia.escalation.sight import require_told, seen
from vigilancia.notices import service as notices
from vigilancia.notices.addresses import ways
from vigilancia.notices.service import Planned
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.proceedings.tasks.models import TaskRow
from vigilancia.registry.models import ContactRow, OrganizationRow

_RUNG = "assignment"
_ASSIGNMENT = AssignmentRow.__table__.c


async def offer(work: Work, run_id: UUID, data: AssignmentIn) -> UUID:
    """Offer a run to a contact of the caller's organisation, and ask the contact by a message.

    Returns:
        The id of the offer.

    Raises:
        NotFoundError: For this caller the run does not exist.
        ForbiddenError: The caller's organisation is not told about it.
        InvalidError: No contact the organisation keeps of itself, or the one that has it already.
        ConflictError: An offer is open, or there is nothing left to do.
    """
    run, organization_id = await _hold(work, run_id)
    contact = await _colleague(work, organization_id, data.contact_id)
    if await _over(work, run):
        raise ConflictError(faults=[Fault(pointer="", code="not_allowed")])
    holder = select(AssignmentRow.contact_id).where(_of(run_id, organization_id), AssignmentRow.state == "accepted")
    if await work.session.scalar(holder) == data.contact_id:
        raise InvalidError(faults=[Fault(pointer="/contact_id", code="duplicate")])
    row = {
        "id": new_id(),
        "run_id": run_id,
        "organization_id": organization_id,
        "contact_id": data.contact_id,
        "state": "offered",
        "offered_by": work.caller.token_id,
        "offered_at": work.now,
    }
    made = insert(AssignmentRow).values(row).on_conflict_do_nothing().returning(AssignmentRow.id)
    assignment_id: UUID | None = await work.session.scalar(made)
    if assignment_id is None:
        raise ConflictError(faults=[Fault(pointer="", code="duplicate")])
    asked = await _ask(work, run, assignment_id, organization_id, contact)
    await _note(work, run, "escalation_assigned", assignment_id, organization_id, contacts=asked)
    return assignment_id


async def answer(work: Work, run_id: UUID, assignment_id: UUID, *, accepts: bool) -> UUID:
    """Say yes or no to an offer on behalf of its contact, by a token of the contact's organisation.

    Returns:
        The id of the offer.

    Raises:
        NotFoundError: For this caller there is no such run, or its organisation has no such offer.
        ForbiddenError: The caller's organisation is not told about it any more.
        IllegalTransitionError: It was answered before.
    """
    run, organization_id = await _hold(work, run_id)
    row = await _row(work, run_id, assignment_id)
    if row is None or row.organization_id != organization_id:
        raise NotFoundError
    if row.state != "offered":
        raise IllegalTransitionError(allowed=(), pointer="/state")
    await _settle(work, run, row, accepts=accepts, by_link=False)
    return assignment_id


async def answer_by_link(work: Work, run_id: UUID, assignment_id: UUID, *, accepts: bool) -> str:
    """Note what whoever holds the link of the offer's message answers, unless it was answered before.

    Returns:
        The state of the offer now.
    """
    run = await _locked(work, run_id)
    row = await _row(work, run_id, assignment_id)
    if row is None:
        raise NotFoundError
    if row.state == "offered":
        await _settle(work, run, row, accepts=accepts, by_link=True)
        return "accepted" if accepts else "declined"
    return str(row.state)


async def listed(work: Work, run_id: UUID, listing: Listing, *, state: str | None) -> Page[Assignment]:
    """List what the caller's organisation offered of a run, and the answers, newest first.

    Raises:
        NotFoundError: For this caller the run does not exist.
        BadParameterError: A filter or a sort that does not fit.
    """
    await seen(work, run_id)
    query = select(*_ASSIGNMENT).where(
        _ASSIGNMENT.run_id == run_id, _ASSIGNMENT.organization_id == work.caller.organization_id
    )
    if state is not None:
        query = query.where(any_of(_ASSIGNMENT.state, state, "state"))
    if listing.updated_since is not None:
        query = query.where(_ASSIGNMENT.offered_at >= listing.updated_since)
    rows, following = await fetch_page(work.session, query, listing, sortable={"id": _ASSIGNMENT.id}, default="-id")
    return Page(items=[_shape(row) for row in rows], next=following)


async def read(work: Work, run_id: UUID, assignment_id: UUID) -> Assignment:
    """Read one offer of the caller's organisation.

    Raises:
        NotFoundError: For this caller there is none.
    """
    await seen(work, run_id)
    row = await _row(work, run_id, assignment_id)
    if row is None or row.organization_id != work.caller.organization_id:
        raise NotFoundError
    return _shape(row)


def _shape(row: Any) -> Assignment:  # noqa: ANN401 - a row of columns, or the mapped object
    fields = {name: getattr(row, name) for name in Assignment.__struct_fields__ if name != "escalation_id"}
    return Assignment(**fields, escalation_id=row.run_id)


async def _settle(work: Work, run: RunRow, row: AssignmentRow, *, accepts: bool, by_link: bool) -> None:
    """Write an answer; a yes relieves whoever had it until now."""
    ended = None
    if accepts:
        relieved = (
            update(AssignmentRow)
            .where(_of(row.run_id, row.organization_id), AssignmentRow.state == "accepted")
            .values(state="ended", ended_at=work.now)
            .returning(AssignmentRow.id)
            .execution_options(synchronize_session=False)
        )
        ended = await work.session.scalar(relieved)
    row.state = "accepted" if accepts else "declined"
    row.answered_at = work.now
    await work.session.flush()
    type_ = f"escalation_assignment_{row.state}"
    await _note(work, run, type_, row.id, row.organization_id, by_link=by_link, handed_over=ended is not None)


async def _hold(work: Work, run_id: UUID) -> tuple[RunRow, UUID]:
    """Return the run, locked, and the caller's organisation, which is told about it."""
    mine = await require_told(work, run_id)
    return await _locked(work, run_id), mine


async def _locked(work: Work, run_id: UUID) -> RunRow:
    locked = select(RunRow).where(RunRow.id == run_id).with_for_update(key_share=True)
    return (await work.session.scalars(locked.execution_options(populate_existing=True))).one()


async def _row(work: Work, run_id: UUID, assignment_id: UUID) -> AssignmentRow | None:
    query = select(AssignmentRow).where(AssignmentRow.id == assignment_id, AssignmentRow.run_id == run_id)
    return (await work.session.scalars(query.execution_options(populate_existing=True))).one_or_none()


def _of(run_id: UUID, organization_id: UUID) -> Any:  # noqa: ANN401 - a condition
    return (AssignmentRow.run_id == run_id) & (AssignmentRow.organization_id == organization_id)


async def _colleague(work: Work, organization_id: UUID, contact_id: UUID) -> Any:  # noqa: ANN401 - a row
    """Return a contact that the organisation keeps of itself: somebody else's record could point anywhere."""
    query = (
        select(ContactRow, OrganizationRow.locale.label("organization_locale"))
        .join(OrganizationRow, OrganizationRow.id == ContactRow.organization_id)
        .where(
            ContactRow.id == contact_id,
            ContactRow.organization_id == organization_id,
            ContactRow.owner_id == organization_id,
        )
        .with_for_update(of=ContactRow, read=True, key_share=True)
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise InvalidError(faults=[Fault(pointer="/contact_id", code="not_found")])
    return row


async def _over(work: Work, run: RunRow) -> bool:
    if run.task_id is not None:
        return await work.session.scalar(select(TaskRow.state).where(TaskRow.id == run.task_id)) != "open"
    query = select(DeadlineRow.met | DeadlineRow.void).where(DeadlineRow.id == run.deadline_id)
    return bool(await work.session.scalar(query))


async def _ask(work: Work, run: RunRow, assignment_id: UUID, organization_id: UUID, found: Any) -> int:  # noqa: ANN401
    """Put the message that asks the contact into the ledger; return how many were, none without an address."""
    usable = ways(found.ContactRow, confirmed_only=work.settings.confirm_addresses)
    planned = [
        Planned(
            kind="assignment",
            subject_id=assignment_id,
            complaint_id=run.complaint_id,
            run_id=None,  # no rung of it: what the run says next neither overtakes this nor is overtaken
            revision=1,
            rung=_RUNG,
            organization_id=organization_id,
            contact_id=found.ContactRow.id,
            channel=way.channel,
            place=way.place,
            locale=found.ContactRow.locale or found.organization_locale or work.settings.locale,
            due_at=work.now,
            late=False,
        )
        for way in usable[:1]
    ]
    return await notices.put_all_once(work, planned)


async def _note(
    work: Work,
    run: RunRow,
    type_: str,
    assignment_id: UUID,
    organization_id: UUID,
    **more: Any,  # noqa: ANN401
) -> None:
    told = {"escalation_id": run.id, "assignment_id": assignment_id, "organization_id": organization_id, **more}
    await timeline.note(work, run.complaint_id, type_, subject_id=run.deadline_id or run.task_id, after=told)
