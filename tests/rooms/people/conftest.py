"""More people: those of the complaints room, and three more tokens of the centre's staff."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import insert

from tests.conftest import People, looking
from tests.rooms.complaints import conftest
from vigilancia.access.models import TokenRow
from vigilancia.access.scopes import ROLE_SCOPES
from vigilancia.core.identity import Caller
from vigilancia.core.ids import new_id
from vigilancia.core.work import Desk
from vigilancia.registry.models import ContactRow

more_people = conftest.people


@pytest.fixture
async def people(desk: Desk, more_people: People) -> People:
    """Tokens `ana`, `ana_too` (of the same holder) and `bea`, all staff of the centre."""
    people = more_people
    ana = new_id()
    async with looking(desk) as session:
        contact = {"id": ana, "organization_id": people.centre_id, "owner_id": people.centre_id, "name": "Ana"}
        contact |= {"visibility": "linked", "desk": False, "working_hours": [], "channels": [], "version": 1}
        await session.execute(
            insert(ContactRow).values(contact | dict.fromkeys(("created_at", "updated_at"), desk.now()))
        )
        for name, holder in (("ana", ana), ("ana_too", ana), ("bea", None)):
            token, token_id = f"vgl_test_{name}", new_id()
            row = {
                "id": token_id,
                "organization_id": people.centre_id,
                "role": "staff",
                "name": name,
                "scopes": sorted(ROLE_SCOPES["staff"]),
                "digest": hashlib.sha256(token.encode()).digest(),
                "holder_id": holder,
                "created_at": desk.now(),
                "expires_at": desk.now() + timedelta(days=3650),
                "version": 1,
            }
            await session.execute(insert(TokenRow).values(row))
            people.tokens[name] = token
            people.callers[name] = Caller(
                organization_id=people.centre_id,
                role="staff",
                scopes=ROLE_SCOPES["staff"],
                token_id=token_id,
                holder_id=holder,
            )
        await session.commit()
    return people
