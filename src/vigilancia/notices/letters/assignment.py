"""The letter that offers a run to one person: what it is about, the day, and a page on which to say yes or no."""

from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Text, Uuid, column, select, table

from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.notices import links
from vigilancia.notices.content import Call, Content, Section
from vigilancia.notices.letters.addressed import Addressed, read_addressed
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.letters.task import day_lines
from vigilancia.proceedings import words
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.proceedings.tasks.models import TaskRow

# Of a later room's tables no more than is said here: what was offered to whom, and the answer.
_ASSIGNMENT = table(
    "escalation_assignment",
    column("id", Uuid()),
    column("run_id", Uuid()),
    column("contact_id", Uuid()),
    column("state", Text()),
)
_RUN = table("escalation_run", column("id", Uuid()), column("deadline_id", Uuid()), column("task_id", Uuid()))


class Offered(Struct, frozen=True, kw_only=True):
    """An offer as it is now, and the notice that tells of it.

    Attributes:
        to: The notice and its recipient.
        assignment_id: Of the offer.
        run_id: Of the ladder it offers.
        state: `offered`, `accepted`, `declined` or `ended`.
        about: `deadline` or `task`.
        titles: What is to be done, in the three languages.
        due_on: Last day.
        zone: In which it ends.
        over: Whether nothing is to be done any more.
        entitled: Whether the recipient may still be asked.
    """

    to: Addressed
    assignment_id: UUID
    run_id: UUID
    state: str
    about: str
    titles: dict[str, str]
    due_on: date
    zone: str
    over: bool
    entitled: bool

    def compose(self, locale: Locale) -> Content:
        """Write the offer in a language."""
        texts = {
            "what": [i18n.t(f"assignments.what.{self.about}", locale)],
            "day": day_lines("assignments", self.due_on, self.zone, locale),
            "now": [i18n.t(f"assignments.now.{answer}", locale) for answer in ("accept", "decline")],
        }
        return Content(
            locale=locale,
            reference=self.to.reference,
            greeting=i18n.t("assignments.mail.greeting", locale, reference=self.to.reference),
            headline=i18n.t("assignments.headline", locale),
            step=self.titles[locale],
            sections=[
                Section(name=name, label=i18n.t(f"assignments.label.{name}", locale), lines=lines)
                for name, lines in texts.items()
            ],
            call=Call(label=i18n.t("assignments.mail.call", locale), text=i18n.t("assignments.mail.call_text", locale)),
        )


async def read(work: Work, notice_id: UUID) -> Letter | None:
    """Return the letter; none when there is no such notice."""
    offer = await read_offer(work, notice_id)
    if offer is None:
        return None
    reasons = {
        "met": offer.over,
        "superseded": offer.state != "offered",
        "no_access": not offer.entitled,
    }
    return offer.to.letter(
        offer.compose(offer.to.locale),
        obstacle=next((reason for reason, is_so in reasons.items() if is_so), None),
        thread=f"{offer.about}-{offer.run_id}",
        link=links.answer_offer(work, notice_id, offer.to.notice.planned_at),
    )


async def read_offer(work: Work, notice_id: UUID) -> Offered | None:
    """Return the offer a notice tells of; none when there is no such notice."""
    to = await read_addressed(work, notice_id)
    if to is None or to.notice.kind != "assignment":
        return None
    query = (
        select(
            _ASSIGNMENT.c.id, _ASSIGNMENT.c.run_id, _ASSIGNMENT.c.contact_id, _ASSIGNMENT.c.state, DeadlineRow, TaskRow
        )
        .select_from(_ASSIGNMENT)
        .join(_RUN, _RUN.c.id == _ASSIGNMENT.c.run_id)
        .outerjoin(DeadlineRow, DeadlineRow.id == _RUN.c.deadline_id)
        .outerjoin(TaskRow, TaskRow.id == _RUN.c.task_id)
        .where(_ASSIGNMENT.c.id == to.notice.subject_id)
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        return None
    deadline, task = row.DeadlineRow, row.TaskRow
    subject = deadline or task
    theirs = to.told if task is None else task.organization_id == to.notice.organization_id
    return Offered(
        to=to,
        assignment_id=row.id,
        run_id=row.run_id,
        state=row.state,
        about="deadline" if task is None else "task",
        titles=_of_deadline(deadline) if task is None else _of_task(task),
        due_on=subject.due_on,
        zone=subject.zone,
        over=(deadline.met or deadline.void) if task is None else task.state != "open",
        entitled=theirs and to.told and to.kept and row.contact_id == to.notice.contact_id,
    )


def _of_deadline(deadline: DeadlineRow) -> dict[str, str]:
    """Return the words of today's rule files; what they dropped is called by its id."""
    rule = loader.mechanism(deadline.mechanism).rules.get(deadline.rule)
    return rule.titles if rule else dict.fromkeys(i18n.LOCALES, deadline.rule)


def _of_task(task: TaskRow) -> dict[str, str]:
    return {locale: words.code_label("task", task.code, locale) or task.code for locale in i18n.LOCALES}
