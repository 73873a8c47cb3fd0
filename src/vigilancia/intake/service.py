"""Taking a complaint without a name, coming back to it, and answering."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from vigilancia.complaints import service as complaints
from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.schemas import ComplaintIn
from vigilancia.complaints.timeline import note
from vigilancia.core import i18n, limits
from vigilancia.core.clock import local_date
from vigilancia.core.errors import ConflictError, Fault, InvalidError, NotFoundError
from vigilancia.core.identity import SYSTEM, Caller
from vigilancia.core.ids import untimed_id
from vigilancia.core.settings import Locale
from vigilancia.core.work import Desk, Work
from vigilancia.intake import queries, receipts
from vigilancia.intake.models import MessageRow, ReceiptRow
from vigilancia.intake.schemas import Conversation, IntakeIn
from vigilancia.registry.contacts import rounds
from vigilancia.registry.models import OrganizationRow

CHANNEL = "web_form"


async def take(desk: Desk, data: IntakeIn) -> str:
    """Log a complaint that somebody tells without a name.

    Args:
        desk: Of the process; this work has transactions of its own, since its instants are those of a day.
        data: What is told.

    Returns:
        The receipt, which is kept nowhere.

    Raises:
        NotFoundError: This installation takes none.
        InvalidError: It is not said to whom, or to somebody who takes none.
        TooManyError: The hour has had its share.
    """
    owner_id = _receiver(desk, data.organization_id)
    async with desk.work(SYSTEM) as counting:
        await limits.admit(counting, "reports_in_all")
        await limits.admit(counting, "reports_of_organization", owner_id.bytes)
    receipt = receipts.new_receipt()
    async with _by_the_day(desk, owner_id) as work:
        complaint_id = await complaints.log(work, await _complaint(work, owner_id, data))
        digest = await receipts.digest_of(work, receipt)
        await work.session.execute(insert(ReceiptRow).values(complaint_id=complaint_id, digest=digest))
        await _say(work, owner_id, complaint_id, data.text, by_staff=False)
    return receipt


async def come_back(desk: Desk, receipt: str, text: str | None = None) -> Conversation:
    """Show what was said under a receipt, after adding to it what is said now.

    Args:
        desk: Of the process.
        receipt: Its digits.
        text: What is said now; none: nothing.

    Raises:
        NotFoundError: This installation takes none, or has no such receipt: the two answer alike.
        TooManyError: This receipt was used too often within the hour.
    """
    if not receivers(desk):
        raise NotFoundError
    async with desk.work(SYSTEM) as looking:
        digest = await receipts.digest_of(looking, receipt)
        found = (await looking.session.execute(queries.of_receipt(digest))).one_or_none()
        if found is None:
            await limits.count(looking, "wrong_receipts")
        else:
            used = await limits.count(looking, "uses_of_receipt", digest)
    if found is None or found.owner_id not in receivers(desk):
        raise NotFoundError
    if used > limits.limits().uses_of_receipt:
        raise limits.too_many(desk.now())
    async with _by_the_day(desk, found.owner_id) as work:
        if text is not None:
            await _say(work, found.owner_id, found.complaint_id, text, by_staff=False)
            await note(work, found.complaint_id, "message_received")
        today = work.today(await _zone(work, found.owner_id))
        await work.session.execute(
            update(ReceiptRow).where(ReceiptRow.complaint_id == found.complaint_id).values(last_return_on=today)
        )
        return Conversation(status=found.status, messages=await queries.messages(work, found.complaint_id))


async def wait_due(desk: Desk) -> float:
    """Return how many seconds a receipt has to wait before it is looked at, by how many wrong ones there were."""
    async with desk.work(SYSTEM) as work:
        return limits.wait_before(await limits.counted(work, "wrong_receipts"))


async def reply(work: Work, complaint_id: UUID, text: str) -> UUID:
    """Answer whoever holds the receipt of a complaint.

    Returns:
        The id of the message.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: The caller may only look at it.
        ConflictError: It has no receipt: there is nobody to answer.
    """
    door = await open_complaint(work, complaint_id, to="record")
    query = select(ReceiptRow.complaint_id).where(ReceiptRow.complaint_id == complaint_id)
    if await work.session.scalar(query) is None:
        raise ConflictError(faults=[Fault(pointer="", code="no_receipt")])
    made = await _say(work, door.owner_id, complaint_id, text, by_staff=True)
    await note(work, complaint_id, "message_sent", subject_id=made)
    return made


def receivers(desk: Desk) -> tuple[UUID, ...]:
    """Return the organisations that take complaints without a name."""
    return desk.settings.intake_organizations


def _receiver(desk: Desk, wanted: UUID | None) -> UUID:
    taking = receivers(desk)
    if not taking:
        raise NotFoundError
    if wanted is None and len(taking) == 1:
        return taking[0]
    if wanted not in taking or wanted is None:
        code = "required" if wanted is None else "not_found"
        raise InvalidError(faults=[Fault(pointer="/organization_id", code=code)])
    return wanted


@asynccontextmanager
async def _by_the_day(desk: Desk, owner_id: UUID) -> AsyncIterator[Work]:
    """Open a unit of work of the receiving organisation, at the midnight that began its day."""
    caller = Caller(organization_id=owner_id, role="staff", scopes=frozenset())
    async with desk.work(SYSTEM) as asking:
        zone = await _zone(asking, owner_id)
    midnight = datetime.combine(local_date(desk.now(), zone), time(), ZoneInfo(zone)).astimezone(UTC)
    async with desk.work(caller, now=midnight) as work:
        yield work


async def _zone(work: Work, owner_id: UUID) -> str:
    query = select(OrganizationRow.timezone).where(OrganizationRow.id == owner_id)
    return rounds.zone_of(await work.session.scalar(query))


async def _complaint(work: Work, owner_id: UUID, data: IntakeIn) -> ComplaintIn:
    query = select(OrganizationRow.locale, OrganizationRow.timezone).where(OrganizationRow.id == owner_id)
    row = (await work.session.execute(query)).one()
    received_on = work.today(rounds.zone_of(row.timezone))
    locale = cast("Locale", row.locale) if row.locale in i18n.LOCALES else work.locale
    return ComplaintIn(
        title=i18n.t("intake.title", locale, day=i18n.long_date(received_on, locale)),
        received_on=received_on,
        narrative=data.text,
        channel=CHANNEL,
        allegations=data.allegations,
        languages=data.languages,
        interpreter_needed=data.interpreter_needed,
    )


async def _say(work: Work, owner_id: UUID, complaint_id: UUID, text: str, *, by_staff: bool) -> UUID:
    made = untimed_id()
    await work.session.execute(
        insert(MessageRow).values(
            id=made,
            complaint_id=complaint_id,
            by_staff=by_staff,
            said_on=work.today(await _zone(work, owner_id)),
            text=await work.vault.seal(complaint_id, text, field=queries.field_of(made)),
        )
    )
    return made
