"""Telling whoever answers for privacy in an organisation: its privacy lead, else its desk.

Statements for each batch do not depend on how many alerts, organisations or contacts there are.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from vigilancia.access.models import PrivacyAlertRow
from vigilancia.complaints import timeline
from vigilancia.core.work import Work
from vigilancia.escalation import ladder as ladders
from vigilancia.escalation.recipients import Contacts, Recipient, contacts_of
from vigilancia.notices import service as notices
from vigilancia.notices.service import Planned
from vigilancia.registry.models import SafeguardRow

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns
_RUNG = "privacy"
_LOOSENED = "safeguard_loosened"


async def tell_pending(work: Work) -> int:
    """Put the letters of one batch of alerts into the ledger; rivals skip what is locked here.

    An alert that nobody can be told stands on the case's timeline as such, where it is of a case; `told_at` stays
    empty.

    Returns:
        How many were looked at; 0 when none is left.
    """
    query = (
        select(PrivacyAlertRow.__table__, SafeguardRow.privacy_lead_id)
        .outerjoin(SafeguardRow, SafeguardRow.organization_id == PrivacyAlertRow.organization_id)
        .where(PrivacyAlertRow.tell_pending)
        .order_by(PrivacyAlertRow.id)
        .limit(ladders.defaults().batch)
        .with_for_update(of=PrivacyAlertRow, skip_locked=True)
    )
    alerts = (await work.session.execute(query)).all()
    if not alerts:
        return 0
    book = await contacts_of(work, {alert.organization_id for alert in alerts})
    told = {alert.id: _planned(work, alert, book) for alert in alerts}
    await notices.put_all_once(work, [planned for each in told.values() for planned in each])
    for ids, told_at in (
        ([alert_id for alert_id, planned in told.items() if planned], work.now),
        ([alert_id for alert_id, planned in told.items() if not planned], None),
    ):
        await _mark(work, ids, told_at)
    lost = [alert for alert in alerts if alert.complaint_id is not None and not told[alert.id]]
    await timeline.note_each(work, [(alert.complaint_id, _unreachable(alert)) for alert in lost])
    return len(alerts)


async def _mark(work: Work, alert_ids: list[UUID], told_at: Any) -> None:  # noqa: ANN401 - an instant or none
    if alert_ids:
        await work.session.execute(
            update(PrivacyAlertRow)
            .where(PrivacyAlertRow.id.in_(alert_ids))
            .values(tell_pending=False, told_at=told_at)
            .execution_options(synchronize_session=False)
        )


def _planned(work: Work, alert: _Line, book: Contacts) -> list[Planned]:
    late = work.now - alert.raised_at > timedelta(minutes=ladders.defaults().late_after_minutes)
    return [
        Planned(
            kind="privacy",
            subject_id=alert.id,
            complaint_id=alert.complaint_id,
            run_id=None,
            revision=1,
            rung=_RUNG,
            organization_id=alert.organization_id,
            contact_id=recipient.contact_id,
            channel=recipient.channel,
            place=recipient.place,
            locale=recipient.locale,
            due_at=alert.raised_at,
            late=late,
            at_once=True,
        )
        for recipient in _recipients(alert, book)
    ]


def _recipients(alert: _Line, book: Contacts) -> list[Recipient]:
    """Return the privacy lead or who stands in, else the desk; of a safeguard loosened also who was told until then."""
    mine = alert.organization_id
    desks = book.desks(mine, mine)
    lead = book.person(alert.privacy_lead_id, mine, mine)
    before = []
    if alert.cause == _LOOSENED:
        before = desks if alert.subject_id == mine else book.person(alert.subject_id, mine, mine)
    chosen = [*(lead or desks), *before] or book.anybody(mine, mine) or book.away(mine, mine)
    return [book.recipient(contact) for contact in {contact.id: contact for contact in chosen}.values()]


def _unreachable(alert: _Line) -> timeline.Note:
    told = {"rung": _RUNG, "contacts": 0, "organization_ids": [alert.organization_id]}
    return timeline.Note(type="escalation_unreachable", subject_id=alert.id, after=told)
