"""Recording, changing and deleting facilities."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from vigilancia.core.errors import Fault, InvalidError
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work
from vigilancia.registry import coverage_facts, identifiers, rows
from vigilancia.registry.facilities import queries
from vigilancia.registry.facilities.schemas import FacilityIn, FacilityPatch
from vigilancia.registry.models import FacilityRow

_APART = ("identifiers", "coverage_facts")  # rows of their own


async def record(work: Work, data: FacilityIn) -> UUID:
    """Record a facility, kept by the caller's organisation.

    Raises:
        ForbiddenError: The system itself acts, which keeps no records.
        InvalidError: A subdivision of another country, or a fact dated in the future.
        ConflictError: The keeper has another record with one of the numbers.
    """
    owner_id = rows.keeper(work)
    _require_place(data.country, data.subdivision)
    facility_id = new_id()
    values = {name: getattr(data, name) for name in data.__struct_fields__ if name not in _APART}
    stamps = {"id": facility_id, "owner_id": owner_id, "version": 1, "created_at": work.now, "updated_at": work.now}
    await work.session.execute(insert(FacilityRow).values(values | stamps))
    await identifiers.write(work, data.identifiers, owner_id=owner_id, facility_id=facility_id)
    await coverage_facts.write(work, data.coverage_facts, facility_id)
    return facility_id


async def change(work: Work, facility_id: UUID, data: FacilityPatch, expected: int) -> None:
    """Change the fields named.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: It is kept by somebody else.
        StaleError: It has changed meanwhile.
        InvalidError: A subdivision of another country, or a fact dated in the future.
        ConflictError: The keeper has another record with one of the numbers.
    """
    row = await _hold(work, facility_id, expected)
    changes = rows.given(data, apart=_APART)
    _require_place(changes.get("country", row.country), changes.get("subdivision", row.subdivision))
    if isinstance(data.identifiers, list):
        await identifiers.replace(work, data.identifiers, owner_id=row.owner_id, facility_id=facility_id)
    if isinstance(data.coverage_facts, list):
        await coverage_facts.replace(work, data.coverage_facts, facility_id)
    await work.session.execute(
        update(FacilityRow)
        .where(FacilityRow.id == facility_id)
        .values(changes | {"version": row.version + 1, "updated_at": work.now})
    )


async def delete_unused(work: Work, facility_id: UUID, expected: int) -> None:
    """Delete a facility that nothing refers to.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: It is kept by somebody else.
        StaleError: It has changed meanwhile.
        ConflictError: Something refers to it.
    """
    await _hold(work, facility_id, expected)
    await rows.remove(work, delete(FacilityRow).where(FacilityRow.id == facility_id))


async def _hold(work: Work, facility_id: UUID, expected: int) -> Any:  # noqa: ANN401 - a row
    query = (
        select(FacilityRow.id, FacilityRow.owner_id, FacilityRow.version, FacilityRow.country, FacilityRow.subdivision)
        .where(FacilityRow.id == facility_id, queries.seen(work))
        .with_for_update(of=FacilityRow, key_share=True)
    )
    return await rows.hold(work, query, expected)


def _require_place(country: str, subdivision: str | None) -> None:
    if subdivision is not None and not subdivision.startswith(f"{country}-"):
        raise InvalidError(faults=[Fault(pointer="/subdivision", code="not_allowed")])
