"""Facts that decide whether a mechanism reaches a facility: recorded, never concluded from anything else.

A number or an address may lead to a place that the caller is not told, and a day to the people behind it; so they
follow the rule of small places, and analysts get months.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import ColumnElement, Date, and_, case, cast, delete, func, insert, null, select, true
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from vigilancia.access.telling import month_only
from vigilancia.core.bodies import Check, OneOf
from vigilancia.core.errors import Fault, InvalidError
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work
from vigilancia.registry import places
from vigilancia.registry.checks import Country, Name, WebAddress
from vigilancia.registry.models import CoverageFactRow, FacilityRow


class CoverageFact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact towards one country: that it holds, or that it does not.

    Attributes:
        fact: Code of the list `coverage_fact`.
        country: ISO 3166-1 alpha-2. Of trade and competition the other country; of an order the one whose labour
            authority gave it.
        holds: False records that it is known not to be so, which is more than recording nothing.
        on: The day it was established.
        by: Who says so, or under which number, such as that of a case at a labour board.
        source_url: Where.
    """

    fact: Annotated[str, OneOf("coverage_fact")]
    country: Country
    holds: bool
    on: date | None = None
    by: Name | None = None
    source_url: WebAddress | None = None


def _find_doubles(value: list[dict[str, Any]]) -> Iterator[Fault]:
    spelled = [{name: one.get(name) for name in CoverageFact.__struct_fields__} for one in value]
    for place, one in enumerate(spelled):
        if one in spelled[:place]:
            yield Fault(pointer=f"/{place}", code="duplicate")


CoverageFacts = Annotated[list[CoverageFact], Meta(max_length=50), Check(find=_find_doubles)]


async def replace(work: Work, facts: Sequence[CoverageFact], facility_id: UUID) -> None:
    """Put these facts in the place of all that the facility had.

    Raises:
        InvalidError: A day in the future.
    """
    await work.session.execute(delete(CoverageFactRow).where(CoverageFactRow.facility_id == facility_id))
    await write(work, facts, facility_id)


async def write(work: Work, facts: Sequence[CoverageFact], facility_id: UUID) -> None:
    """Write the facts of a new facility.

    Raises:
        InvalidError: A day in the future.
    """
    latest = work.today() + timedelta(days=1)  # it may be tomorrow already where the sender is
    late = [place for place, each in enumerate(facts) if each.on is not None and each.on > latest]
    if late:
        raise InvalidError(faults=[Fault(pointer=f"/coverage_facts/{place}/on", code="future") for place in late])
    if facts:
        fields = CoverageFact.__struct_fields__
        rows = [{name: getattr(each, name) for name in fields} for each in facts]
        stamps = [{"id": new_id(), "facility_id": facility_id} for _ in facts]
        await work.session.execute(
            insert(CoverageFactRow).values([row | stamp for row, stamp in zip(rows, stamps, strict=True)])
        )


def listed(work: Work) -> ColumnElement[Any]:
    """Return the column with a facility's facts as a JSON list, in a steady order, as far as the caller is told."""
    told = _is_told(work)
    row = CoverageFactRow
    entry = func.jsonb_build_object(
        *("fact", row.fact, "country", row.country, "holds", row.holds),
        *("on", case((told, row.on), else_=cast(month_only(row.on), Date))),
        *("by", case((told, row.by), else_=null())),
        *("source_url", case((told, row.source_url), else_=null())),
        type_=JSONB,
    )
    ordered = aggregate_order_by(entry, row.fact, row.country, row.id)
    listed_ = select(func.coalesce(func.jsonb_agg(ordered, type_=JSONB), func.jsonb_build_array(type_=JSONB)))
    return (
        listed_.where(row.facility_id == FacilityRow.id)
        .correlate(FacilityRow)
        .scalar_subquery()
        .label("coverage_facts")
    )


def _is_told(work: Work) -> ColumnElement[bool]:
    open_to_analysts = FacilityRow.visibility == "public" if work.caller.role == "analyst" else true()
    return and_(places.is_told(work), open_to_analysts)
