"""The letter about one rung of one task: the words of its code, never its title."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import babel.dates
from msgspec import Struct
from sqlalchemy import select

from vigilancia.core import clock, i18n
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.notices import links, rungs
from vigilancia.notices.content import Call, Content, Section
from vigilancia.notices.frozen import offsets_of
from vigilancia.notices.letters.addressed import Addressed, read_addressed, standing_of
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.letters.told import Told
from vigilancia.proceedings import words
from vigilancia.proceedings.tasks.models import TaskRow
from vigilancia.registry.models import OrganizationRow

_RECORDING = ("owner", "write")
_ENDED = {"done": "met", "cancelled": "void"}


class _Facts(Struct, frozen=True, kw_only=True):
    """A notice of a task, with the task as it is now."""

    to: Addressed
    task: TaskRow
    parent_id: UUID | None  # of the task's organisation
    may_record: bool  # whether the task's organisation still may, in the case
    frozen: Mapping[str, int]  # calendar days of rungs that count working days, as the run counted them

    @property
    def moved(self) -> bool:
        """Whether the day is another than the one the notice was planned for."""
        return (
            rungs.instant(self.to.notice.rung, self.task.due_on, self.task.zone, self.frozen) != self.to.notice.due_at
        )

    @property
    def ended(self) -> str | None:
        """Why nothing is to be done any more; none: something is."""
        return _ENDED.get(self.task.state)

    @property
    def own(self) -> bool:
        """Whether the recipient is of the task's organisation."""
        return self.to.notice.organization_id == self.task.organization_id

    @property
    def entitled(self) -> bool:
        """Whether the recipient may still be told: the task's organisation itself, or its parent."""
        near = self.own or self.to.notice.organization_id == self.parent_id
        return near and self.to.kept and self.may_record


async def read(work: Work, notice_id: UUID) -> Letter | None:
    """Return the letter; none when there is no such notice."""
    facts = await _read(work, notice_id)
    if facts is None:
        return None
    obstacle = facts.ended or ("superseded" if facts.moved else None) or (None if facts.entitled else "no_access")
    return facts.to.letter(
        _compose(work, facts, facts.to.locale),
        obstacle=obstacle,
        thread=f"task-{facts.task.id}",
        link=links.acknowledge(work, notice_id, facts.to.notice.planned_at),
        due_on=facts.task.due_on,
    )


async def told(work: Work, notice_id: UUID) -> Told | None:
    """Return what the page of the notice shows; none when there is no such notice."""
    facts = await _read(work, notice_id)
    if facts is None or facts.to.notice.run_id is None:
        return None
    return Told(
        run_id=facts.to.notice.run_id,
        organization_id=facts.to.notice.organization_id,
        contact_id=facts.to.notice.contact_id,
        locale=facts.to.locale,
        zone=facts.to.zone,
        entitled=facts.entitled,
        moved=facts.moved,
        ended=facts.ended,
        words="tasks.page",
        compose=lambda locale: _compose(work, facts, locale),
    )


async def _read(work: Work, notice_id: UUID) -> _Facts | None:
    to = await read_addressed(work, notice_id)
    if to is None:
        return None
    query = (
        select(TaskRow, OrganizationRow.parent_id, offsets_of(to.notice.run_id).label("frozen"))
        .join(OrganizationRow, OrganizationRow.id == TaskRow.organization_id)
        .where(TaskRow.id == to.notice.subject_id)
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        return None
    may_record = await standing_of(work, row.TaskRow.complaint_id, row.TaskRow.organization_id) in _RECORDING
    frozen = row.frozen or rungs.NOTHING_FROZEN
    return _Facts(to=to, task=row.TaskRow, parent_id=row.parent_id, may_record=may_record, frozen=frozen)


def _compose(work: Work, facts: _Facts, locale: Locale) -> Content:
    task = facts.task
    left = (task.due_on - clock.local_date(work.now, task.zone)).days
    phase = "last" if left == 0 else "before" if left > 0 else "over"
    texts = {
        "whose": [i18n.t(f"tasks.whose.{'own' if facts.own else 'parent'}", locale)],
        "day": day_lines("tasks", task.due_on, task.zone, locale),
        "now": [i18n.t(f"tasks.now.{phase}", locale)],
    }
    return Content(
        locale=locale,
        reference=facts.to.reference,
        greeting=i18n.t("tasks.mail.greeting", locale, reference=facts.to.reference),
        headline=i18n.t("tasks.headline.last", locale)
        if left == 0
        else i18n.t(f"tasks.headline.{phase}", locale, count=abs(left)),
        step=words.code_label("task", task.code, locale) or task.code,
        sections=[
            Section(name=name, label=i18n.t(f"tasks.label.{name}", locale), lines=lines)
            for name, lines in texts.items()
        ],
        call=Call(
            label=i18n.t("notices.mail.acknowledge", locale), text=i18n.t("notices.mail.acknowledge_text", locale)
        ),
    )


def day_lines(area: str, due_on: date, zone: str, locale: Locale) -> list[str]:
    """Return a last day in words, and by whose clocks it ends; `area` is of the catalogues."""
    day = i18n.long_date(due_on, locale)
    city = babel.dates.get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True)
    return [f"{day[:1].upper()}{day[1:]}.", i18n.t(f"{area}.day.zone", locale, city=city)]
