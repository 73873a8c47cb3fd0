"""What runs beside a procedure: another mechanism, to be opened because of what the case alleges.

A rapid response case runs for months, and a dismissed worker's own time limit runs out meanwhile. Which mechanisms
stand so to each other, and which allegations tell, is in the rule files (`beside` in `mechanism.yaml`).
"""

from datetime import date
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import func, select

from vigilancia.access import policy
from vigilancia.complaints import views
from vigilancia.complaints.models import ComplaintRow
from vigilancia.complaints.schemas import Incident
from vigilancia.core import i18n
from vigilancia.core.work import Work
from vigilancia.law import engine, loader
from vigilancia.law.deadlines import cited
from vigilancia.law.errors import CalendarHorizonError
from vigilancia.law.lists import Beside
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Deadline, Event
from vigilancia.proceedings import sight, words
from vigilancia.proceedings.clock.schemas_beside import AllegedAct, Suggestion
from vigilancia.proceedings.models import ProceedingRow

_FLOOR = "not_before"


class Alleged(Struct, frozen=True, kw_only=True):
    """What a case says that may set another clock going.

    Attributes:
        complaint_id: Of the case.
        allegations: All that is alleged, dated or not.
        incidents: What is dated.
        opened: Mechanisms under which a procedure was opened for it, whatever became of it.
    """

    complaint_id: UUID
    allegations: frozenset[str]
    incidents: list[Incident]
    opened: frozenset[str]


def columns() -> tuple[Any, ...]:
    """Return the columns that `alleged` reads, for a select that has the complaint's table."""
    other = ProceedingRow.__table__.alias("other_proceeding").c
    opened = select(func.array_agg(other.mechanism)).where(other.complaint_id == ComplaintRow.id)
    case = (
        *(ComplaintRow.incidents, ComplaintRow.allegations, ComplaintRow.merged_into),
        ComplaintRow.status.label("case_status"),
    )
    return *case, opened.scalar_subquery().label("opened")


def alleged(row: Any, view: policy.View) -> Alleged | None:  # noqa: ANN401 - a row with those columns
    """Return what a case alleges, as far as a view may know it.

    None for those who see steps and dates only, as it would tell them what is alleged; none for analysts, as it would
    tell the day; none of a case merged into another, as nothing more is opened in it. The public is told nothing of
    any closed case, else what is missing would tell it which of them were merged.
    """
    if view == "deidentified" or not views.shows(view, "incidents") or row.merged_into is not None:
        return None
    if row.case_status == "closed" and not sight.shows_mistakes(view):
        return None
    incidents = msgspec.convert(row.incidents, list[Incident])
    return Alleged(
        complaint_id=row.complaint_id,
        allegations=frozenset(row.allegations) | {each.allegation for each in incidents},
        incidents=incidents,
        opened=frozenset(row.opened or ()),
    )


def suggestions(work: Work, mechanism: str, case: Alleged | None) -> list[Suggestion]:
    """Return the mechanisms to be opened beside one, for what the case alleges.

    What runs beside is read from the rule files of today, whichever ones the procedure itself is computed from. Left
    out are mechanisms opened before, and those under which nothing is opened yet.
    """
    known = loader.mechanisms()
    if case is None or mechanism not in known:
        return []
    return [
        _suggestion(work, each, known[each.mechanism], known[mechanism], case)
        for each in known[mechanism].beside
        if each.mechanism not in case.opened and known[each.mechanism].active
        if case.allegations.intersection(each.allegations)
    ]


def _suggestion(work: Work, beside: Beside, other: Mechanism, mechanism: Mechanism, case: Alleged) -> Suggestion:
    acts = _acts(beside, other, case)
    return Suggestion(
        mechanism=other.id,
        title=words.label(other.labels, work.locale),
        why=words.label(beside.why, work.locale),
        sentence=_sentence(work, beside, other, acts),
        citation=cited(beside.cites, mechanism),
        confidence=beside.confidence,
        event=beside.event,
        acts=acts,
        url=f"/v1/complaints/{case.complaint_id}/proceedings",
    )


def _acts(beside: Beside, other: Mechanism, case: Alleged) -> list[AllegedAct]:
    """Return the incidents that count, each once; those without a day come last."""
    found = {
        (each.allegation, _start(each), each.precision): None
        for each in case.incidents
        if each.allegation in beside.allegations
    }
    acts = []
    for allegation, on, precision in found:
        due = _due(other.id, other.digest, beside.event, on) if on is not None and precision != "year" else None
        acts.append(
            AllegedAct(
                allegation=allegation,
                on=on,
                precision=cast("Any", precision),
                would_be_due_on=due.due_on if due else None,
                confidence=due.confidence if due else None,
            )
        )
    return sorted(acts, key=lambda act: (act.on is None, act.on or date.max, act.allegation, act.precision))


def _start(incident: Incident) -> date | None:
    """Return the earliest day an incident may mean: acting on it is never too late."""
    if incident.on is None or incident.precision == "day":
        return incident.on
    return incident.on.replace(day=1) if incident.precision == "month" else incident.on.replace(month=1, day=1)


@lru_cache(maxsize=4096)
def _due(mechanism: str, _digest: str, event: str, on: date) -> Deadline | None:
    """Return the first day that would run out under the other mechanism; none where its rules say nothing of it.

    Kept by the digest of its files, for a case may tell of many days and each of its procedures asks for all of them.
    """
    try:
        outcome = engine.run(loader.mechanism(mechanism), [Event(id="alleged", type=event, on=on)])
    except CalendarHorizonError:
        return None
    days = [each for each in outcome.deadlines if each.nature != _FLOOR and not each.void]
    return min(days, key=lambda each: (not each.ours, each.due_on), default=None)


def _sentence(work: Work, beside: Beside, other: Mechanism, acts: list[AllegedAct]) -> str:
    """Say by when: of the act whose clock runs out next; else of the last one whose clock would have run out."""
    locale, today = work.locale, work.today(other.zone)
    dated = [(act.would_be_due_on, act.on, act.precision) for act in acts if act.would_be_due_on and act.on]
    running = [each for each in dated if each[0] >= today]
    if not dated:
        return i18n.t("clock.beside.undated", locale, act=words.label(beside.labels, locale))
    due_on, on, precision = min(running) if running else max(dated)
    return i18n.t(
        f"clock.beside.{'running' if running else 'over'}.{precision}",
        locale,
        act=words.label(beside.labels, locale),
        day=i18n.long_date(due_on, locale),
        on=i18n.long_date(on, locale) if precision == "day" else words.month(on, locale),
    )
