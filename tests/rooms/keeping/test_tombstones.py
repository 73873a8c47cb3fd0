"""A copy kept by asking for what changed, erasures among it, equals a full dump."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import a_complaint, a_link
from tests.conftest import Api, Clock
from tests.rooms.keeping.cases import erased, opened
from vigilancia.core.work import Desk


async def pages(api: Api, role: str, **params: str) -> list[dict[str, Any]]:
    """Walk a list to its end."""
    found, cursor = [], None
    while True:
        asked = params | ({"cursor": cursor} if cursor else {})
        answer = await api.get("/v1/complaints", role=role, params=asked)
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
        cursor = found[-1]["next"]
        if cursor is None:
            return found


async def synced(api: Api, role: str, copy: dict[str, Any], since: str) -> list[dict[str, Any]]:
    """Bring a copy up to date."""
    walked = await pages(api, role, updated_since=since, tombstones="true", limit="3")
    for page in walked:
        copy |= {item["id"]: item for item in page["items"]}
        for stone in page["tombstones"]:
            copy.pop(stone["id"], None)
    return walked


@pytest.mark.parametrize("role", ["staff", "partner"])
async def test_two_passes_make_a_full_dump(api: Api, desk: Desk, clock: Clock, role: str) -> None:
    cases = []
    for number in range(9):
        clock.advance(timedelta(minutes=1))
        case = await a_complaint(api, title=f"caso {number}")
        await a_link(api, case["id"], api.people.union_id, access="read")
        link = (await api.get(f"/v1/complaints/{case['id']}/links")).json()["items"][0]
        await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner", json={})
        cases.append(case)
    copy: dict[str, Any] = {}
    await synced(api, role, copy, "2026-01-01T00:00:00Z")
    assert len(copy) == 9
    since = clock.now.isoformat().replace("+00:00", "Z")
    for number in (1, 4, 6, 8):
        clock.advance(timedelta(minutes=1))
        await erased(api, desk, cases[number])
        await opened(api, cases[number - 1])
    clock.advance(timedelta(minutes=1))
    await a_complaint(api, title="caso nuevo, que solo ve su dueño")
    walked = await synced(api, role, copy, since)
    dump = {item["id"]: item for page in await pages(api, role) for item in page["items"]}
    assert copy == dump
    assert sum(len(page["tombstones"]) for page in walked) == 4
    assert all(len(page["items"]) + len(page["tombstones"]) <= 3 for page in walked)
    told = [entry.get("erased_at") or entry["updated_at"] for page in walked for entry in _in_time(page)]
    assert told == sorted(told)


def _in_time(page: dict[str, Any]) -> list[dict[str, Any]]:
    entries = [*page["items"], *page["tombstones"]]
    return sorted(entries, key=lambda entry: str(entry.get("erased_at") or entry["updated_at"]))


async def test_a_stranger_is_told_of_no_tombstone_but_those_of_public_cases(api: Api, desk: Desk) -> None:
    await erased(api, desk, await a_complaint(api))
    public = await a_complaint(api, confidentiality="public")
    await erased(api, desk, public)
    (page,) = await pages(api, "partner", tombstones="true")
    assert [stone["id"] for stone in page["tombstones"]] == [public["id"]]


async def test_analysts_are_told_the_month(api: Api, desk: Desk) -> None:
    await erased(api, desk, await a_complaint(api))
    (page,) = await pages(api, "analyst", tombstones="true", updated_since="2026-03-02T12:00:00Z")
    assert [stone["erased_at"] for stone in page["tombstones"]] == ["2026-03-01T00:00:00Z"]


async def test_a_tombstone_tells_nothing_but_an_id_and_an_instant(api: Api, desk: Desk) -> None:
    await erased(api, desk, await a_complaint(api))
    (page,) = await pages(api, "staff", tombstones="true")
    assert [set(stone) for stone in page["tombstones"]] == [{"id", "erased_at"}]
    (plain,) = await pages(api, "staff")
    assert "tombstones" not in plain


async def test_with_tombstones_a_list_has_one_order(api: Api) -> None:
    answer = await api.get("/v1/complaints", params={"tombstones": "true", "sort": "-received_on"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "?sort"
    assert (await api.get("/v1/complaints", params={"tombstones": "true", "sort": "updated_at"})).status_code == 200
