"""How careful an organisation has chosen to be with the cases it owns."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import select

from vigilancia.core.work import Work
from vigilancia.registry.models import SafeguardRow


class Safeguards(Struct, frozen=True, kw_only=True):
    """What an organisation asks of itself.

    Attributes:
        consent: When sharing, filing and publishing want a recorded consent: `people`: once the case holds a person or
            an answer about consent; `always`: in every case.
        second_person: What wants another person's yes: `identity`, `close`, `publish`, `unmask`, `export_identity`.
        privacy_lead_id: The contact who is told when a safeguard is overridden; none: the organisation's desk.
        version: 0 where nothing was chosen yet.
    """

    consent: str = "people"
    second_person: frozenset[str] = frozenset()
    privacy_lead_id: UUID | None = None
    version: int = 0


async def of(work: Work, organization_id: UUID) -> Safeguards:
    """Return what an organisation has chosen."""
    query = select(
        SafeguardRow.consent, SafeguardRow.second_person, SafeguardRow.privacy_lead_id, SafeguardRow.version
    ).where(SafeguardRow.organization_id == organization_id)
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        return Safeguards()
    return Safeguards(
        consent=row.consent,
        second_person=frozenset(row.second_person),
        privacy_lead_id=row.privacy_lead_id,
        version=row.version,
    )
