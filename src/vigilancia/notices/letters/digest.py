"""The digest: the newest state of what was held for it, and what comes next."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy import exists, select

from vigilancia.core import i18n
from vigilancia.core.jobs import JobRow
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.notices.content import Content, Section
from vigilancia.notices.letters.coming import Coming, coming
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.letters.personal import read_personal
from vigilancia.notices.models import NoticeRow
from vigilancia.notices.rounds.figures import figures

_TOLD = ("day", "first_day", "sure")  # the sections of a notice that its block in a digest repeats


async def read(
    work: Work, notice_id: UUID, read_one: Callable[[Work, UUID], Awaitable[Letter | None]]
) -> Letter | None:
    """Return the letter; none when there is no such notice.

    Args:
        work: The moment.
        notice_id: Of the digest.
        read_one: Reads a notice of any kind, with what stands in its way by now.
    """
    to = await read_personal(work, notice_id)
    if to is None:
        return None
    at_work = exists().where(JobRow.subject_id == NoticeRow.id, JobRow.done_at.is_(None))
    held = (
        select(NoticeRow.id)
        .where(NoticeRow.contact_id == to.contact.id, NoticeRow.status == "planned")
        .where(NoticeRow.hold_until <= to.notice.due_at, NoticeRow.kind != "digest", ~at_work)
        .order_by(NoticeRow.due_at, NoticeRow.id)
    )
    read_all = [await read_one(work, held_id) for held_id in (await work.session.scalars(held)).all()]
    letters = [letter for letter in read_all if letter is not None and letter.obstacle is None]
    told = {letter.deadline_id for letter in letters}
    ahead = await coming(work, to.contact, days=figures().ahead_days, most=figures().ahead_most)
    ahead = [day for day in ahead if day.deadline_id not in told]
    wanted = bool(letters or ahead) or (to.contact.digest is not None and to.contact.digest["empty"])
    return to.letter(
        compose([letter.content for letter in letters], ahead, to.locale),
        obstacle=None if wanted else "empty",
        contains=tuple(letter.notice_id for letter in letters),
    )


def compose(told: list[Content], ahead: list[Coming], locale: Locale) -> Content:
    """Write a digest.

    Args:
        told: What each notice in it says.
        ahead: What comes next.
        locale: Of the recipient.
    """
    sections = [
        Section(
            name="item",
            label=f"{one.reference}: {one.headline}" if one.reference else one.headline,
            lines=[one.step, *(line for part in one.sections if part.name in _TOLD for line in part.lines[:1])],
        )
        for one in told
    ]
    lines = [day.line(locale) for day in ahead] or [i18n.t("digests.nothing_ahead", locale, count=figures().ahead_days)]
    sections.append(Section(name="ahead", label=i18n.t("digests.label.ahead", locale), lines=lines))
    return Content(
        locale=locale,
        reference=None,
        greeting=i18n.t("digests.greeting", locale),
        headline=i18n.t("digests.headline", locale, count=len(told)) if told else i18n.t("digests.nothing_new", locale),
        step="",
        sections=sections,
    )
