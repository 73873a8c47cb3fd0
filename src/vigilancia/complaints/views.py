"""A complaint as each view shows it: the table of `access.fields` laid over rows, and asked in SQL.

What a view hides comes as null, cannot be filtered by, and does not sort.
"""

from collections.abc import Collection, Mapping
from typing import Any, get_args
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, True_, case, false, true

from vigilancia.access import fields, policy
from vigilancia.access.policy import Standing, View
from vigilancia.access.pseudonyms import Pseudonyms
from vigilancia.access.telling import tell
from vigilancia.complaints.schemas import AffectedWorkers, Complaint, Incident, Outcome, Relation, ShownFinding
from vigilancia.core.identity import Caller

_LISTS: tuple[tuple[str, str, type], ...] = (
    ("incidents", "incident", Incident),
    ("findings", "finding", ShownFinding),
    ("outcomes", "outcome", Outcome),
)


def shows(view: View, field: str) -> bool:
    """Tell whether a view shows a field of a complaint, be it coarsened."""
    return fields.shows("complaint", field, view)


def shown(
    caller: Caller,
    standing: ColumnElement[Any],
    confidentiality: Any,  # noqa: ANN401 - a column of whatever is queried
    field: str,
) -> ColumnElement[bool]:
    """Return the SQL condition that a caller is shown a field of a row, be it coarsened."""
    wanted = [view for view in get_args(View) if shows(view, field)]
    return in_views(caller, standing, confidentiality, wanted)


def in_views(
    caller: Caller,
    standing: ColumnElement[Any],
    confidentiality: Any,  # noqa: ANN401 - a column of whatever is queried
    views: Collection[str],
) -> ColumnElement[bool]:
    """Return the SQL condition that a caller sees a row in one of some views; the standing is asked once, as above."""
    ways: dict[str, ColumnElement[bool]] = {}
    for way in get_args(Standing):
        told, other = (policy.view(caller, way, public=public) in views for public in (True, False))
        if told and other:
            ways[way] = true()
        elif told or other:
            ways[way] = confidentiality == "public" if told else confidentiality != "public"
    if len(ways) == len(get_args(Standing)) and all(isinstance(shown_, True_) for shown_ in ways.values()):
        return true()
    return case(ways, value=standing, else_=false()) if ways else false()


def view_of(
    caller: Caller,
    standing: ColumnElement[Any],
    confidentiality: Any,  # noqa: ANN401 - a column of whatever is queried
) -> ColumnElement[str]:
    """Return the SQL expression of the view in which a caller sees a row.

    The standing is written into it once: it is long, and below the policies of the database each copy costs.
    """
    public = confidentiality == "public"
    ways = {way: (policy.view(caller, way, public=True), policy.view(caller, way)) for way in get_args(Standing)}
    return case({way: case((public, told), else_=other) for way, (told, other) in ways.items()}, value=standing)


def shape(
    columns: Row[*tuple[Any, ...]],
    view: View,
    names: Pseudonyms,
    *,
    summary: str | None,
    narrative: str | None = None,
) -> Complaint:
    """Return a complaint as one view shows it.

    Args:
        columns: Those of the complaint, `plants` (pairs of facility id and visibility), `kin` (relations whose other
            case the reader sees) and `pointer` (the case it is merged into, where the reader sees that one).
        view: Of the reader.
        names: The pseudonyms of the installation.
        summary: Opened, where the view shows it.
        narrative: Opened, where the view shows it.
    """
    row: Mapping[Any, Any] = columns._mapping  # noqa: SLF001 - the public accessor, underscored by SQLAlchemy
    plants = [UUID(plant) for plant, visibility in row["plants"] if visibility in fields.places(view)]
    main = row["facility_id"] if row["facility_id"] in plants else None
    values: dict[str, Any] = {name: row[name] for name in fields.TABLE["complaint"] if name in row}
    values |= {
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
    }
    told = tell("complaint", view, values, names)
    for name, resource, type_ in _LISTS:
        if told[name] is not None:
            told[name] = _each(msgspec.convert(row[name], list[type_]), resource, view, names)  # type: ignore[valid-type]
    return Complaint(**told)


def order_plants(main: UUID | None, plants: list[UUID]) -> list[UUID]:
    """Return the facilities of a case in their lasting order: the main one first, then by id."""
    return sorted(set(plants), key=lambda plant: (plant != main, str(plant)))


def _each(things: list[Any], resource: str, view: View, names: Pseudonyms) -> list[Any]:
    """Return things of a case as a view shows them."""
    return [type(one)(**tell(resource, view, msgspec.structs.asdict(one), names)) for one in things]


def _workers(least: int | None, most: int | None) -> AffectedWorkers | None:
    return None if least is None and most is None else AffectedWorkers(min=least, max=most)
