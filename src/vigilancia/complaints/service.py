"""Logging a complaint and changing it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from vigilancia.access import policy
from vigilancia.complaints import alarms, checks, kin, sealed
from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.approvals import asking
from vigilancia.complaints.approvals.service import Kind
from vigilancia.complaints.consents.enforcement import require as require_consent
from vigilancia.complaints.models import ComplaintRow
from vigilancia.complaints.schemas import ComplaintIn, ComplaintPatch
from vigilancia.complaints.timeline import CHANGED, note
from vigilancia.complaints.views import order_plants
from vigilancia.core.errors import ConflictError, ForbiddenError, IllegalTransitionError, InvalidError
from vigilancia.core.http import require_version
from vigilancia.core.ids import new_reference, untimed_id
from vigilancia.core.work import Work
from vigilancia.registry.contacts import rounds

TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    "intake": ("open", "closed"),
    "open": ("closed",),
    "closed": ("open",),
}

PUBLIC = "public"
_OVERRIDE = "consent_override"  # no field of the complaint: it must stand on no timeline
_REFERENCE_TRIES = 10
_PLAIN = (
    *("title", "handler_id", "status", "channel", "received_on", "allegations", "groups", "languages"),
    *("interpreter_needed", "risk_level", "confidentiality", "tags", "source_urls"),
)
_RESEALS = frozenset({*sealed.FIELDS, "confidentiality"})
_STRUCTURED = ("incidents", "external_ids", "findings", "outcomes")


async def log(work: Work, data: ComplaintIn) -> UUID:
    """Log a complaint; it belongs to the caller's organisation.

    Returns:
        The id, which does not tell the instant.

    Raises:
        ForbiddenError: The caller is no staff of an organisation.
        InvalidError: Fields that do not fit, all of them.
        ConsentRequiredError: It would be public, and the owner asks consent in every case.
        ApprovalRequiredError: It would be closed or public from the first moment, which wants a second person here.
    """
    owner_id = work.caller.organization_id
    if owner_id is None or not policy.may_manage(work.caller, "owner"):
        raise ForbiddenError
    given = {name: getattr(data, name) for name in data.__struct_fields__ if name != _OVERRIDE}
    if data.facility_id is None:
        del given["facility_id"]
    await _refuse_faults(work, given, owner_id=owner_id)
    given |= kin.settle_plants(given, main=None, plants=[])
    complaint_id = untimed_id()
    await asking.require(work, owner_id, complaint_id, _second_person({}, given))  # of what is new nobody said yes
    words = {name: given[name] for name in sealed.FIELDS}
    row = _columns(given) | await sealed.columns(work, complaint_id, words, confidentiality=data.confidentiality)
    row |= {
        "id": complaint_id,
        "owner_id": owner_id,
        "version": 1,
        "created_at": work.now,
        "updated_at": work.now,
    }
    reference = await _insert(work, row, year=data.received_on.year)
    await kin.place(work, complaint_id, [], given["facility_ids"])
    await kin.relate(work, complaint_id, [], given["related"])
    after = _stored(given) | {"reference": reference, "owner_id": owner_id, "merged_into": None}
    after = {name: value for name, value in after.items() if name not in sealed.FIELDS or value is not None}
    await note(work, complaint_id, "complaint_logged", after=after)
    if data.confidentiality == PUBLIC:
        await require_consent(work, complaint_id, "publish", override=data.consent_override)
    await _alarm(work, complaint_id, given, version=1)
    return complaint_id


async def change(work: Work, complaint_id: UUID, patch: ComplaintPatch, expected: int) -> None:
    """Change the given fields of a complaint; where none of them differs, nothing is written.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: The caller may not record in it, or not decide who sees it.
        ConflictError: It is merged into another.
        StaleError: It has changed meanwhile.
        InvalidError: Fields that do not fit, all of them.
        ConsentRequiredError: It would become public, and nobody consented to that.
        IllegalTransitionError: The status cannot follow the present one.
        ApprovalRequiredError: Closing or publishing it wants a second person's yes.
    """
    door = await open_complaint(work, complaint_id, to="record")
    row = (await work.session.execute(select(ComplaintRow).where(ComplaintRow.id == complaint_id))).scalar_one()
    require_version(row.version, expected)
    given = {name: value for name in patch.__struct_fields__ if (value := getattr(patch, name)) is not UNSET}
    override = given.pop(_OVERRIDE, None)
    if given.get("confidentiality", row.confidentiality) != row.confidentiality and not policy.may_manage(
        work.caller, door.standing
    ):
        raise ForbiddenError
    plants = await kin.plants_of(work, complaint_id) if given.keys() & {"facility_id", "facility_ids"} else []
    relations = await kin.seen_relations(work, complaint_id) if "related" in given else []
    await _refuse_faults(
        work, given, owner_id=row.owner_id, complaint_id=complaint_id, plants=plants, related=relations
    )
    _refuse_transition(row.status, given.get("status", row.status))
    if given.keys() & {"facility_id", "facility_ids"}:
        given |= kin.settle_plants(given, main=row.facility_id, plants=plants)
    before, after = _difference(row, given, plants, relations)
    words = await sealed.words_of(work, row) if given.keys() & _RESEALS or not row.sealed else {}
    said = {name: given[name] for name in sealed.FIELDS if name in given and given[name] != words[name]}
    after |= dict.fromkeys(said, CHANGED)
    if not after:
        return
    if after.get("confidentiality") == PUBLIC:
        await require_consent(work, complaint_id, "publish", override=override)
    await asking.require(work, row.owner_id, complaint_id, _second_person(before, after))
    if "facility_ids" in after:
        await kin.place(work, complaint_id, plants, given["facility_ids"])
    if "related" in after:
        await kin.relate(work, complaint_id, relations, given["related"])
    values = _columns({name: given[name] for name in after})
    if said or not row.sealed or "confidentiality" in after:
        confidentiality = given.get("confidentiality", row.confidentiality)
        values |= await sealed.columns(work, complaint_id, words | said, confidentiality=confidentiality)
    await work.session.execute(
        update(ComplaintRow)
        .where(ComplaintRow.id == complaint_id)
        .values(**values, version=row.version + 1, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )
    await note(work, complaint_id, _change_type(after), before=before, after=after)
    await _alarm(work, complaint_id, after, version=row.version + 1)


def _second_person(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Kind]:
    """Return what of a change an owner may want a second person for; taking a case back from the public is never so."""
    kinds: list[Kind] = []
    if after.get("status") == "closed" and before.get("status") != "closed":
        kinds.append("close")
    if after.get("confidentiality") == "public" and before.get("confidentiality") != "public":
        kinds.append("publish")
    return kinds


async def _alarm(work: Work, complaint_id: UUID, changed: Mapping[str, Any], *, version: int) -> None:
    """Raise the alarm where people came to be in acute danger; each time anew."""
    if changed.get("risk_level") == alarms.ACUTE:
        await alarms.raise_alarm(work, complaint_id, "acute", complaint_id, version)


async def _refuse_faults(
    work: Work,
    given: Mapping[str, Any],
    *,
    owner_id: UUID,
    complaint_id: UUID | None = None,
    plants: list[UUID] | None = None,
    related: list[dict[str, str]] | None = None,
) -> None:
    zone = await work.session.scalar(select(func.public.zone_of_organization(owner_id)))
    faults = list(checks.own_faults(given, work.today(rounds.zone_of(zone))))
    faults += await checks.foreign_faults(
        work,
        given,
        owner_id=owner_id,
        complaint_id=complaint_id,
        standing_plants=plants or [],
        standing_kin=[UUID(relation["complaint_id"]) for relation in related or []],
    )
    if faults:
        raise InvalidError(faults=faults)


def _refuse_transition(present: str, wanted: str) -> None:
    if wanted != present and wanted not in TRANSITIONS[present]:
        raise IllegalTransitionError(allowed=TRANSITIONS[present])


async def _insert(work: Work, row: dict[str, Any], *, year: int) -> str:
    for _ in range(_REFERENCE_TRIES):
        made = await work.session.scalar(
            insert(ComplaintRow)
            .values(row | {"reference": new_reference(year)})
            .on_conflict_do_nothing(index_elements=["reference"])
            .returning(ComplaintRow.reference)
        )
        if made is not None:
            return str(made)
    raise ConflictError


def _columns(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of fields, but for those that are sealed."""
    values = {name: given[name] for name in (*_PLAIN, "facility_id") if name in given}
    values |= {name: msgspec.to_builtins(given[name]) for name in _STRUCTURED if name in given}
    if "affected_workers" in given:
        workers = given["affected_workers"]
        values |= {"affected_min": workers and workers.min, "affected_max": workers and workers.max}
    return values


def _stored(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields as the timeline and the reader have them: ids, dates and lists as JSON."""
    plain: dict[str, Any] = msgspec.to_builtins(dict(given))
    if "facility_ids" in given:
        plain["facility_ids"] = [str(plant) for plant in order_plants(given.get("facility_id"), given["facility_ids"])]
    if "related" in plain:
        pairs = sorted({(other["complaint_id"], other["kind"]) for other in plain["related"]})
        plain["related"] = [{"complaint_id": other, "kind": kind} for other, kind in pairs]
    if plain.get("affected_workers") == {"min": None, "max": None}:
        plain["affected_workers"] = None
    return plain


def _difference(
    row: ComplaintRow, given: Mapping[str, Any], plants: list[UUID], relations: list[dict[str, str]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    was = {name: getattr(row, name) for name in (*_PLAIN, *_STRUCTURED, "facility_id")}
    was |= {"facility_ids": plants, "related": relations}
    was["affected_workers"] = {"min": row.affected_min, "max": row.affected_max}
    old = _stored({name: was[name] for name in given if name not in sealed.FIELDS} | {"facility_id": row.facility_id})
    new = _stored({name: value for name, value in given.items() if name not in sealed.FIELDS})
    changed = [name for name, value in new.items() if value != old[name]]
    return {name: old[name] for name in changed}, {name: new[name] for name in changed}


def _change_type(after: Mapping[str, Any]) -> str:
    return "complaint_status_changed" if set(after) == {"status"} else "complaint_changed"
