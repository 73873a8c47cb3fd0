"""Reading who somebody is: with a reason, each time anew, after another person's yes where the owner wants it so."""

from uuid import UUID

from sqlalchemy import select

from vigilancia.access import audit
from vigilancia.complaints.approvals import service as approvals
from vigilancia.complaints.approvals.models import ApprovalRow
from vigilancia.core.errors import ApprovalRequiredError, Fault, NotFoundError
from vigilancia.core.work import Work
from vigilancia.people import labels, sight, words
from vigilancia.people.schemas import Identity, IdentityRequest
from vigilancia.registry import safeguards

KIND: approvals.Kind = "identity"


async def read(work: Work, complaint_id: UUID, person_id: UUID, why: str) -> Identity:
    """Tell who a person is; a yes that was needed is used up by it, and the audit keeps the reason.

    Raises:
        NotFoundError: For this caller there is no such person.
        ForbiddenError: The owner did not share it with the caller's organisation.
        ApprovalRequiredError: The owner wants a second person, and the caller has no yes.
        StoreError: The key store is away.
    """
    door = await sight.enter(work, complaint_id)
    person = await sight.find(work, door, person_id)
    sight.require_identified(person)
    second = await wants_second(work, door.owner_id)
    if second and not await approvals.spend(work, KIND, person_id):
        raise ApprovalRequiredError(kind=KIND, faults=[Fault(pointer="", code="ask_identity")])
    row = person.row
    told = Identity(
        id=row.id,
        complaint_id=row.complaint_id,
        role=row.role,
        pseudonym=labels.pseudonym(row.label, work.locale),
        name=await words.open_text(work, row, "name"),
        contact=await words.open_contact(work, row),
        contact_safe=await words.open_text(work, row, "contact_safe"),
        notes=await words.open_text(work, row, "notes"),
        version=row.version,
    )
    facts = {"second_person": second}
    await audit.note(work, "read", "person", complaint_id=complaint_id, subject_id=person_id, why=why, facts=facts)
    return told


async def ask(work: Work, complaint_id: UUID, person_id: UUID, why: str) -> UUID:
    """Ask for another person's yes to read who somebody is.

    Returns:
        The id of the request.

    Raises:
        NotFoundError: For this caller there is no such person.
        ForbiddenError: The owner did not share it with the caller's organisation: a yes would not help.
        StoreError: The key store is away.
    """
    door = await sight.enter(work, complaint_id)
    sight.require_identified(await sight.find(work, door, person_id))
    return await approvals.ask(
        work, KIND, organization_id=door.owner_id, complaint_id=complaint_id, subject_id=person_id, why=why
    )


async def read_request(work: Work, complaint_id: UUID, request_id: UUID) -> IdentityRequest:
    """Read a request of one's own.

    Raises:
        NotFoundError: There is none of that id.
    """
    await sight.enter(work, complaint_id)
    query = select(ApprovalRow).where(
        ApprovalRow.id == request_id,
        ApprovalRow.complaint_id == complaint_id,
        ApprovalRow.kind == KIND,
        ApprovalRow.asked_by == work.caller.token_id,
    )
    row: ApprovalRow | None = await work.session.scalar(query)
    if row is None:
        raise NotFoundError
    return IdentityRequest(
        id=row.id,
        complaint_id=row.complaint_id,
        person_id=row.subject_id,
        status=row.status,
        asked_at=row.asked_at,
        decided_at=row.decided_at,
        expires_at=row.expires_at,
        version=row.version,
    )


async def wants_second(work: Work, owner_id: UUID) -> bool:
    """Tell whether an organisation wants another person's yes before an identity in its cases is read."""
    return KIND in (await safeguards.of(work, owner_id)).second_person
