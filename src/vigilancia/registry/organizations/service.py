"""Recording, changing and deleting organisations."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from vigilancia.core.errors import Fault, InvalidError
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work
from vigilancia.registry import identifiers, rows
from vigilancia.registry.contacts import service as contacts
from vigilancia.registry.models import OrganizationRow
from vigilancia.registry.organizations import queries
from vigilancia.registry.organizations.schemas import OrganizationIn, OrganizationPatch


async def record(work: Work, data: OrganizationIn) -> UUID:
    """Record an organisation; its keeper is the caller's, or itself where the system records it.

    Raises:
        InvalidError: A parent that the caller does not see, or a subdivision of another country.
        ConflictError: The keeper has another record with one of the numbers.
    """
    organization_id = new_id()
    owner_id = work.caller.organization_id or organization_id
    faults = _place_faults(data.country, data.subdivision)
    if data.parent_id is not None and not await queries.is_seen(work, data.parent_id):
        faults.append(Fault(pointer="/parent_id", code="not_found"))
    if faults:
        raise InvalidError(faults=faults)
    values = {
        "id": organization_id,
        "owner_id": owner_id,
        "visibility": data.visibility,
        "kind": data.kind,
        "name": data.name,
        "aliases": data.aliases,
        "country": data.country,
        "subdivision": data.subdivision,
        "locale": data.locale,
        "timezone": data.timezone,
        "parent_id": data.parent_id,
        "host_institution": data.host_institution,
        "website": data.website,
        "version": 1,
        "created_at": work.now,
        "updated_at": work.now,
    }
    await work.session.execute(insert(OrganizationRow).values(values))
    await identifiers.write(work, data.identifiers, owner_id=owner_id, organization_id=organization_id)
    return organization_id


async def change(work: Work, organization_id: UUID, data: OrganizationPatch, expected: int) -> None:
    """Change the fields named.

    An organisation that uses the system may change what others recorded of it, but for its numbers: those are unique
    among the keeper's records, and a refusal would tell of records it may not see.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: It is kept by somebody else.
        StaleError: It has changed meanwhile.
        InvalidError: The fields do not go together.
        ConflictError: The keeper has another record with one of the numbers.
    """
    row = await _hold(work, organization_id, expected)
    changes = rows.given(data, apart=("identifiers",))
    faults = _place_faults(changes.get("country", row.country), changes.get("subdivision", row.subdivision))
    parent_id = changes.get("parent_id")
    if parent_id is not None and not await queries.is_seen(work, parent_id):
        faults.append(Fault(pointer="/parent_id", code="not_found"))
    elif parent_id is not None and await _is_under(work, parent_id, organization_id):
        faults.append(Fault(pointer="/parent_id", code="not_allowed"))
    keeps = work.caller.is_system or work.caller.organization_id == row.owner_id
    if isinstance(data.identifiers, list) and not keeps:
        faults.append(Fault(pointer="/identifiers", code="not_allowed"))
    if faults:
        raise InvalidError(faults=faults)
    if isinstance(data.identifiers, list):
        await identifiers.replace(work, data.identifiers, owner_id=row.owner_id, organization_id=organization_id)
    await work.session.execute(
        update(OrganizationRow)
        .where(OrganizationRow.id == organization_id)
        .values(changes | {"version": row.version + 1, "updated_at": work.now})
    )
    if "timezone" in changes:
        await contacts.rezone(work, organization_id)


async def delete_unused(work: Work, organization_id: UUID, expected: int) -> None:
    """Delete an organisation that nothing refers to.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: It is kept by somebody else.
        StaleError: It has changed meanwhile.
        ConflictError: Something refers to it.
    """
    await _hold(work, organization_id, expected)
    await rows.remove(work, delete(OrganizationRow).where(OrganizationRow.id == organization_id))


async def _hold(work: Work, organization_id: UUID, expected: int) -> Any:  # noqa: ANN401 - a row
    query = (
        select(
            OrganizationRow.id,
            OrganizationRow.owner_id,
            OrganizationRow.version,
            OrganizationRow.country,
            OrganizationRow.subdivision,
        )
        .where(OrganizationRow.id == organization_id, queries.seen(work))
        .with_for_update(of=OrganizationRow, key_share=True)
    )
    return await rows.hold(work, query, expected, subject="id")


async def _is_under(work: Work, organization_id: UUID, root_id: UUID) -> bool:
    chain = select(OrganizationRow.id, OrganizationRow.parent_id).where(OrganizationRow.id == organization_id)
    walked = chain.cte("walked", recursive=True)
    above = select(OrganizationRow.id, OrganizationRow.parent_id).join(walked, walked.c.parent_id == OrganizationRow.id)
    walked = walked.union(above)
    return await work.session.scalar(select(walked.c.id).where(walked.c.id == root_id)) is not None


def _place_faults(country: str | None, subdivision: str | None) -> list[Fault]:
    fits = subdivision is None or country is None or subdivision.startswith(f"{country}-")
    return [] if fits else [Fault(pointer="/subdivision", code="not_allowed")]
