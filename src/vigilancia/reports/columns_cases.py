"""The data set `complaints`: one row for each complaint."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

from sqlalchemy import BigInteger, Select, Text, and_, case, cast, func, literal, null, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from vigilancia.access import fields, telling
from vigilancia.access.policy import View
from vigilancia.complaints.models import ComplaintFacilityRow, ComplaintRow
from vigilancia.complaints.queries import pointer
from vigilancia.core.work import Work
from vigilancia.proceedings.models import ProceedingRow
from vigilancia.registry.models import FacilityRow
from vigilancia.registry.places import municipality
from vigilancia.reports import unsealing
from vigilancia.reports.columns import Column
from vigilancia.reports.scratch import PICK

_FILE = "complaints_file"  # its table of `access.fields`
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
        Column(name="id", type="id", value=_ROW.id, file=_FILE, names_case=True),
        Column(name="self", type="url", value=url, file=_FILE, names_case=True),
        Column(name="reference", type="code", value=_ROW.reference, file=_FILE, names_case=True),
        Column(name="pseudonym", type="code", value=PICK.c.pseudonym, file=_FILE, profiles=("deidentified",)),
        _own("status", "code"),
        _own("confidentiality", "code"),
        Column(name="merged_into", type="id", value=pointer(work.caller, work.now), file=_FILE),
        _own("owner_id", "id"),
        _own("handler_id", "id"),
        _own("title", "text"),
        replace(_own("summary", "text"), value=unsealing.summary()),
        _own("received_on", "date"),
        Column(name="received_month", type="month", value=_ROW.received_on, file=_FILE),
        _own("channel", "code"),
        _own("risk_level", "code"),
        _own("allegations", "codes"),
        _affected("affected_min", telling.least_of),
        _affected("affected_max", telling.most_of),
        _own("groups", "codes"),
        _own("languages", "codes"),
        _own("interpreter_needed", "boolean"),
        *_place(work),
        *_course(),
        _own("external_ids", "objects"),
        _own("tags", "texts"),
        _own("source_urls", "texts"),
        Column(name="version", type="integer", value=_ROW.version, file=_FILE),
        _own("created_at", "instant"),
        _own("updated_at", "instant"),
    ]


def _own(name: str, type_: Any) -> Column:  # noqa: ANN401 - a column type
    """Return a column of the complaint itself."""
    return Column(name=name, type=type_, value=_ROW[name], file=_FILE)


def _affected(name: str, span: Callable[[int], int | None]) -> Column:
    """Return a number of workers: the least or most of its span where the view is told no more."""
    value = _ROW[name]
    coarse = fields.readers(_FILE, name, "range")
    spans = case(*((value >= least, span(least)) for least, _ in reversed(telling.spans())), else_=null())
    return Column(
        name=name,
        type="integer",
        value=case((PICK.c.view.in_(coarse), cast(spans, BigInteger)), else_=value),
        file=_FILE,
    )


def _place(work: Work) -> list[Column]:
    named = or_(
        *(
            and_(PICK.c.view == view, _PLANT.visibility.in_(visibilities))
            for view in get_args(View)
            if (visibilities := fields.places(view))
        )
    )

    def if_named(value: Any) -> Any:  # noqa: ANN401 - a column in, an expression out
        return case((named, value), else_=null())

    other = FacilityRow.__table__.alias("other_plant").c
    shown = or_(
        *(
            and_(PICK.c.view == view, other.visibility.in_(visibilities))
            for view in get_args(View)
            if (visibilities := fields.places(view))
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
        Column(name="facility_id", type="id", value=if_named(_PLANT.id), file=_FILE),
        Column(name="facility_ids", type="codes", value=_array(plants), file=_FILE),
        Column(name="facility", type="text", value=if_named(_PLANT.name), file=_FILE),
        Column(name="company", type="text", value=if_named(_PLANT.company), file=_FILE),
        Column(name="municipality", type="text", value=if_named(municipality(work, _PLANT)), file=_FILE),
        Column(name="subdivision", type="code", value=_PLANT.subdivision, file=_FILE),
        Column(name="country", type="code", value=_PLANT.country, file=_FILE),
        Column(name="sector", type="code", value=_PLANT.sector, file=_FILE),
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
        Column(name="mechanisms", type="codes", value=_array(mechanisms), file=_FILE),
        Column(name="incidents", type="objects", value=_ROW.incidents, file=_FILE),
        Column(name="finding_results", type="codes", value=results, file=_FILE),
        Column(name="findings", type="objects", value=_ROW.findings, file=_FILE),
        Column(name="outcome_codes", type="codes", value=outcomes, file=_FILE),
        Column(name="outcomes", type="objects", value=_ROW.outcomes, file=_FILE),
    ]


def _each(objects: Any, key: str) -> Any:  # noqa: ANN401 - a JSON column in, an expression out
    """Return one member of every object of a list, as an array."""
    element = func.jsonb_array_elements(objects, type_=JSONB).column_valued(f"each_{key}")
    return _array(select(element.op("->>")(key)).correlate(ComplaintRow).scalar_subquery())


def _array(rows: Any) -> Any:  # noqa: ANN401 - a subquery in, an array out
    return func.array(rows, type_=ARRAY(Text))
