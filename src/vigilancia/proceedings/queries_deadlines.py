"""Reading deadlines: the list of what is due, one deadline with its reasons, its earlier states, and what to plan."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, select
from sqlalchemy.sql import Select

from vigilancia.access import policy
from vigilancia.access.telling import tell
from vigilancia.core import i18n
from vigilancia.core.errors import BadParameterError, Fault, NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.law import explain
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Deadline as LawDeadline
from vigilancia.law.model import Status
from vigilancia.proceedings import rulesets, sight, words
from vigilancia.proceedings.models import DeadlineRevisionRow, DeadlineRow
from vigilancia.proceedings.schemas_deadlines import Deadline, DeadlineFilters, DeadlineRevision, DeadlineState
from vigilancia.proceedings.status import STATUSES, status_at, status_is
from vigilancia.proceedings.values import RULES_CHANGED, SUPERSEDED, TRIGGER_WITHDRAWN, law_deadline

_DEADLINE = DeadlineRow.__table__.c
_FILTERS: dict[str, type] = {
    "proceeding_id": UUID,
    "complaint_id": UUID,
    "mechanism": str,
    "rule": str,
    "actor": str,
    "nature": str,
    "confidence": str,
}


def select_deadlines(work: Work, *columns: Any, linked: Sequence[UUID] | None = None) -> Select[Any]:  # noqa: ANN401
    """Return the select of all deadlines the caller may see, for lists and exports.

    Each row has the columns asked for (none: all of the table's), and `reference`, `standing` and `status`.
    `linked` is as for `policy.seen`.
    """
    shown = columns or tuple(_DEADLINE)
    status = status_at(work.now, _DEADLINE).label("status")
    query = sight.with_case(work, DeadlineRow.__table__, _DEADLINE.complaint_id, *shown, status)
    return query.where(sight.seen_by(work, linked))


async def listed(work: Work, listing: Listing, filters: DeadlineFilters) -> Page[Deadline]:
    """List deadlines, the next one due first.

    Raises:
        BadParameterError: A filter or a sort that does not fit.
    """
    due_on = sight.day_shown(work, _DEADLINE.due_on)
    query = select_deadlines(work, linked=await sight.linked(work)).where(*_conditions(work, filters, due_on))
    if listing.updated_since:
        query = query.where(sight.changed_since(work, _DEADLINE.updated_at, listing.updated_since))
    sortable = {
        "id": _DEADLINE.id,
        "due_on": due_on,
        "created_at": sight.instant_shown(work, _DEADLINE.created_at),
        "updated_at": sight.instant_shown(work, _DEADLINE.updated_at),
        "rule": _DEADLINE.rule,
        "mechanism": _DEADLINE.mechanism,
    }
    rows, following = await fetch_page(work.session, query, listing, sortable=sortable, default="due_on")
    rule_sets = await _rule_sets(work, rows)
    return Page(items=[_deadline(work, row, rule_sets) for row in rows], next=following)


async def _rule_sets(work: Work, rows: Sequence[Any]) -> Mapping[str, Mechanism]:
    """Return the rule sets that deadlines were computed from; no statement while these are the package's."""
    return await rulesets.for_words(work, {row.computation["rules_digest"] for row in rows if row.computation})


def _conditions(work: Work, filters: DeadlineFilters, due_on: ColumnElement[date]) -> Iterator[ColumnElement[bool]]:
    for name, type_ in _FILTERS.items():
        text = getattr(filters, name)
        if text is not None:
            yield any_of(_DEADLINE[name], text, name, type_)
    if filters.status is not None:
        wanted = filters.status.split(",")
        if any(status not in STATUSES for status in wanted):
            fault = Fault(pointer="?status", code="code", params={"vocabulary": ", ".join(STATUSES)})
            raise BadParameterError(faults=[fault])
        yield status_is(work.now, wanted, _DEADLINE)
    if filters.overridden is not None:
        is_set = _DEADLINE.computation["overridden_from"].astext.is_not(None)
        yield is_set if filters.overridden else ~is_set
    if filters.due_on_before is not None:
        yield due_on < filters.due_on_before
    if filters.due_on_after is not None:
        yield due_on > filters.due_on_after


async def read(work: Work, deadline_id: UUID) -> Deadline:
    """Read one deadline.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    row = (await work.session.execute(select_deadlines(work).where(_DEADLINE.id == deadline_id))).one_or_none()
    if row is None:
        raise NotFoundError
    return _deadline(work, row, await _rule_sets(work, [row]))


async def revisions(work: Work, deadline_id: UUID, listing: Listing) -> Page[DeadlineRevision]:
    """List the earlier states of a deadline, the newest first; the present one is the deadline itself.

    Raises:
        NotFoundError: For this caller the deadline does not exist.
    """
    found = select_deadlines(work, _DEADLINE.id).where(_DEADLINE.id == deadline_id)
    now = (await work.session.execute(found)).one_or_none()
    if now is None:
        raise NotFoundError
    view = policy.view(work.caller, now.standing)
    column = DeadlineRevisionRow.__table__.c
    query = select(*column).where(column.deadline_id == deadline_id)
    if listing.updated_since:
        since = sight.instant(view, listing.updated_since)
        query = query.where(column.replaced_at >= since)
    sortable = {"id": column.id, "revision": column.revision}
    rows, following = await fetch_page(work.session, query, listing, sortable=sortable, default="-revision")
    return Page(items=[_revision(view, row) for row in rows], next=following)


def _deadline(work: Work, row: Any, rule_sets: Mapping[str, Mechanism]) -> Deadline:  # noqa: ANN401 - a row of the list query
    view = policy.view(work.caller, row.standing)
    keys = ("id", "proceeding_id", "complaint_id", "reference", "mechanism", "trigger_event_id", "revision")
    values = {name: getattr(row, name) for name in (*keys, "created_at", "updated_at")}
    fixed = facts(law_deadline(row, rule_sets), row.status, work.locale, view)
    return Deadline(**tell("deadline", view, values), **fixed)


def facts(deadline: LawDeadline, status: Status, locale: Locale, view: policy.View = "full") -> dict[str, Any]:
    """Return the fields of `DeadlineFacts` for one deadline, in one language, as far as a view shows them.

    Args:
        deadline: As the engine gave it.
        status: At the instant of asking.
        locale: es, en or fr.
        view: De-identified rows have months for days, and nothing that would tell the day.
    """
    plain = (
        *("rule", "actor", "ours", "nature", "due_on", "latest_due_on", "raw_due_on", "practice_on", "met_on"),
        *("closes_at", "zone", "void_reason", "effect_on_expiry", "computation", "citation", "confidence"),
    )
    values = {name: getattr(deadline, name) for name in plain} | {
        "title": words.label(deadline.titles, locale),
        "actor_label": words.label(deadline.actor_labels, locale),
        "status": status,
        "overridden": deadline.computation.overridden_from is not None,
        "effect_label": deadline.effect_labels.get(locale),
        "rule_version": deadline.computation.rule_version,
        "explanation": _explanation(deadline, locale),
        "warnings": words.warnings(deadline.warnings, locale),
    }
    return tell("deadline", view, values)


def _explanation(deadline: LawDeadline, locale: Locale) -> list[str]:
    lines = explain.explain(deadline, locale)
    if deadline.void_reason in (TRIGGER_WITHDRAWN, SUPERSEDED, RULES_CHANGED):
        lines = [*lines, i18n.t(f"proceedings.void.{deadline.void_reason}", locale)]
    return lines


def _revision(view: policy.View, row: Any) -> DeadlineRevision:  # noqa: ANN401
    values = {name: getattr(row, name) for name in ("id", "revision", "replaced_at")}
    was = msgspec.structs.asdict(msgspec.convert(row.was, DeadlineState))
    state = DeadlineState(**tell("deadline_state", view, was))
    return DeadlineRevision(**tell("deadline_revision", view, values), was=state)
