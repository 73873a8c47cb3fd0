"""Reading what was said under a receipt."""

from uuid import UUID

from sqlalchemy import Select, select

from vigilancia.access import policy
from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.errors import NotFoundError
from vigilancia.core.work import Work
from vigilancia.intake.models import MessageRow, ReceiptRow
from vigilancia.intake.schemas import Message, Messages


async def read(work: Work, complaint_id: UUID) -> Messages:
    """Return what was said about a complaint that came without a name; only who records in it reads that.

    Raises:
        NotFoundError: For this caller there is none, or it came in another way.
    """
    door = await open_complaint(work, complaint_id, to="see")
    query = select(ReceiptRow.last_return_on).where(ReceiptRow.complaint_id == complaint_id)
    row = (await work.session.execute(query)).one_or_none()
    if row is None or not policy.may_record(work.caller, door.standing):
        raise NotFoundError
    return Messages(last_return_on=row.last_return_on, messages=await messages(work, complaint_id))


async def message(work: Work, complaint_id: UUID, message_id: UUID) -> Message:
    """Return one message.

    Raises:
        NotFoundError: For this caller there is none.
    """
    for said in (await read(work, complaint_id)).messages:
        if said.id == message_id:
            return said
    raise NotFoundError


async def messages(work: Work, complaint_id: UUID) -> list[Message]:
    """Return all that was said, oldest first; who may read it was asked before."""
    query = select(MessageRow).where(MessageRow.complaint_id == complaint_id).order_by(MessageRow.seq)
    return [
        Message(
            id=row.id,
            by_staff=row.by_staff,
            said_on=row.said_on,
            text=await work.vault.open(complaint_id, row.text, field=field_of(row.id)),
        )
        for row in await work.session.scalars(query)
    ]


def of_receipt(digest: bytes) -> Select[UUID, UUID, str]:
    """Return the statement that finds the complaint of a receipt."""
    return (
        select(ReceiptRow.complaint_id, ComplaintRow.owner_id, ComplaintRow.status)
        .join(ComplaintRow, ComplaintRow.id == ReceiptRow.complaint_id)
        .where(ReceiptRow.digest == digest)
    )


def field_of(message_id: UUID) -> str:
    """Return the place for which the words of a message are sealed."""
    return f"intake.message/{message_id}"
