"""Choosing safeguards: what an organisation asks of itself; what is loosened is written down, and the lead is told."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from vigilancia.access import audit, privacy
from vigilancia.core.bodies import Check
from vigilancia.core.errors import Fault, ForbiddenError, InvalidError, NotFoundError, StaleError
from vigilancia.core.http import require_version
from vigilancia.core.work import Work
from vigilancia.registry import safeguards
from vigilancia.registry.models import ContactRow, SafeguardRow
from vigilancia.registry.organizations.queries import is_seen
from vigilancia.registry.safeguards import Safeguards

Consent = Literal["people", "always"]
SecondPerson = Literal["identity", "close", "publish", "unmask", "export_identity"]
_ROLES = ("staff", "partner", "admin")


def _find_doubles(value: list[str]) -> Iterator[Fault]:
    for place, one in enumerate(value):
        if one in value[:place]:
            yield Fault(pointer=f"/{place}", code="duplicate")


class SafeguardsIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The safeguards of an organisation, whole.

    Attributes:
        consent: When sharing, filing and publishing want a recorded consent: `people`: once the case holds a person,
            or an answer about consent is on record; `always`: in every case.
        second_person: What wants another person's yes.
        privacy_lead_id: The contact who is told when a safeguard is overridden; null: the desk.
    """

    consent: Consent
    second_person: Annotated[list[SecondPerson], Meta(max_length=20), Check(find=_find_doubles)]
    privacy_lead_id: UUID | None


class OrganizationSafeguards(Struct, frozen=True, kw_only=True):
    """The safeguards of an organisation; version 0 where it never chose."""

    organization_id: UUID
    consent: Consent
    second_person: list[SecondPerson]
    privacy_lead_id: UUID | None
    version: int


async def read(work: Work, organization_id: UUID) -> OrganizationSafeguards:
    """Return the safeguards of the caller's own organisation.

    Raises:
        NotFoundError: For this caller the organisation does not exist.
        ForbiddenError: It is another one, or the caller is an analyst.
    """
    await _require_own(work, organization_id)
    found = await safeguards.of(work, organization_id)
    fields: dict[str, Any] = {name: getattr(found, name) for name in found.__struct_fields__}
    return OrganizationSafeguards(
        **fields | {"second_person": sorted(found.second_person)}, organization_id=organization_id
    )


async def choose(work: Work, organization_id: UUID, data: SafeguardsIn, expected: int) -> None:
    """Put these safeguards in the place of those before.

    Raises:
        NotFoundError: For this caller the organisation does not exist.
        ForbiddenError: It is another one.
        StaleError: They have changed meanwhile.
        InvalidError: A privacy lead who is no contact that the organisation keeps of itself.
    """
    await _require_own(work, organization_id)
    locked = select(SafeguardRow.version).where(SafeguardRow.organization_id == organization_id).with_for_update()
    require_version(await work.session.scalar(locked) or 0, expected)
    if data.privacy_lead_id is not None and not await _keeps(work, organization_id, data.privacy_lead_id):
        raise InvalidError(faults=[Fault(pointer="/privacy_lead_id", code="not_found")])
    was = await safeguards.of(work, organization_id)
    wanted = {
        "consent": data.consent,
        "second_person": sorted(data.second_person),
        "privacy_lead_id": data.privacy_lead_id,
    }
    if was.version and wanted == {**_fields(was)}:
        return
    await _write(work, organization_id, wanted, was.version)
    loosened = list(_loosened(was, data))
    if loosened:
        facts = {"loosened": loosened}
        await audit.note(work, "write", "safeguards", subject_id=organization_id, facts=facts)
        # Whoever was the lead until now is told too: a lead must not be replaced behind its back.
        subject = was.privacy_lead_id or organization_id
        await privacy.raise_alert(work, organization_id, "safeguard_loosened", subject, occasion=f"v{was.version + 1}")


async def _write(work: Work, organization_id: UUID, wanted: dict[str, Any], version: int) -> None:
    changes = {**wanted, "version": version + 1, "updated_at": work.now}
    if version:
        mine = SafeguardRow.organization_id == organization_id
        await work.session.execute(update(SafeguardRow).where(mine).values(changes))
        return
    row = {**changes, "organization_id": organization_id}
    made = insert(SafeguardRow).values(row).on_conflict_do_nothing().returning(SafeguardRow.version)
    if await work.session.scalar(made) is None:
        raise StaleError  # somebody else chose first, at this very moment


def _fields(found: Safeguards) -> dict[str, Any]:
    return {
        "consent": found.consent,
        "second_person": sorted(found.second_person),
        "privacy_lead_id": found.privacy_lead_id,
    }


def _loosened(was: Safeguards, data: SafeguardsIn) -> Iterator[str]:
    """Yield what asks less than before; who replaces a lead may want to go unnoticed, so that counts too."""
    if was.consent == "always" and data.consent != "always":
        yield "consent"
    yield from sorted(was.second_person - set(data.second_person))
    if was.privacy_lead_id not in (None, data.privacy_lead_id):
        yield "privacy_lead"


async def _require_own(work: Work, organization_id: UUID) -> None:
    if not await is_seen(work, organization_id):
        raise NotFoundError
    if work.caller.organization_id != organization_id or work.caller.role not in _ROLES:
        raise ForbiddenError


async def _keeps(work: Work, organization_id: UUID, contact_id: UUID) -> bool:
    """Tell whether a contact is of an organisation and kept by it: a stranger's record could point anywhere."""
    query = select(ContactRow.id).where(
        ContactRow.id == contact_id,
        ContactRow.organization_id == organization_id,
        ContactRow.owner_id == organization_id,
    )
    return await work.session.scalar(query) is not None
