"""The letter of a calm week: nothing fell due, the clocks run, and this is the next day known."""

from uuid import UUID

from sqlalchemy import func, select

from vigilancia.complaints.models import ComplaintRow
from vigilancia.core import i18n
from vigilancia.core.tables import HeartbeatRow
from vigilancia.core.upkeep import SWEEP
from vigilancia.core.work import Work
from vigilancia.notices.content import Content, Section, moment
from vigilancia.notices.letters.coming import coming, told_of
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.letters.personal import Personal, read_personal
from vigilancia.notices.rounds.figures import figures


async def read(work: Work, notice_id: UUID) -> Letter | None:
    """Return the letter; none when there is no such notice."""
    to = await read_personal(work, notice_id)
    return None if to is None else to.letter(await _compose(work, to), obstacle=None)


async def _compose(work: Work, to: Personal) -> Content:
    locale = to.locale
    cases = select(func.count()).select_from(ComplaintRow).where(ComplaintRow.status != "closed")
    count = await work.session.scalar(cases.where(told_of(work, to.contact, whole=True)))
    swept = await work.session.scalar(select(HeartbeatRow.at).where(HeartbeatRow.name == SWEEP))
    ahead = await coming(work, to.contact, days=None, most=1, whole=True)
    at = moment(swept or work.now, to.zone, locale)
    texts = {
        "week": [i18n.t("digests.calm.week", locale, count=figures().silent_days)],
        "cases": [i18n.t("digests.calm.cases", locale, count=count or 0)],
        "next": [day.line(locale) for day in ahead] or [i18n.t("digests.calm.no_next", locale)],
        "alive": [i18n.t("digests.calm.alive", locale, at=at)],
    }
    return Content(
        locale=locale,
        reference=None,
        greeting=i18n.t("digests.calm.greeting", locale),
        headline=i18n.t("digests.calm.headline", locale),
        step="",
        sections=[
            Section(name=name, label=i18n.t(f"digests.label.{name}", locale), lines=lines)
            for name, lines in texts.items()
        ],
    )
