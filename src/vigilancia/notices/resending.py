"""Sending a notice again on request: a new row that names the old one, never a second life of the old."""

from typing import NoReturn
from uuid import UUID

from sqlalchemy import select

from vigilancia.core.errors import ConflictError, Fault, ForbiddenError, NotFoundError
from vigilancia.core.tickets import errand
from vigilancia.core.work import Work
from vigilancia.notices import fallback, queries, service
from vigilancia.notices.addresses import ways
from vigilancia.notices.letters import reading
from vigilancia.notices.models import OPEN, NoticeRow
from vigilancia.notices.service import Planned
from vigilancia.registry.models import ContactRow

_SENDERS = ("staff", "partner")
_WENT = ("failed", "delivered", "stored")
_REFUSED = {"overtaken": "resend_overtaken", "no_access": "resend_no_access"}  # any other obstacle: it is over


async def resend(work: Work, notice_id: UUID) -> UUID:
    """Plan a notice once more, by the same way if it may still be used, else by the contact's first.

    The case's owner may, and the organisation it speaks to. What it says, and whether it may be said, is read anew now
    and again when it leaves. Of several who ask at once one is heard.

    Returns:
        The new notice.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: The caller's role sends nothing.
        ConflictError: It has not ended; or it need not, or must not, be sent now. The fault's code says which.
    """
    if not await queries.is_seen(work, notice_id):
        raise NotFoundError
    if work.caller.role not in _SENDERS:
        raise ForbiddenError
    async with errand(work.session):  # what a party wishes and where it is reached is for the letter, not for the asker
        return await _plan_anew(work, notice_id)


async def _plan_anew(work: Work, notice_id: UUID) -> UUID:
    ledger = NoticeRow.__table__
    notice = (await work.session.execute(select(ledger).where(ledger.c.id == notice_id).with_for_update())).one()
    told = await fallback.told_of_rung(work, notice)
    if any(row.contact_id == notice.contact_id and row.status in OPEN for row in told):
        _refuse("resend_open")
    if notice.status not in _WENT and notice.reason != "no_address":
        _refuse("resend_unneeded")
    letter = await reading.read(work, notice_id)
    if letter is None or letter.obstacle not in (None, "no_address"):
        _refuse(_REFUSED.get(letter.obstacle or "", "resend_over") if letter else "resend_over")
    contact = (await work.session.execute(select(ContactRow).where(ContactRow.id == notice.contact_id))).scalar_one()
    usable = ways(contact, confirmed_only=work.settings.confirm_addresses)
    if not usable:
        _refuse("resend_no_address")
    way = next((one for one in usable if (one.channel, one.place) == (notice.channel, notice.place)), usable[0])
    number = max(notice.resend + 1, fallback.next_number(told, notice.contact_id, way.channel))
    planned = Planned(
        kind=notice.kind,
        subject_id=notice.subject_id,
        complaint_id=notice.complaint_id,
        run_id=notice.run_id,
        revision=notice.revision,
        rung=notice.rung,
        organization_id=notice.organization_id,
        contact_id=notice.contact_id,
        channel=way.channel,
        place=way.place,
        locale=notice.locale,
        due_at=notice.due_at,
        late=notice.late,
        at_once=True,  # somebody asked for it
        resend=number,
        after_id=notice.id,
        after_why="resend",
    )
    if await service.put_all_once(work, [planned]) == 0:
        _refuse("resend_open")  # a rival took the number
    made = select(NoticeRow.id).where(
        NoticeRow.subject_id == notice.subject_id,
        NoticeRow.revision == notice.revision,
        NoticeRow.rung == notice.rung,
        NoticeRow.contact_id == notice.contact_id,
        NoticeRow.channel == way.channel,
        NoticeRow.resend == number,
    )
    return (await work.session.scalars(made)).one()


def _refuse(code: str) -> NoReturn:
    raise ConflictError(faults=[Fault(pointer="", code=code)])
