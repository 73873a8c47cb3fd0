"""More people: an analyst of the union, and another worker centre that has to do with nothing."""

import hashlib
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert

from tests.conftest import People, looking
from vigilancia.access.models import TokenRow
from vigilancia.access.scopes import ROLE_SCOPES
from vigilancia.core.identity import Role
from vigilancia.core.ids import new_id
from vigilancia.core.work import Desk
from vigilancia.registry.models import OrganizationRow


@pytest.fixture
async def people(desk: Desk, people: People) -> People:
    """The usual people, and tokens `union_analyst`, `union_admin` and `stranger`."""
    elsewhere = new_id()
    organization = {
        "id": elsewhere,
        "owner_id": elsewhere,
        "visibility": "private",
        "kind": "worker_center",
        "name": "Centro de otra parte",
        "aliases": [],
        "version": 1,
        "created_at": desk.now(),
        "updated_at": desk.now(),
    }
    more: tuple[tuple[str, Role, UUID], ...] = (
        ("union_analyst", "analyst", people.union_id),
        ("union_admin", "admin", people.union_id),
        ("stranger", "staff", elsewhere),
    )
    async with looking(desk) as session:
        await session.execute(insert(OrganizationRow).values(organization))
        for name, role, organization_id in more:
            token = f"vgl_test_{name}"
            row = {
                "id": new_id(),
                "organization_id": organization_id,
                "role": role,
                "name": name,
                "scopes": sorted(ROLE_SCOPES[role]),
                "digest": hashlib.sha256(token.encode()).digest(),
                "created_at": desk.now(),
                "expires_at": desk.now() + timedelta(days=365),
                "version": 1,
            }
            await session.execute(insert(TokenRow).values(row))
            people.tokens[name] = token
        await session.commit()
    return people
