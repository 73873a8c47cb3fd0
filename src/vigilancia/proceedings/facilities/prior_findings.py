"""Earlier findings at a facility and at others of its owner: which count toward wider remedies, which do not, and why.

Only cases whose facility the caller is shown take part, so nothing tells that others exist; the answer says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import and_, select

from vigilancia.access import fields, policy
from vigilancia.complaints import views
from vigilancia.complaints.models import ComplaintFacilityRow, ComplaintRow
from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.law import occasions
from vigilancia.law.deadlines import cited
from vigilancia.law.lists import WiderRemedies
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Event
from vigilancia.proceedings import sight, words
from vigilancia.proceedings.facilities.coverage import asked_for
from vigilancia.proceedings.facilities.schemas import FindingOccasion, OpenRemedy, PriorFindings
from vigilancia.proceedings.models import EventRow, ProceedingRow
from vigilancia.proceedings.values import law_events
from vigilancia.registry.facilities.owners import Kin, kin_of


class _Case(Struct, frozen=True, kw_only=True):
    """A procedure, or a case without one, at one facility, with what it is worth by itself."""

    row: Any
    plant: Kin
    worth: occasions.Occasion


async def of_facility(work: Work, facility_id: UUID, mechanism_id: str) -> PriorFindings:
    """List the occasions under a mechanism, at a facility and at others of its owner, counted and not.

    Raises:
        ForbiddenError: The caller's token does not read the registry, whose names and companies this tells.
        NotFoundError: For this caller the facility does not exist.
        BadParameterError: There is no such mechanism.
    """
    policy.require(work.caller, "registry:read")
    kin = await kin_of(work, facility_id)
    mechanism = asked_for(mechanism_id)
    wider = mechanism.wider_remedies
    told = await _told(work, mechanism, wider, kin) if wider else []
    counted = [each for each in told if each.code == "determination"]
    prior = len(counted) if wider else None
    return PriorFindings(
        facility_id=facility_id,
        mechanism=mechanism.id,
        title=words.label(mechanism.labels, work.locale),
        note=i18n.t("occasions.note" if wider else "occasions.none", work.locale),
        prior_determinations=prior,
        counted=counted,
        not_counted=[each for each in told if each.code != "determination"],
        remedies=_remedies(mechanism, wider, len(counted), work.locale) if wider else [],
        citation=cited(wider.cites, mechanism) if wider else [],
        confidence=wider.confidence if wider else None,
        last_verified_on=wider.last_verified_on if wider else None,
    )


async def _told(work: Work, mechanism: Mechanism, wider: WiderRemedies, kin: Sequence[Kin]) -> list[FindingOccasion]:
    """Judge each procedure once; two statements of one day are taken for one determination."""
    found = await _cases(work, mechanism, wider, kin)
    counted_days: set[Any] = set()
    told = []
    for each in sorted(found, key=_oldest_first):
        code = _code(wider, each, kin[0], counted_days)
        if code == "determination" and each.worth.event:
            counted_days.add(each.worth.event.on)
        told.append(_occasion(work, mechanism, wider, each, code))
    return sorted(told, key=lambda each: (each.on is None, each.on, str(each.complaint_id), str(each.proceeding_id)))


def _oldest_first(case: _Case) -> tuple[bool, bool, Any, str]:
    """Order so that what is told of the facility itself comes before what is told of its kin."""
    event = case.worth.event
    return case.plant.by != "same_facility", event is None, event.on if event else None, str(case.row.complaint_id)


async def _cases(work: Work, mechanism: Mechanism, wider: WiderRemedies, kin: Sequence[Kin]) -> list[_Case]:
    """Read the cases at these facilities and the events of their procedures: two statements, however many there are."""
    plants = {each.id: each for each in kin}
    view = views.view_of(work.caller, sight.standing_of(work), ComplaintRow.confidentiality)
    query = (
        select(
            ComplaintRow.id.label("complaint_id"),
            ComplaintRow.reference,
            ComplaintRow.facility_id.label("main_id"),
            ComplaintRow.findings,
            ComplaintFacilityRow.facility_id,
            ProceedingRow.id.label("proceeding_id"),
            view.label("view"),
        )
        .join(ComplaintFacilityRow, ComplaintFacilityRow.complaint_id == ComplaintRow.id)
        .outerjoin(
            ProceedingRow,
            and_(ProceedingRow.complaint_id == ComplaintRow.id, ProceedingRow.mechanism == mechanism.id),
        )
        .where(ComplaintFacilityRow.facility_id.in_(plants), sight.seen_by(work))
    )
    rows = [
        row
        for row in await work.session.execute(query)
        if plants[row.facility_id].visibility in fields.places(row.view)
        if row.proceeding_id is not None or (row.findings and views.shows(row.view, "findings"))
    ]
    events = await _events(work, {row.proceeding_id for row in rows if row.proceeding_id is not None})
    return [
        _Case(
            row=row,
            plant=plants[row.facility_id],
            worth=occasions.occasion(wider, events[row.proceeding_id] if row.proceeding_id else []),
        )
        for row in _one_each(rows, plants)
    ]


def _one_each(rows: Iterable[Any], plants: Mapping[UUID, Kin]) -> list[Any]:
    """Keep one row of each procedure: at the case's main facility, else at the one asked for, else at any."""

    def rank(row: Any) -> tuple[bool, bool, str]:  # noqa: ANN401 - a row
        other = plants[row.facility_id].by != "same_facility"
        return row.facility_id != row.main_id, other, str(row.facility_id)

    kept: dict[Any, Any] = {}
    for row in sorted(rows, key=rank):
        kept.setdefault((row.complaint_id, row.proceeding_id), row)
    return list(kept.values())


async def _events(work: Work, proceeding_ids: set[UUID]) -> Mapping[UUID, list[Event]]:
    rows: dict[UUID, list[EventRow]] = defaultdict(list)
    for event in await work.session.scalars(select(EventRow).where(EventRow.proceeding_id.in_(proceeding_ids))):
        rows[event.proceeding_id].append(event)
    return defaultdict(list, {id_: law_events(each) for id_, each in rows.items()})


def _code(wider: WiderRemedies, case: _Case, asked: Kin, counted_days: set[Any]) -> str:
    """Say why a case counts or not: `determination` alone counts."""
    if case.row.proceeding_id is None:
        return "finding_on_case"
    if not case.worth.counts:
        return case.worth.verdict
    if case.row.facility_id != case.row.main_id:
        return "not_main_facility"
    if case.plant.by != "same_facility":
        like = occasions.likeness(wider, _goods(asked), _goods(case.plant))
        if like != "same":
            return f"goods_{like}"
    if case.worth.event and case.worth.event.on in counted_days:
        return "counted_already"
    return "determination"


def _goods(plant: Kin) -> occasions.Goods:
    return occasions.Goods(products=plant.products, hs_codes=plant.hs_codes)


def _occasion(work: Work, mechanism: Mechanism, wider: WiderRemedies, case: _Case, code: str) -> FindingOccasion:
    event, row = case.worth.event, case.row
    own = case.plant.by == "same_facility"
    return FindingOccasion(
        complaint_id=row.complaint_id,
        reference=sight.reference(row.view, row.reference),
        proceeding_id=row.proceeding_id,
        facility_id=case.plant.id,
        facility_name=case.plant.name,
        relation="same_facility" if own else "same_owner",
        event=event.type if event else None,
        event_label=words.event_label(mechanism, event.type, work.locale) if event else None,
        kind=event.kind if event else None,
        on=sight.cut(row.view, event.on) if event else None,
        code=code,
        why=_why(wider, case, code, work.locale),
    )


def _why(wider: WiderRemedies, case: _Case, code: str, locale: Locale) -> str:
    if code == "other_result" and case.worth.event:
        reason = words.label(wider.not_counted[case.worth.event.type], locale)
    else:
        reason = i18n.t(f"occasions.why.{code}", locale)
    if case.plant.by == "same_facility":
        return reason
    owner = i18n.t(f"occasions.{case.plant.by}", locale, company=case.plant.company or "")
    return f"{reason} {owner}"


def _remedies(mechanism: Mechanism, wider: WiderRemedies, prior: int, locale: Locale) -> list[OpenRemedy]:
    return [
        OpenRemedy(
            tier=name,
            label=words.label(tier.labels, locale),
            needs_prior=tier.prior,
            citation=cited(tier.cites, mechanism),
            confidence=tier.confidence,
        )
        for name, tier in occasions.open_tiers(wider, prior).items()
    ]
