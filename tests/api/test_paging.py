"""Pages are steady: what was there when the reading began is read once, whatever is written meanwhile."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.api.test_statement_counts import multiply
from tests.builders import a_complaint, an_organization
from tests.conftest import Api, Clock, Database
from tests.rooms.climbing import a_case

PAGE = 3
DAYS = ("2026-01-05", "2026-01-05", "2026-01-09", "2026-01-09", "2026-01-09", "2026-01-12", "2026-01-20", "2026-02-02")
# Before all, among equals, between, and behind all.
MEANWHILE = ("2025-12-31", "2026-01-09", "2026-01-10", "2026-02-27")


async def read_all(
    api: Api, path: str, params: dict[str, str], between: Callable[[], Awaitable[Any]], *, role: str = "staff"
) -> list[dict[str, Any]]:
    """Read a list to its end, a page at a time, with something written after each page."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        answer = await api.get(path, role=role, params={**params, "limit": str(PAGE), **more})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= PAGE
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found
        await between()


@pytest.mark.parametrize("sort", ["received_on", "-received_on", "reference", "-reference,id", "id", "-updated_at"])
async def test_complaints_logged_meanwhile_neither_repeat_nor_hide_one(api: Api, clock: Clock, sort: str) -> None:
    before = [(await a_complaint(api, received_on=day))["id"] for day in DAYS]
    late = iter(MEANWHILE)

    async def log_another() -> None:
        day = next(late, None)
        clock.advance(timedelta(minutes=1))
        if day is not None:
            await a_complaint(api, received_on=day)

    read = [item["id"] for item in await read_all(api, "/v1/complaints", {"sort": sort}, log_another)]
    assert len(read) == len(set(read))
    assert set(before) <= set(read)


@pytest.mark.parametrize("sort", ["name", "-name", "kind,-name", "country"])
async def test_organisations_recorded_meanwhile_neither_repeat_nor_hide_one(api: Api, sort: str) -> None:
    names = ["Ñandú", "nandú", "Ávila", "avila", "Zapata", "águila", "Unión", "union"]
    before = [(await an_organization(api, name=name))["id"] for name in names]
    late = iter(["Aaa", "Ñu", "Zzz"])

    async def record_another() -> None:
        name = next(late, None)
        if name is not None:
            await an_organization(api, name=name)

    read = [item["id"] for item in await read_all(api, "/v1/organizations", {"sort": sort}, record_another)]
    assert len(read) == len(set(read))
    assert set(before) <= set(read)


@pytest.mark.parametrize("role", ["staff", "analyst"])
async def test_deadlines_of_one_day_are_parted_by_their_id(api: Api, empty: Database, role: str) -> None:
    await a_case(api)
    multiply(empty, "proceeding_event", 10, id="gen_random_uuid()")
    others = "proceeding_event e WHERE e.id <> t.trigger_event_id"
    multiply(empty, "deadline", 1, source=others, id="gen_random_uuid()", trigger_event_id="e.id")

    async def rest() -> None:
        """Write nothing."""

    read = [item["id"] for item in await read_all(api, "/v1/deadlines", {"sort": "due_on"}, rest, role=role)]
    assert len(read) == len(set(read)) == 11


async def test_a_cursor_of_another_order_is_refused(api: Api) -> None:
    for day in DAYS:
        await a_complaint(api, received_on=day)
    page = (await api.get("/v1/complaints", params={"limit": "2"})).json()
    answer = await api.get("/v1/complaints", params={"limit": "2", "sort": "id", "cursor": page["next"]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "?cursor")


@pytest.mark.parametrize("path", ["/v1/mechanisms", "/v1/vocabularies"])
async def test_short_lists_have_pages_too(api: Api, path: str) -> None:
    whole = (await api.get(path)).json()["items"]

    async def rest() -> None:
        """Write nothing."""

    assert await read_all(api, path, {}, rest) == whole
