"""Builders: sentences with fixed facts; a test changes only what it is about. All but the first go through the API."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from tests.conftest import Api, People, looking
from vigilancia.access.models import TokenRow
from vigilancia.access.scopes import ROLE_SCOPES
from vigilancia.core.identity import Caller, Role
from vigilancia.core.ids import new_id
from vigilancia.core.work import Desk
from vigilancia.registry.models import ContactRow, OrganizationRow

GO = {"reason": "Asked for by the test"}  # to share where the case holds somebody who was not asked
ROLES: tuple[Role, ...] = ("admin", "staff", "analyst", "partner")


async def settle_people(desk: Desk) -> People:
    """Write a worker centre and a union, each with a desk that has an e-mail address, and a token for each role."""
    import hashlib

    centre, union = new_id(), new_id()
    found = People(centre_id=centre, union_id=union, tokens={})
    async with looking(desk) as session:
        for id_, kind, name in ((centre, "worker_center", "Centro de prueba"), (union, "union", "Sindicato de prueba")):
            await session.execute(insert(OrganizationRow).values(_organization(desk, id_, kind, name)))
            await session.execute(insert(ContactRow).values(_desk_contact(desk, id_, kind)))
        for role in ROLES:
            token, token_id = f"vgl_test_{role}", new_id()
            organization = union if role == "partner" else centre
            row = {
                "id": token_id,
                "organization_id": organization,
                "role": role,
                "name": f"test {role}",
                "scopes": sorted(ROLE_SCOPES[role]),
                "digest": hashlib.sha256(token.encode()).digest(),
                "created_at": desk.now(),
                "expires_at": desk.now() + timedelta(days=3650),
                "version": 1,
            }
            await session.execute(insert(TokenRow).values(row))
            found.tokens[role] = token
            found.callers[role] = Caller(
                organization_id=organization, role=role, scopes=ROLE_SCOPES[role], token_id=token_id
            )
        await session.commit()
    return found


def _organization(desk: Desk, id_: UUID, kind: str, name: str) -> dict[str, Any]:
    return {
        "id": id_,
        "owner_id": id_,
        "visibility": "linked",
        "kind": kind,
        "name": name,
        "aliases": [],
        "country": "MX",
        "locale": "es",
        "timezone": "America/Mexico_City",
        "version": 1,
        "created_at": desk.now(),
        "updated_at": desk.now(),
    }


def _desk_contact(desk: Desk, organization_id: UUID, kind: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "organization_id": organization_id,
        "owner_id": organization_id,
        "visibility": "linked",
        "name": "Mesa de entrada",
        "desk": True,
        "working_hours": [],
        "channels": [{"kind": "email", "address": f"{kind}@example.org"}],
        "version": 1,
        "created_at": desk.now(),
        "updated_at": desk.now(),
    }


async def an_organization(api: Api, *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Record a union."""
    body = {"kind": "union", "name": "Sindicato Libre del Norte", "country": "MX", **changes}
    return await _made(api, "/v1/organizations", body, role)


async def a_contact(api: Api, organization_id: str | UUID, *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Record the desk of an organisation."""
    body = {"name": "Mesa", "desk": True, "channels": [{"kind": "email", "address": "mesa@example.org"}], **changes}
    return await _made(api, f"/v1/organizations/{organization_id}/contacts", body, role)


async def a_facility(api: Api, *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Record a plant."""
    return await _made(api, "/v1/facilities", {"name": "Planta Ejemplo", "country": "MX", **changes}, role)


async def a_complaint(api: Api, *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Log a complaint."""
    body = {"title": "Despidos tras una asamblea", "received_on": "2026-02-02", **changes}
    return await _made(api, "/v1/complaints", body, role)


async def a_link(
    api: Api, complaint_id: str, organization_id: str | UUID, *, role: str = "staff", **changes: Any
) -> dict[str, Any]:
    """Link an organisation as petitioner who gets alerts; where consent is asked, on the staff's own responsibility."""
    body = {"organization_id": str(organization_id), "role": "petitioner", "access": "alerts", "consent_override": GO}
    body |= changes
    return await _made(api, f"/v1/complaints/{complaint_id}/links", body, role)


async def a_proceeding(api: Api, complaint_id: str, *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Open the rapid response mechanism, United States against Mexico."""
    body = {"mechanism": "usmca-31a-us-mx", **changes}
    return await _made(api, f"/v1/complaints/{complaint_id}/proceedings", body, role)


async def an_event(api: Api, proceeding_id: str, *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Record that the petition was received on 1 February 2026: 29 days before the tests' Monday."""
    body = {"type": "petition_received", "on": "2026-02-01", **changes}
    return await _made(api, f"/v1/proceedings/{proceeding_id}/events", body, role)


async def _made(api: Api, path: str, body: dict[str, Any], role: str) -> dict[str, Any]:
    answer = await api.post(path, json=body, role=role)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made
