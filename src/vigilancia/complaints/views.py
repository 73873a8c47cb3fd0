"""Which fields of a complaint each view shows: the one table, for the API, lists, filters and exports alike.

What a view hides comes as null, cannot be filtered by, and does not sort. Two views also coarsen: analysts see months
instead of days, and places only where the record of the place is itself public.
"""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any, get_args
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, and_, case, false, or_, true

from vigilancia.access import policy
from vigilancia.access.policy import Standing, View
from vigilancia.complaints.schemas import AffectedWorkers, Complaint, Incident, Outcome, Relation, ShownFinding
from vigilancia.core.identity import Caller

_ALL = frozenset(field.name for field in msgspec.structs.fields(Complaint))
_IN_ALERTS = frozenset({"id", "reference", "view", "status", "confidentiality", "version", "updated_at"})

HIDDEN: Mapping[View, frozenset[str]] = {
    "full": frozenset(),
    "shared": frozenset({"narrative"}),
    "public": frozenset(
        {"narrative", "handler_id", "channel", "external_ids", "tags", "groups", "risk_level", "created_at"}
    ),
    "deidentified": frozenset(
        {"title", "summary", "narrative", "handler_id", "external_ids", "tags", "source_urls", "created_at"}
    )
    | {"merged_into"},
    "alerts": _ALL - _IN_ALERTS,
}

# A place is named where its own record may be known: all of them to those who work on the case.
FACILITIES_SHOWN: Mapping[View, tuple[str, ...]] = {
    "full": ("private", "linked", "public"),
    "shared": ("private", "linked", "public"),
    "public": ("linked", "public"),
    "deidentified": ("public",),
    "alerts": (),
}

_COUNTRY = re.compile(r"[A-Z]{2}")


def shows(view: View, field: str) -> bool:
    """Tell whether a view shows a field of a complaint."""
    return field not in HIDDEN[view]


def shown(
    caller: Caller,
    standing: ColumnElement[Any],
    confidentiality: Any,  # noqa: ANN401 - a column of whatever is queried
    field: str,
) -> ColumnElement[bool]:
    """Return the SQL condition that a caller is shown a field of a row."""
    return in_views(caller, standing, confidentiality, [view for view in HIDDEN if shows(view, field)])


def in_views(
    caller: Caller,
    standing: ColumnElement[Any],
    confidentiality: Any,  # noqa: ANN401 - a column of whatever is queried
    views: Collection[View],
) -> ColumnElement[bool]:
    """Return the SQL condition that a caller sees a row in one of some views."""
    ways: list[ColumnElement[bool]] = []
    everywhere = True
    for public in (False, True):
        kind = confidentiality == "public" if public else confidentiality != "public"
        standings = [way for way in get_args(Standing) if policy.view(caller, way, public=public) in views]
        everywhere = everywhere and len(standings) == len(get_args(Standing))
        if standings:
            ways.append(and_(kind, standing.in_(standings)))
    if everywhere:
        return true()
    return or_(*ways) if ways else false()


def view_of(
    caller: Caller,
    standing: ColumnElement[Any],
    confidentiality: Any,  # noqa: ANN401 - a column of whatever is queried
) -> ColumnElement[str]:
    """Return the SQL expression of the view in which a caller sees a row."""
    return case(
        *(
            (and_(standing == way, confidentiality == "public"), policy.view(caller, way, public=True))
            for way in get_args(Standing)
        ),
        *((standing == way, policy.view(caller, way)) for way in get_args(Standing)),
        else_=None,
    )


def shape(
    columns: Row[*tuple[Any, ...]], view: View, *, summary: str | None, narrative: str | None = None
) -> Complaint:
    """Return a complaint as one view shows it.

    Args:
        columns: Those of the complaint, `plants` (pairs of facility id and visibility), `kin` (relations whose other
            case the reader sees) and `pointer` (the case it is merged into, where the reader sees that one).
        view: Of the reader.
        summary: Opened, where the view shows it.
        narrative: Opened, where the view shows it.
    """
    row: Mapping[Any, Any] = columns._mapping  # noqa: SLF001 - the public accessor, underscored by SQLAlchemy
    plants = [UUID(plant) for plant, visibility in row["plants"] if visibility in FACILITIES_SHOWN[view]]
    main = row["facility_id"] if row["facility_id"] in plants else None
    fields: dict[str, Any] = {name: row[name] for name in _ALL if name in row}
    fields |= {
        "view": view,
        "summary": summary,
        "narrative": narrative,
        "facility_id": main,
        "facility_ids": order_plants(main, plants),
        "merged_into": row["pointer"],
        "affected_workers": _workers(row["affected_min"], row["affected_max"]),
        "related": sorted(
            msgspec.convert(row["kin"], list[Relation]), key=lambda other: (str(other.complaint_id), other.kind)
        ),
        "incidents": msgspec.convert(row["incidents"], list[Incident]),
        "findings": msgspec.convert(row["findings"], list[ShownFinding]),
        "outcomes": msgspec.convert(row["outcomes"], list[Outcome]),
    }
    if view == "deidentified":
        fields |= _coarsened(fields)
    told: dict[str, Any] = {name: value if shows(view, name) else None for name, value in fields.items()}
    return Complaint(**told)


def order_plants(main: UUID | None, plants: list[UUID]) -> list[UUID]:
    """Return the facilities of a case in their lasting order: the main one first, then by id."""
    return sorted(set(plants), key=lambda plant: (plant != main, str(plant)))


def month_of(day: date) -> date:
    """Return the first day of a day's month: as much as analysts see."""
    return day.replace(day=1)


def start_of_month(instant: datetime) -> datetime:
    """Return the first instant of an instant's month, UTC."""
    return instant.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _workers(least: int | None, most: int | None) -> AffectedWorkers | None:
    return None if least is None and most is None else AffectedWorkers(min=least, max=most)


def _coarsened(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "received_on": month_of(fields["received_on"]),
        "updated_at": start_of_month(fields["updated_at"]),
        "incidents": [
            msgspec.structs.replace(
                incident,
                on=incident.on and month_of(incident.on),
                until=incident.until and month_of(incident.until),
                precision="year" if incident.precision == "year" else "month",
            )
            for incident in fields["incidents"]
        ],
        "findings": [
            msgspec.structs.replace(
                finding, by=_code_only(finding.by), on=finding.on and month_of(finding.on), source_url=None
            )
            for finding in fields["findings"]
        ],
        "outcomes": [
            msgspec.structs.replace(
                outcome, by=_code_only(outcome.by), on=outcome.on and month_of(outcome.on), source_url=None
            )
            for outcome in fields["outcomes"]
        ],
    }


def _code_only(by: str | None) -> str | None:
    return by if by and _COUNTRY.fullmatch(by) else None
