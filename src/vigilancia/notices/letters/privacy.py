"""The letter to whoever answers for privacy: the case's number, what happened as a cause, the day. No name, no word.

It has no button: like an alarm it climbs no ladder, and nothing is silenced by saying that it was read.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from vigilancia.access.models import PrivacyAlertRow
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.notices.content import Content, Section, moment
from vigilancia.notices.letters.addressed import standing_of
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.letters.personal import read_personal

CAUSES = (
    *("consent_overridden", "consent_withdrawn", "safeguard_loosened", "adverse_override", "unusual_reading"),
    *("identity_elsewhere", "file_changed", "file_infected", "audit_broken", "retention_warning", "hold_released"),
)
_OTHER = "other"


async def read(work: Work, notice_id: UUID) -> Letter | None:
    """Return the letter; none when there is no such notice.

    It is not sent to anybody of another organisation (`no_access`). The number of the case is told where the
    organisation itself stands to the case; that it is public gives nothing here.
    """
    to = await read_personal(work, notice_id)
    if to is None:
        return None
    query = (
        select(PrivacyAlertRow.__table__, ComplaintRow.reference)
        .outerjoin(ComplaintRow, ComplaintRow.id == PrivacyAlertRow.complaint_id)
        .where(PrivacyAlertRow.id == to.notice.subject_id)
    )
    alert = (await work.session.execute(query)).one_or_none()
    if alert is None:
        return None
    sees = alert.reference is not None and await standing_of(work, alert.complaint_id, alert.organization_id)
    return to.letter(
        compose(
            alert.cause,
            to.locale,
            reference=alert.reference if sees else None,
            raised_at=alert.raised_at,
            zone=to.zone,
        ),
        obstacle="no_access" if alert.organization_id != to.notice.organization_id else None,
    )


def compose(cause: str, locale: Locale, *, reference: str | None, raised_at: datetime, zone: str) -> Content:
    """Write the letter of one cause; one that these words do not know yet is told in general words."""
    code = cause if cause in CAUSES else _OTHER
    texts = {
        "what": [i18n.t(f"privacy.what.{code}", locale)],
        "when": [moment(raised_at, zone, locale)],
        "now": [i18n.t(f"privacy.now.{code}", locale), i18n.t("privacy.now.log", locale)],
        "care": [i18n.t("privacy.care", locale)],
    }
    greeting = i18n.t("privacy.greeting_case", locale, reference=reference) if reference else None
    return Content(
        locale=locale,
        reference=reference,
        greeting=greeting or i18n.t("privacy.greeting", locale),
        headline=i18n.t(f"privacy.causes.{code}", locale),
        step="",
        sections=[
            Section(name=name, label=i18n.t(f"privacy.label.{name}", locale), lines=lines)
            for name, lines in texts.items()
        ],
        footer=i18n.t("privacy.footer", locale),
    )
