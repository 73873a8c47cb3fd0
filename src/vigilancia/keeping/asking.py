"""Asking for an erasure: by a person, by a rule, or because an old backup brought an erased case back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from vigilancia.access import audit
from vigilancia.complaints import timeline
from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.errors import ConflictError, Fault, InvalidError
from vigilancia.core.ids import new_id
from vigilancia.core.jobs import Job
from vigilancia.core.work import Work
from vigilancia.keeping import facts
from vigilancia.keeping.models import ErasureRow
from vigilancia.keeping.schemas import ErasureIn


async def ask(work: Work, complaint_id: UUID, data: ErasureIn) -> UUID:
    """Have a case erased, and with it those merged into it.

    Returns:
        The id of its receipt.

    Raises:
        NotFoundError: For this caller the case does not exist.
        GoneError: It was erased, and the caller had seen it.
        ForbiddenError: The caller is not of its owner's staff.
        InvalidError: The reference typed is another one.
        ConflictError: Somebody holds it, which is noted; or it is being erased already.
    """
    door = await open_complaint(work, complaint_id, to="manage")
    if data.confirm.strip().upper() != door.reference:
        raise InvalidError(faults=[Fault(pointer="/confirm", code="not_its_reference")])
    found = await facts.of(work, complaint_id)
    if found is not None and found.held:
        await refuse_held(work, complaint_id)
        work.keeps_refusal = True
        raise ConflictError(faults=[Fault(pointer="/holds", code="held")])
    cases = [complaint_id, *(found.merged if found else ())]
    made = await begin(work, cases, door.owner_id, cause="request")
    if complaint_id not in made:
        raise ConflictError(faults=[Fault(pointer="/erasure", code="being_erased")])
    await audit.note(
        work, "write", "erasure", complaint_id=complaint_id, subject_id=made[complaint_id], why=data.reason
    )
    return made[complaint_id]


async def begin(
    work: Work,
    cases: Sequence[UUID],
    owner_id: UUID,
    *,
    cause: str,
    told: Mapping[str, Any] | None = None,
) -> dict[UUID, UUID]:
    """Write that cases are to be erased, and the work of doing so; the caller holds the first one's lock.

    Args:
        work: The transaction.
        cases: Which; one that is being erased already is passed over.
        owner_id: Whose they are.
        cause: `request`, `retention` or `restored`.
        told: `rule` and `rules_version`, where a rule says so.

    Returns:
        The ids of the receipts, by case.
    """
    rows = [
        {
            "id": new_id(),
            "complaint_id": case,
            "organization_id": owner_id,
            "cause": cause,
            "state": "asked",
            "asked_at": work.now,
            "asked_by": work.caller.token_id,
            "asked_holder": work.caller.holder_id,
            "rows": {},
            "files": [],
            "version": 1,
            **(told or {}),
        }
        for case in cases
    ]
    fresh = insert(ErasureRow.__table__).on_conflict_do_nothing()  # type: ignore[arg-type]
    connection = await work.session.connection()
    told_back = await connection.execute(fresh.returning(ErasureRow.complaint_id, ErasureRow.id), rows)
    made = {row.complaint_id: row.id for row in told_back}
    after = {"cause": cause, **(told or {})}
    await timeline.note_each(
        work,
        [(case, timeline.Note(type="erasure_asked", subject_id=id_, after=after)) for case, id_ in made.items()],
    )
    await work.enqueue_all(Job.ERASE, list(made.values()))
    return made


async def refuse_held(work: Work, complaint_id: UUID) -> None:
    """Note that a hold kept a case from being erased."""
    await timeline.note(work, complaint_id, "erasure_refused", after={"reason": "held"})
    await audit.note(work, "refused", "erasure", complaint_id=complaint_id, facts={"reason": "held"})


async def lock(work: Work, complaint_id: UUID) -> ComplaintRow | None:
    """Lock a case as those do who record in it or hold it; none where it is gone."""
    query = select(ComplaintRow).where(ComplaintRow.id == complaint_id).with_for_update(key_share=True)
    found: ComplaintRow | None = await work.session.scalar(query.execution_options(populate_existing=True))
    return found
