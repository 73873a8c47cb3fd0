"""Asking for a second person's yes, deciding, and using it."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, insert, or_, select, update

from vigilancia.access import audit
from vigilancia.complaints.approvals.models import ApprovalRow
from vigilancia.core.errors import ConflictError, Fault, ForbiddenError, NotFoundError
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work

Kind = Literal["identity", "close", "publish", "unmask", "export_identity"]
LIFE = timedelta(days=7)  # how long a request waits, and a yes serves
WHY = "approval.why"


async def ask(work: Work, kind: Kind, *, organization_id: UUID, complaint_id: UUID, subject_id: UUID, why: str) -> UUID:
    """Ask for a second person's yes.

    The caller of this has opened the complaint and knows that the one who asks may see the subject.

    Args:
        work: The transaction and on whose behalf.
        kind: What for.
        organization_id: The owner of the complaint, whose people decide.
        complaint_id: The case.
        subject_id: The person, file ...; of `close` and `publish` the complaint itself.
        why: The reason, in the asker's words.

    Returns:
        The id of the request.

    Raises:
        ForbiddenError: No token asks.
    """
    if work.caller.token_id is None:
        raise ForbiddenError
    made = new_id()
    await work.session.execute(
        insert(ApprovalRow).values(
            id=made,
            organization_id=organization_id,
            complaint_id=complaint_id,
            kind=kind,
            subject_id=subject_id,
            why=await work.vault.seal(complaint_id, why, field=f"{WHY}/{made}"),
            status="asked",
            asked_by=work.caller.token_id,
            asked_holder=work.caller.holder_id,
            asked_at=work.now,
            expires_at=work.now + LIFE,
            version=1,
        )
    )
    return made


async def decide(work: Work, approval_id: UUID, *, yes: bool) -> None:
    """Say yes or no to what another person of the own organisation asked for.

    Raises:
        NotFoundError: For this caller there is no such request.
        ForbiddenError: The caller asked for it, by this or another token of the same holder.
        ConflictError: It was decided already, or has lapsed.
    """
    query = select(ApprovalRow).where(
        ApprovalRow.id == approval_id, ApprovalRow.organization_id == work.caller.organization_id
    )
    row: ApprovalRow | None = await work.session.scalar(query.with_for_update())
    if row is None:
        raise NotFoundError
    if work.caller.token_id is None or _same_person(work, row):
        raise ForbiddenError
    if row.status != "asked" or row.expires_at <= work.now:
        raise ConflictError(faults=[Fault(pointer="/status", code="not_allowed")])
    await work.session.execute(
        update(ApprovalRow)
        .where(ApprovalRow.id == approval_id)
        .values(
            status="granted" if yes else "refused",
            decided_by=work.caller.token_id,
            decided_holder=work.caller.holder_id,
            decided_at=work.now,
            expires_at=work.now + LIFE,
            version=row.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    facts = {"approval_id": str(approval_id), "kind": row.kind, "yes": yes}
    await audit.note(work, "write", "approval", complaint_id=row.complaint_id, subject_id=row.subject_id, facts=facts)


async def spend(work: Work, kind: Kind, subject_id: UUID) -> bool:
    """Use up a yes that the caller asked for and got; false where there is none.

    Args:
        work: The transaction and on whose behalf.
        kind: What for.
        subject_id: The same that was asked about.
    """
    found = (
        select(ApprovalRow.id)
        .where(
            ApprovalRow.kind == kind,
            ApprovalRow.subject_id == subject_id,
            ApprovalRow.status == "granted",
            ApprovalRow.expires_at > work.now,
            asked_by_caller(work),
        )
        .order_by(ApprovalRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    used = await work.session.scalar(
        update(ApprovalRow)
        .where(ApprovalRow.id.in_(found.scalar_subquery()))
        .values(status="used", version=ApprovalRow.version + 1)
        .returning(ApprovalRow.id)
        .execution_options(synchronize_session=False)
    )
    return used is not None


def asked_by_caller(work: Work) -> ColumnElement[bool]:
    """Return the condition that the caller asked: by its token, or by another token of the same holder."""
    by_token = ApprovalRow.asked_by == work.caller.token_id
    if work.caller.holder_id is None:
        return by_token
    return or_(by_token, ApprovalRow.asked_holder == work.caller.holder_id)


def _same_person(work: Work, row: ApprovalRow) -> bool:
    same_holder = row.asked_holder is not None and row.asked_holder == work.caller.holder_id
    return same_holder or row.asked_by == work.caller.token_id
