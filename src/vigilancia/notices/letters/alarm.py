"""The letter of an alarm: that people are in danger in a case, and what to do in general words. No word of the case.

It has no button: an alarm climbs no ladder, so that nothing is silenced by saying that it was read.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, select
from sqlalchemy.orm import aliased

from vigilancia.complaints import alarms
from vigilancia.complaints.models import AlarmRow, ComplaintRow
from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.notices.content import Content, Section
from vigilancia.notices.letters.addressed import read_addressed
from vigilancia.notices.letters.letter import Letter
from vigilancia.proceedings.models import EventRow

_SECTIONS = {"now": ("meet", "document", "measures"), "care": ("contact", "quiet")}


async def read(work: Work, notice_id: UUID) -> Letter | None:
    """Return the letter; none when there is no such notice.

    It is not sent where the danger was taken back meanwhile (`void`), or a newer alarm of the same cause tells of it
    (`superseded`), nor to whom may not act any more (`no_access`).
    """
    to = await read_addressed(work, notice_id)
    if to is None:
        return None
    newer = aliased(AlarmRow)
    superseded = exists().where(
        newer.complaint_id == AlarmRow.complaint_id,
        newer.cause == AlarmRow.cause,
        newer.subject_id == AlarmRow.subject_id,
        newer.occasion > AlarmRow.occasion,
    )
    query = (
        select(AlarmRow.complaint_id, AlarmRow.cause, _holds().label("holds"), superseded.label("superseded"))
        .join(ComplaintRow, ComplaintRow.id == AlarmRow.complaint_id)
        .where(AlarmRow.id == to.notice.subject_id)
    )
    alarm = (await work.session.execute(query)).one_or_none()
    if alarm is None:
        return None
    reasons = {
        "void": not alarm.holds,
        "superseded": alarm.superseded,
        "no_access": not (to.may_act and to.kept),
    }
    return to.letter(
        compose(to.reference, alarm.cause, to.locale),
        obstacle=next((reason for reason, is_so in reasons.items() if is_so), None),
        thread=f"alarm-{alarm.complaint_id}",
    )


def compose(reference: str, cause: alarms.Cause, locale: Locale) -> Content:
    """Write an alarm of one cause for a case's number."""
    sections = [
        Section(
            name=name,
            label=i18n.t(f"alarms.label.{name}", locale),
            lines=[i18n.t(f"alarms.{name}.{line}", locale) for line in lines],
        )
        for name, lines in _SECTIONS.items()
    ]
    who = Section(name="who", label=i18n.t("alarms.label.who", locale), lines=[i18n.t("alarms.who", locale)])
    return Content(
        locale=locale,
        reference=reference,
        greeting=i18n.t("alarms.mail.greeting", locale, reference=reference),
        headline=i18n.t(f"alarms.headline.{cause}", locale),
        step="",
        sections=[*sections, who],
    )


def _holds() -> ColumnElement[bool]:
    """Return the condition that what raised an alarm is still on record."""
    stands = exists().where(
        EventRow.id == AlarmRow.subject_id, EventRow.type == alarms.DISMISSAL, EventRow.withdrawn_at.is_(None)
    )
    acute = and_(ComplaintRow.risk_level.is_not(None), ComplaintRow.risk_level == alarms.ACUTE)
    return case((AlarmRow.cause == "dismissal", stands), else_=acute)
