"""The first parties of an installation, and the tokens with which its people come in."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from vigilancia.access.models import TokenRow
from vigilancia.access.schemas import DEFAULT_DAYS, TokenRole
from vigilancia.access.service import authenticate, create_token
from vigilancia.core.work import Work
from vigilancia.registry.contacts import service as contacts
from vigilancia.registry.contacts.schemas import Channel, ContactIn
from vigilancia.registry.identifiers import Identifier
from vigilancia.registry.models import IdentifierRow, OrganizationRow
from vigilancia.registry.organizations import service as organizations
from vigilancia.registry.organizations.schemas import OrganizationIn

# By these the example parties are found again, whatever they are called by then.
SCHEME = "x-vigilancia"
HOST = "HOST"
PARTNER = "PARTNER"

_DEMO_TOKEN_DAYS = 365
_SEATS: dict[TokenRole, str] = {"admin": HOST, "staff": HOST, "partner": PARTNER, "analyst": HOST}
_PARTIES = {
    HOST: ("worker_center", "Centro de apoyo a trabajadores (ejemplo)", "centro@example.org"),
    PARTNER: ("union", "Sindicato independiente (ejemplo)", "sindicato@example.org"),
}


async def ensure_demo_parties(work: Work, known: Mapping[str, str]) -> dict[TokenRole, str]:
    """Return a working token for each role: those known, as long as they are valid, and new ones for the others.

    Admin, staff and analyst belong to the host, a worker centre; partner belongs to a union. Both parties are made when
    they are first needed, each with a desk that has an e-mail address.

    Args:
        work: A transaction of the system itself.
        known: Tokens by role, as an earlier start returned them.
    """
    tokens: dict[TokenRole, str] = {}
    for role, seat in _SEATS.items():
        caller = await authenticate(work.session, known.get(role, ""), work.now)
        if caller is not None and caller.role == role:
            tokens[role] = known[role]
            continue
        organization_id = await _party(work, seat)
        _, tokens[role] = await create_token(
            work, organization_id=organization_id, role=role, name=f"demo {role}", expires_in_days=_DEMO_TOKEN_DAYS
        )
    return tokens


async def bootstrap_admin(
    work: Work,
    *,
    name: str,
    organization_name: str = "Administración",
    expires_in_days: int = DEFAULT_DAYS,
) -> tuple[UUID, str]:
    """Make an admin token where nobody can name an organisation for it: the first one, or one in place of a lost one.

    It belongs to the organisation that had an admin first; failing that, to the one that was recorded first among those
    that keep their own record; failing that, to one that is made now.

    Args:
        work: A transaction of the system itself.
        name: What the token is for.
        organization_name: Of the organisation, if it has to be made.
        expires_in_days: Days until the token ends.

    Returns:
        Its id and its text.
    """
    admins = select(TokenRow.organization_id).where(TokenRow.role == "admin").order_by(TokenRow.id)
    selves = select(OrganizationRow.id).where(OrganizationRow.owner_id == OrganizationRow.id)
    organization_id = await work.session.scalar(admins.limit(1)) or await work.session.scalar(
        selves.order_by(OrganizationRow.id).limit(1)
    )
    if organization_id is None:
        organization_id = await organizations.record(work, OrganizationIn(kind="worker_center", name=organization_name))
    return await create_token(
        work, organization_id=organization_id, role="admin", name=name, expires_in_days=expires_in_days
    )


async def party(work: Work, seat: str) -> UUID | None:
    """Return the id of an example party, `HOST` or `PARTNER`; none where it was never made."""
    key = (IdentifierRow.scheme == SCHEME, IdentifierRow.value == seat)
    query = select(IdentifierRow.organization_id).where(*key, IdentifierRow.owner_id == IdentifierRow.organization_id)
    return await work.session.scalar(query)


async def _party(work: Work, seat: str) -> UUID:
    found = await party(work, seat)
    if found is not None:
        return found
    kind, name, address = _PARTIES[seat]
    organization_id = await organizations.record(
        work,
        OrganizationIn(
            kind=kind,
            name=name,
            country="MX",
            locale="es",
            timezone="America/Mexico_City",
            identifiers=[Identifier(scheme=SCHEME, value=seat)],
        ),
    )
    desk = ContactIn(name="Mesa de entrada", desk=True, channels=[Channel(kind="email", address=address)])
    await contacts.record(work, organization_id, desk)
    return organization_id
