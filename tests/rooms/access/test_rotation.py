"""Tokens that follow one another, and who holds them."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from tests.conftest import Api, Clock, People, looking
from vigilancia.core import limits
from vigilancia.core.work import Desk
from vigilancia.registry.models import ContactRow


async def make(api: Api, organization_id: UUID, **more: Any) -> Any:
    """Make a token of staff, as the administrator."""
    body = {"organization_id": str(organization_id), "role": "staff", "name": "portátil"} | more
    return await api.request("POST", "/v1/tokens", role="admin", json=body)


async def opens(api: Api, token: str) -> int:
    """Return how a token is answered."""
    asked = await api.request("GET", "/v1/complaints", role=None, headers={"Authorization": f"Bearer {token}"})
    return asked.status_code


async def test_both_tokens_open_until_the_overlap_is_over(api: Api, people: People, clock: Clock) -> None:
    old = (await make(api, people.centre_id, scopes=["complaints:read"])).json()
    answer = await api.request("POST", f"/v1/tokens/{old['id']}/rotate", role="admin", json={"overlap_hours": 2})
    new = answer.json()
    assert answer.status_code == 201
    assert new["replaces_id"] == old["id"]
    assert [new[name] for name in ("organization_id", "role", "name", "scopes")] == [
        old[name] for name in ("organization_id", "role", "name", "scopes")
    ]
    assert [await opens(api, each["token"]) for each in (old, new)] == [200, 200]
    clock.advance(timedelta(hours=2))
    assert [await opens(api, each["token"]) for each in (old, new)] == [401, 200]


async def test_without_overlap_the_old_one_ends_at_once(api: Api, people: People) -> None:
    old = (await make(api, people.centre_id)).json()
    await api.request("POST", f"/v1/tokens/{old['id']}/rotate", role="admin", json={"overlap_hours": 0})
    assert await opens(api, old["token"]) == 401


async def test_a_token_is_followed_once_and_not_after_its_end(api: Api, people: People) -> None:
    old = (await make(api, people.centre_id)).json()
    path = f"/v1/tokens/{old['id']}/rotate"
    assert (await api.request("POST", path, role="admin", json={})).status_code == 201
    assert (await api.request("POST", path, role="admin", json={})).status_code == 409
    ended = (await make(api, people.centre_id)).json()
    await api.request("DELETE", f"/v1/tokens/{ended['id']}", role="admin", version=1)
    again = await api.request("POST", f"/v1/tokens/{ended['id']}/rotate", role="admin", json={})
    assert again.status_code == 409
    absent = await api.request("POST", f"/v1/tokens/{uuid4()}/rotate", role="admin", json={})
    assert absent.status_code == 404


async def test_rotating_again_under_the_same_key_makes_no_second_token(api: Api, people: People) -> None:
    old = (await make(api, people.centre_id)).json()
    path, key = f"/v1/tokens/{old['id']}/rotate", {"Idempotency-Key": "giro-1"}
    first = await api.request("POST", path, role="admin", json={}, headers=key)
    second = await api.request("POST", path, role="admin", json={}, headers=key)
    assert first.json()["id"] == second.json()["id"]
    assert second.json()["token"] is None


async def test_a_holder_is_a_contact_of_the_same_organisation(api: Api, people: People, desk: Desk) -> None:
    async with looking(desk) as session:
        query = select(ContactRow.id).where(ContactRow.organization_id == people.centre_id)
        contact = str(await session.scalar(query))
    made = await make(api, people.centre_id, holder_id=contact)
    assert made.json()["holder_id"] == contact
    for organization_id, holder in ((people.union_id, contact), (people.centre_id, str(uuid4()))):
        refused = await make(api, organization_id, holder_id=holder)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/holder_id"


async def test_too_many_invalid_tokens_are_not_answered_but_a_valid_one_is(api: Api, desk: Desk) -> None:
    async with desk.work(api.people.staff) as work:
        for _ in range(limits.limits().wrong_tokens - 1):
            await limits.count(work, "wrong_tokens")
    assert await opens(api, "vgl_falso") == 401
    assert await opens(api, "vgl_falso") == 429
    assert await opens(api, api.people.tokens["staff"]) == 200


async def test_counts_of_past_hours_are_forgotten(desk: Desk, clock: Clock, people: People) -> None:
    async with desk.work(people.staff) as work:
        await limits.count(work, "wrong_receipts")
        assert await limits.counted(work, "wrong_receipts") == 1
    clock.advance(timedelta(hours=1))
    async with desk.work(people.staff) as work:
        assert await limits.counted(work, "wrong_receipts") == 0
        await limits.forget(work)
        assert await limits.count(work, "wrong_receipts") == 1
