"""Tokens: made once, recognised until they end, revoked at once."""

import hashlib
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from tests.builders import an_organization
from tests.conftest import Api, Clock, People, looking
from vigilancia.access.models import TokenRow
from vigilancia.access.scopes import ROLE_SCOPES
from vigilancia.access.service import authenticate, create_token
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk


def a_body(people: People, **changes: Any) -> dict[str, Any]:
    """Return the body of a token for the worker centre's staff."""
    return {"organization_id": str(people.centre_id), "role": "staff", "name": "Portátil de Ana", **changes}


async def a_token(api: Api, **changes: Any) -> dict[str, Any]:
    """Make a token as the administrator."""
    answer = await api.post("/v1/tokens", role="admin", json=a_body(api.people, **changes))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def knock(api: Api, token: str) -> int:
    """Return the status with which a token is met."""
    answer = await api.get("/v1/vocabularies", role=None, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


async def test_a_token_is_shown_once_and_only_its_digest_is_kept(api: Api, desk: Desk) -> None:
    """Neither the list nor the database can give it away."""
    made = await a_token(api)
    assert re.fullmatch(r"vgl_[A-Za-z0-9_-]{43}", made["token"])
    assert await knock(api, made["token"]) == 200
    read = await api.get(f"/v1/tokens/{made['id']}", role="admin")
    listed = await api.get("/v1/tokens", role="admin")
    for answer in (read, listed):
        assert answer.status_code == 200
        assert made["token"] not in answer.text
        assert '"token"' not in answer.text
        assert "digest" not in answer.text
    async with looking(desk) as session:
        kept = await session.scalar(select(TokenRow.digest).where(TokenRow.id == UUID(made["id"])))
        row = await session.scalar(text("SELECT token::text FROM token WHERE id = :id"), {"id": made["id"]})
    assert kept == hashlib.sha256(made["token"].encode()).digest()
    assert made["token"] not in row


async def test_a_token_lasts_ninety_days_and_may_all_its_role_may(api: Api) -> None:
    """Unless less is asked for."""
    made = await a_token(api)
    assert made["expires_at"] == "2026-05-31T15:00:00Z"
    assert set(made["scopes"]) == ROLE_SCOPES["staff"]
    assert (made["last_used_at"], made["revoked_at"], made["version"]) == (None, None, 1)
    less = await a_token(api, scopes=["registry:read"], expires_in_days=366, role="analyst")
    assert less["expires_at"] == "2027-03-03T15:00:00Z"
    assert less["scopes"] == ["registry:read"]


async def test_a_token_does_what_its_scopes_say_and_no_more(api: Api) -> None:
    """A reader's token records nothing."""
    made = await a_token(api, scopes=["registry:read"])
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert (await api.get("/v1/organizations", role=None, headers=headers)).status_code == 200
    body = {"kind": "union", "name": "S"}
    assert (await api.post("/v1/organizations", role=None, headers=headers, json=body)).status_code == 403
    assert (await api.get("/v1/complaints", role=None, headers=headers)).status_code == 403


async def test_a_token_ends_with_its_last_instant(api: Api, clock: Clock) -> None:
    """One second before it opens, from then on it does not."""
    made = await a_token(api, expires_in_days=1)
    clock.advance(timedelta(days=1) - timedelta(seconds=1))
    assert await knock(api, made["token"]) == 200
    clock.advance(timedelta(seconds=1))
    assert await knock(api, made["token"]) == 401


async def test_a_revoked_token_opens_nothing_from_the_next_request_on(api: Api) -> None:
    """The row stays; revoking again changes nothing; a stale version is refused."""
    made = await a_token(api)
    path = f"/v1/tokens/{made['id']}"
    assert (await api.delete(path, role="admin")).status_code == 428
    assert (await api.delete(path, role="admin", version=2)).status_code == 412
    assert await knock(api, made["token"]) == 200
    assert (await api.delete(path, role="admin", version=1)).status_code == 204
    assert await knock(api, made["token"]) == 401
    kept = (await api.get(path, role="admin")).json()
    assert (kept["revoked_at"], kept["version"]) == ("2026-03-02T15:00:00Z", 2)
    assert (await api.delete(path, role="admin", version=2)).status_code == 204
    assert (await api.get(path, role="admin")).json() == kept


async def test_what_is_no_token_is_met_alike(api: Api) -> None:
    """Unknown, malformed, cut short, far too long: 401 and the same words."""
    good = api.people.tokens["staff"]
    for bearer in ("vgl_", "vgl_unknown", good[:-1], good.upper(), good + " x", "x" * 9000, "'; DROP TABLE token", "é"):
        headers = {b"Authorization": f"Bearer {bearer}".encode()}
        answer = await api.client.get("/v1/vocabularies", headers=headers)
        assert answer.status_code == 401, bearer
        assert answer.json()["code"] == "unauthenticated"
        assert "drop" not in answer.text.lower()
    for header in ("", "Bearer", "Bearer ", f"Basic {good}", good):
        answer = await api.client.get("/v1/vocabularies", headers={"Authorization": header})
        assert answer.status_code == 401, header
    assert (await api.get("/v1/vocabularies", role=None)).status_code == 401


@pytest.mark.parametrize("role", ["staff", "partner", "analyst"])
async def test_only_administrators_deal_with_tokens(api: Api, people: People, role: str) -> None:
    """The others are told so, whether or not the token exists."""
    made = await a_token(api)
    assert (await api.post("/v1/tokens", role=role, json=a_body(people))).status_code == 403
    assert (await api.get("/v1/tokens", role=role)).status_code == 403
    assert (await api.get(f"/v1/tokens/{made['id']}", role=role)).status_code == 403
    assert (await api.delete(f"/v1/tokens/{made['id']}", role=role, version=1)).status_code == 403


async def test_every_fault_of_a_token_is_told_at_once(api: Api, people: People) -> None:
    """The shape first, all of it; then what goes beyond the role, all of it."""
    shape = await api.post(
        "/v1/tokens",
        role="admin",
        json={
            "organization_id": "x",
            "role": "system",
            "name": " ",
            "scopes": ["registry:read", "all", "registry:read"],
            "expires_in_days": 367,
            "token": "vgl_mine",
        },
    )
    assert {fault["pointer"]: fault["code"] for fault in shape.json()["errors"]} == {
        "/organization_id": "uuid",
        "/role": "code",
        "/name": "too_short",
        "/scopes/1": "code",
        "/scopes/2": "duplicate",
        "/expires_in_days": "range",
        "/token": "unknown_field",
    }
    beyond = await api.post(
        "/v1/tokens",
        role="admin",
        json=a_body(
            people,
            organization_id="01890000-0000-7000-8000-000000000000",
            role="analyst",
            scopes=["tokens:manage", "registry:read", "complaints:write"],
        ),
    )
    assert beyond.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in beyond.json()["errors"]] == [
        ("/organization_id", "not_found"),
        ("/scopes/0", "not_allowed"),
        ("/scopes/2", "not_allowed"),
    ]


async def test_a_hidden_organisation_gets_no_token_and_is_not_betrayed(api: Api, people: People) -> None:
    """What another keeps as private answers like nothing, until it uses the system itself."""
    body = {"kind": "union", "name": "S", "visibility": "private"}
    hidden = (await api.post("/v1/organizations", role="partner", json=body)).json()
    answer = await api.post("/v1/tokens", role="admin", json=a_body(people, organization_id=hidden["id"]))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "not_found"
    path = f"/v1/organizations/{people.union_id}"
    assert (await api.patch(path, role="partner", json={"visibility": "private"}, version=1)).status_code == 200
    await a_token(api, organization_id=str(people.union_id), role="partner")


async def test_a_repetition_shows_the_token_no_second_time(api: Api, people: People) -> None:
    """The text is kept nowhere, so the same resource comes without it, and no second token is made."""
    headers = {"Idempotency-Key": "k1"}
    first = await api.post("/v1/tokens", role="admin", json=a_body(people), headers=headers)
    second = await api.post("/v1/tokens", role="admin", json=a_body(people), headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == {**first.json(), "token": None}
    found = await api.get("/v1/tokens", role="admin", params={"q": "portatil ana"})
    assert [one["id"] for one in found.json()["items"]] == [first.json()["id"]]


async def test_tokens_are_listed_by_whom_and_what_they_are_for(api: Api, people: People, clock: Clock) -> None:
    """Revoked ones too: what they did must stay attributable."""
    union = await an_organization(api)
    first = await a_token(api, organization_id=union["id"], role="partner", name="Ángel")
    second = await a_token(api, organization_id=union["id"], role="analyst", name="Zoé")

    async def listed(**wanted: str) -> list[str]:
        answer = await api.get("/v1/tokens", role="admin", params=wanted)
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]

    assert await listed(organization_id=union["id"]) == [first["id"], second["id"]]
    assert await listed(organization_id=union["id"], sort="-name") == [second["id"], first["id"]]
    assert await listed(organization_id=f"{union['id']},{people.union_id}", role="analyst") == [second["id"]]
    assert await listed(q="angel") == [first["id"]]
    clock.advance(timedelta(hours=1))
    assert (await api.delete(f"/v1/tokens/{first['id']}", role="admin", version=1)).status_code == 204
    assert await listed(updated_since="2026-03-02T16:00:00Z") == [first["id"]]
    for name, value in (("role", "x\x00"), ("sort", "digest"), ("digest", "1"), ("organization_id", "x")):
        answer = await api.get("/v1/tokens", role="admin", params={name: value})
        assert answer.status_code == 400, name


async def test_the_time_of_use_is_kept_to_the_minute_and_a_fresh_use_costs_one_statement(
    api: Api, desk: Desk, clock: Clock, statements: Any
) -> None:
    """A busy client does not write a row a request."""
    made = await a_token(api)

    async def use() -> list[str]:
        with statements() as found:
            async with looking(desk) as session:
                caller = await authenticate(session, made["token"], clock.now)
                await session.commit()
        assert caller is not None
        assert caller.token_id == UUID(made["id"])
        return [one.split()[0] for one in found.sent]

    async def last_used() -> str | None:
        value: str | None = (await api.get(f"/v1/tokens/{made['id']}", role="admin")).json()["last_used_at"]
        return value

    assert await use() == ["SELECT"]  # the use is written in the same statement
    assert await last_used() == "2026-03-02T15:00:00Z"
    clock.advance(timedelta(seconds=59))
    assert await use() == ["SELECT"]
    assert await last_used() == "2026-03-02T15:00:00Z"
    clock.advance(timedelta(seconds=1))
    assert await use() == ["SELECT"]  # the use is written in the same statement
    assert await last_used() == "2026-03-02T15:01:00Z"


async def test_a_token_in_use_elsewhere_is_not_waited_for(api: Api, desk: Desk, clock: Clock) -> None:
    """A long request with the same token holds nobody up."""
    made = await a_token(api)
    async with looking(desk) as busy, desk.sessions() as quick:
        await authenticate(busy, made["token"], clock.now)
        await quick.execute(text("SET LOCAL lock_timeout = '2s'"))
        assert await authenticate(quick, made["token"], clock.now) is not None
        await quick.commit()
        await busy.commit()


async def test_a_scope_its_role_lost_is_lost_to_the_token(desk: Desk, people: People, clock: Clock) -> None:
    """A later version may narrow a role; old tokens follow."""
    async with desk.work(SYSTEM) as work:
        token_id, token = await create_token(work, organization_id=people.centre_id, role="analyst", name="a")
        wider = ["complaints:write", "registry:read"]
        await work.session.execute(update(TokenRow).where(TokenRow.id == token_id).values(scopes=wider))
    async with looking(desk) as session:
        caller = await authenticate(session, token, clock.now)
    assert caller is not None
    assert caller.scopes == {"registry:read"}
