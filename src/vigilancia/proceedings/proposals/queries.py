"""Reading proposals: all that is pending in the cases a caller may see, and one with its difference and its reasons."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, select

from vigilancia.access import policy
from vigilancia.core import i18n, sealing
from vigilancia.core.errors import BadParameterError, Fault, NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.texts import texts
from vigilancia.proceedings import rulesets, sealed, sight, words
from vigilancia.proceedings.following import Change, State
from vigilancia.proceedings.models import ClosureRow, ProposalRow
from vigilancia.proceedings.proposals.schemas import (
    Proposal,
    ProposalFilters,
    ProposalReason,
    ProposalStatus,
    ProposedChange,
    ProposedState,
)

_PROPOSAL = ProposalRow.__table__.c
_STATUSES = get_args(ProposalStatus)
_DAYS = ("due_on", "latest_due_on", "practice_on", "met_on")


async def listed(work: Work, listing: Listing, filters: ProposalFilters) -> Page[Proposal]:
    """List the proposals of every case the caller may see, the newest first.

    Raises:
        BadParameterError: A filter or a sort that does not fit.
    """
    query = sight.with_case(work, ProposalRow.__table__, _PROPOSAL.complaint_id, *_PROPOSAL)
    query = query.where(sight.seen_by(work, await sight.linked(work)), *_conditions(filters))
    if listing.updated_since:
        query = query.where(sight.changed_since(work, _PROPOSAL.updated_at, listing.updated_since))
    instants = {name: sight.instant_shown(work, _PROPOSAL[name]) for name in ("created_at", "updated_at")}
    sortable = {"id": _PROPOSAL.id, "mechanism": _PROPOSAL.mechanism, **instants}
    rows, following = await fetch_page(work.session, query, listing, sortable=sortable, default="-created_at")
    return Page(items=await _shaped(work, rows), next=following)


def _conditions(filters: ProposalFilters) -> Iterator[ColumnElement[bool]]:
    if filters.status is not None:
        if any(status not in _STATUSES for status in filters.status.split(",")):
            fault = Fault(pointer="?status", code="code", params={"vocabulary": ", ".join(_STATUSES)})
            raise BadParameterError(faults=[fault])
        yield any_of(_PROPOSAL.status, filters.status, "status")
    if filters.mechanism is not None:
        yield any_of(_PROPOSAL.mechanism, filters.mechanism, "mechanism")
    for name in ("complaint_id", "proceeding_id"):
        text = getattr(filters, name)
        if text is not None:
            yield any_of(_PROPOSAL[name], text, name, UUID)


async def read(work: Work, proposal_id: UUID) -> Proposal:
    """Read one proposal.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    query = sight.with_case(work, ProposalRow.__table__, _PROPOSAL.complaint_id, *_PROPOSAL)
    row = (await work.session.execute(query.where(_PROPOSAL.id == proposal_id))).one_or_none()
    if row is None or row.standing is None:
        raise NotFoundError
    return (await _shaped(work, [row]))[0]


async def _shaped(work: Work, rows: Sequence[Any]) -> list[Proposal]:
    """Shape rows; a statement for all closures they name and one for rule sets that are no longer the package's."""
    named = {UUID(reason["closure_id"]) for row in rows for reason in row.reasons if reason["closure_id"]}
    column = ClosureRow.__table__.c
    closures: dict[UUID, Any] = {}
    if named:
        found = await work.session.execute(select(*column).where(column.id.in_(named)))
        closures = {closure.id: closure for closure in found}
    rule_sets = await rulesets.for_words(work, {digest for row in rows for digest in (row.from_digest, row.to_digest)})
    await work.vault.warm([row.complaint_id for row in rows if row.words is not None])
    return [await _proposal(work, row, closures, rule_sets) for row in rows]


async def _proposal(
    work: Work,
    row: Any,  # noqa: ANN401 - a row of the list query
    closures: Mapping[UUID, Any],
    rule_sets: Mapping[str, Mechanism],
) -> Proposal:
    view = policy.view(work.caller, row.standing)
    inside = sight.shows_mistakes(view)
    known = [rule_sets[digest] for digest in (row.to_digest, row.from_digest) if digest in rule_sets]
    mechanism = known[0] if known else loader.mechanism(row.mechanism)
    where = sealed.proposal_place(row.id)
    said = await sealing.words_of(work.vault, row.complaint_id, where, row, sealed.DECISION) if inside else {}
    return Proposal(
        id=row.id,
        proceeding_id=row.proceeding_id,
        complaint_id=row.complaint_id,
        reference=sight.reference(view, row.reference),
        mechanism=row.mechanism,
        title=words.label(mechanism.labels, work.locale),
        status=row.status,
        reasons=[_reason(work, view, reason, closures) for reason in row.reasons],
        changes=[_change(work, view, each, known) for each in msgspec.convert(row.changes, list[Change])],
        from_digest=row.from_digest,
        to_digest=row.to_digest,
        decided_at=sight.instant(view, row.decided_at) if row.decided_at else None,
        decided_by=row.decided_by if inside else None,
        decision_reason=said.get("decision_reason"),
        version=row.version,
        created_at=sight.instant(view, row.created_at),
        updated_at=sight.instant(view, row.updated_at),
    )


def _change(work: Work, view: policy.View, change: Change, known: Sequence[Mechanism]) -> ProposedChange:
    rule = next((each.rules[change.rule] for each in known if change.rule in each.rules), None)
    return ProposedChange(
        change=change.change,
        rule=change.rule,
        title=words.label(rule.titles, work.locale) if rule else change.rule,
        trigger_event_id=change.trigger_event_id,
        deadline_id=change.deadline_id,
        before=_state(view, change.before),
        after=_state(view, change.after),
    )


def _state(view: policy.View, state: State | None) -> ProposedState | None:
    if state is None:
        return None
    fields = msgspec.structs.asdict(state)
    fields |= {name: sight.cut(view, fields[name]) for name in _DAYS}
    return ProposedState(**fields | {"closes_at": None if view == "deidentified" else state.closes_at})


def _reason(work: Work, view: policy.View, reason: Mapping[str, Any], closures: Mapping[UUID, Any]) -> ProposalReason:
    """Say why; a closure by its name and days, but not in a de-identified row, where it would tell the days."""
    code = reason["code"]
    closure = closures.get(UUID(reason["closure_id"])) if reason["closure_id"] else None
    if closure is None or view == "deidentified":
        text = i18n.t(f"proceedings.proposed.{code}", work.locale)
        return ProposalReason(code=code, text=text, closure_id=None, calendar=None, source=None)
    written = texts(work.locale).written
    days = written(closure.starts_on)
    if closure.ends_on != closure.starts_on:
        days = texts(work.locale).span.format(first=days, last=written(closure.ends_on))
    named = {"label": closure.labels[work.locale], "days": days, "source": closure.source}
    return ProposalReason(
        code=code,
        text=i18n.t(f"proceedings.proposed.{code}_named", work.locale, **named),
        closure_id=closure.id,
        calendar=closure.calendar,
        source=closure.source,
    )
