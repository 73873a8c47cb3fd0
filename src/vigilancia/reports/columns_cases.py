"""The data set `complaints`: one row for each complaint."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Select, Text, and_, case, cast, func, literal, null, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from vigilancia.complaints.models import ComplaintFacilityRow, ComplaintRow
from vigilancia.complaints.queries import pointer
from vigilancia.complaints.views import FACILITIES_SHOWN, HIDDEN
from vigilancia.core.work import Work
from vigilancia.proceedings.models import ProceedingRow
from vigilancia.registry.models import FacilityRow
from vigilancia.registry.places import municipality
from vigilancia.reports import unsealing
from vigilancia.reports.columns import EVERYONE, WITH_ALERTS, WITH_ANALYSTS, WITH_PUBLIC, Column
from vigilancia.reports.scratch import PICK

_ROW = ComplaintRow.__table__.c
_PLANT = FacilityRow.__table__.c


def complaint_source(query: Select[Any]) -> Select[Any]:
    """Join what the columns are read from."""
    return (
        query.select_from(PICK)
        .join(ComplaintRow, _ROW.id == PICK.c.id)
        .outerjoin(FacilityRow, _PLANT.id == _ROW.facility_id)
    )


def complaint_columns(work: Work) -> list[Column]:
    """Return the columns in the order of the file."""
    url = literal(f"{work.settings.base_url}/v1/complaints/").concat(cast(_ROW.id, Text))
    return [
        Column(name="id", type="id", value=_ROW.id, views=EVERYONE, names_case=True),
        Column(name="self", type="url", value=url, views=EVERYONE, names_case=True),
        Column(name="reference", type="code", value=_ROW.reference, views=EVERYONE, names_case=True),
        Column(name="pseudonym", type="code", value=PICK.c.pseudonym, views=EVERYONE, profiles=("deidentified",)),
        _own("status", "code"),
        _own("confidentiality", "code"),
        Column(name="merged_into", type="id", value=pointer(work.caller, work.now), views=WITH_PUBLIC),
        _own("owner_id", "id", hidden_from_analysts=True),
        _own("handler_id", "id"),
        _own("title", "text"),
        replace(_own("summary", "text"), value=unsealing.summary()),
        _own("received_on", "date", hidden_from_analysts=True),
        Column(name="received_month", type="month", value=_ROW.received_on, views=WITH_ANALYSTS),
        _own("channel", "code"),
        _own("risk_level", "code"),
        _own("allegations", "codes"),
        Column(name="affected_min", type="integer", value=_ROW.affected_min, views=WITH_ANALYSTS),
        Column(name="affected_max", type="integer", value=_ROW.affected_max, views=WITH_ANALYSTS),
        _own("groups", "codes"),
        _own("languages", "codes"),
        _own("interpreter_needed", "boolean"),
        *_place(work),
        *_course(),
        _own("external_ids", "objects"),
        _own("tags", "texts"),
        _own("source_urls", "texts"),
        Column(name="version", type="integer", value=_ROW.version, views=WITH_ALERTS),
        _own("created_at", "instant"),
        _own("updated_at", "instant", hidden_from_analysts=True),
    ]


def _own(name: str, type_: Any, *, hidden_from_analysts: bool = False) -> Column:  # noqa: ANN401 - a column type
    """Return a column of the complaint itself, shown by the views that show the field to readers of the API."""
    views = frozenset(view for view, hidden in HIDDEN.items() if name not in hidden)
    return Column(
        name=name, type=type_, value=_ROW[name], views=views - {"deidentified"} if hidden_from_analysts else views
    )


def _place(work: Work) -> list[Column]:
    named = or_(
        *(
            and_(PICK.c.view == view, _PLANT.visibility.in_(visibilities))
            for view, visibilities in FACILITIES_SHOWN.items()
            if view != "deidentified" and visibilities
        )
    )

    def if_named(value: Any) -> Any:  # noqa: ANN401 - a column in, an expression out
        return case((named, value), else_=null())

    other = FacilityRow.__table__.alias("other_plant").c
    shown = or_(
        *(
            and_(PICK.c.view == view, other.visibility.in_(visibilities))
            for view, visibilities in FACILITIES_SHOWN.items()
            if view != "deidentified" and visibilities
        )
    )
    plants = (
        select(cast(other.id, Text))
        .join(ComplaintFacilityRow, ComplaintFacilityRow.facility_id == other.id)
        .where(ComplaintFacilityRow.complaint_id == _ROW.id, shown)
        .order_by(other.id)
        .correlate(ComplaintRow, PICK)
        .scalar_subquery()
    )
    return [
        Column(name="facility_id", type="id", value=if_named(_PLANT.id), views=WITH_PUBLIC),
        Column(name="facility_ids", type="codes", value=_array(plants), views=WITH_PUBLIC),
        Column(name="facility", type="text", value=if_named(_PLANT.name), views=WITH_PUBLIC),
        Column(name="company", type="text", value=if_named(_PLANT.company), views=WITH_PUBLIC),
        Column(name="municipality", type="text", value=if_named(municipality(work, _PLANT)), views=WITH_PUBLIC),
        Column(name="subdivision", type="code", value=_PLANT.subdivision, views=WITH_ANALYSTS),
        Column(name="country", type="code", value=_PLANT.country, views=WITH_ANALYSTS),
        Column(name="sector", type="code", value=_PLANT.sector, views=WITH_ANALYSTS),
    ]


def _course() -> list[Column]:
    mechanisms = (
        select(ProceedingRow.mechanism)
        .where(ProceedingRow.complaint_id == _ROW.id)
        .distinct()
        .order_by(ProceedingRow.mechanism)
        .correlate(ComplaintRow)
        .scalar_subquery()
    )
    results, outcomes = _each(_ROW.findings, "result"), _each(_ROW.outcomes, "outcome")
    return [
        Column(name="mechanisms", type="codes", value=_array(mechanisms), views=EVERYONE),
        Column(name="incidents", type="objects", value=_ROW.incidents, views=WITH_PUBLIC),
        Column(name="finding_results", type="codes", value=results, views=WITH_ANALYSTS),
        Column(name="findings", type="objects", value=_ROW.findings, views=WITH_PUBLIC),
        Column(name="outcome_codes", type="codes", value=outcomes, views=WITH_ANALYSTS),
        Column(name="outcomes", type="objects", value=_ROW.outcomes, views=WITH_PUBLIC),
    ]


def _each(objects: Any, key: str) -> Any:  # noqa: ANN401 - a JSON column in, an expression out
    """Return one member of every object of a list, as an array."""
    element = func.jsonb_array_elements(objects, type_=JSONB).column_valued(f"each_{key}")
    return _array(select(element.op("->>")(key)).correlate(ComplaintRow).scalar_subquery())


def _array(rows: Any) -> Any:  # noqa: ANN401 - a subquery in, an array out
    return func.array(rows, type_=ARRAY(Text))
