"""Closures of calendars: recorded by who runs the installation, read by all, withdrawn and never edited."""

from typing import Any

import pytest

from tests.conftest import Api
from tests.rooms.proceedings.moving import CALENDAR, CLOSED_ON, MOURNING, SOURCE, a_closure, a_draw, deadlines, withdraw
from vigilancia.core.jobs import Job


async def test_every_role_reads_calendars_with_the_closures_that_stand(api: Api) -> None:
    closure = await a_closure(api, source_url="https://example.org/dof")
    taken_back = await withdraw(api, await a_closure(api, starts_on="2026-04-01"))
    for role in ("admin", "staff", "partner", "analyst"):
        listed = {item["id"]: item for item in (await api.get("/v1/calendars", role=role)).json()["items"]}
        assert {"mx-lft", "us-federal", "us-federal-offices", "ca-federal"} <= set(listed)
        assert (listed[CALENDAR]["closures"], listed["us-federal"]["closures"]) == (1, 0)
        whole = (await api.get(f"/v1/calendars/{CALENDAR}", role=role)).json()
        assert whole["published"]["days"]["2026-05-01"] == "labour-day"
        assert [each["id"] for each in whole["standing"]] == [closure["id"]]
        every = (await api.get(f"/v1/calendars/{CALENDAR}/closures", role=role)).json()["items"]
        assert [each["id"] for each in every] == [closure["id"], taken_back["id"]]
        assert (every[0]["recorded_by"] is not None) == (role == "admin")


async def test_a_closure_carries_its_source_and_says_its_name_in_each_language(api: Api) -> None:
    closure = await a_closure(api)
    assert (closure["starts_on"], closure["ends_on"], closure["source"]) == (CLOSED_ON, CLOSED_ON, SOURCE)
    url = f"/v1/calendars/{CALENDAR}/closures/{closure['id']}"
    for locale, label in MOURNING.items():
        assert (await api.get(url, headers={"Accept-Language": locale})).json()["label"] == label


@pytest.mark.parametrize("role", ["staff", "partner", "analyst"])
async def test_only_who_runs_the_installation_records_and_withdraws(api: Api, role: str) -> None:
    closure = await a_closure(api)
    url = f"/v1/calendars/{CALENDAR}/closures"
    body = {"starts_on": CLOSED_ON, "labels": MOURNING, "source": SOURCE}
    assert (await api.post(url, role=role, json=body)).status_code == 403
    assert (await api.post(f"{url}/{closure['id']}/withdraw", role=role, json={"reason": "x"})).status_code == 403


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"source": None}, "/source"),
        ({"source": ""}, "/source"),
        ({"labels": {"es": "Luto"}}, "/labels/en"),
        ({"ends_on": "2026-03-02"}, "/ends_on"),
        ({"starts_on": "2041-01-01"}, "/starts_on"),
        ({"source_url": "ftp://example.org"}, "/source_url"),
        ({"ends_on": "2027-03-04"}, "/ends_on"),
    ],
)
async def test_what_does_not_fit_is_refused_with_its_place(api: Api, changes: dict[str, Any], pointer: str) -> None:
    body = {"starts_on": CLOSED_ON, "labels": MOURNING, "source": SOURCE, **changes}
    answer = await api.post(f"/v1/calendars/{CALENDAR}/closures", role="admin", json=body)
    assert answer.status_code == 422, answer.text
    assert pointer in {fault["pointer"] for fault in answer.json()["errors"]}


async def test_a_closure_is_withdrawn_once_and_keeps_why(api: Api) -> None:
    closure = await a_closure(api)
    gone = await withdraw(api, closure)
    assert (gone["withdrawn_reason"], gone["version"]) == ("Se publicó por error", 2)
    assert (gone["withdrawn_at"], gone["created_at"]) == ("2026-03-02T15:00:00Z", closure["created_at"])
    url = f"/v1/calendars/{CALENDAR}/closures/{closure['id']}/withdraw"
    assert (await api.post(url, role="admin", json={"reason": "x"})).status_code == 409


async def test_unknown_calendars_and_closures_of_another_calendar_are_not_found(api: Api) -> None:
    closure = await a_closure(api)
    for path in (
        "/v1/calendars/none",
        "/v1/calendars/none/closures",
        f"/v1/calendars/us-federal/closures/{closure['id']}",
    ):
        assert (await api.get(path)).status_code == 404, path
    url = f"/v1/calendars/us-federal/closures/{closure['id']}/withdraw"
    assert (await api.post(url, role="admin", json={"reason": "x"})).status_code == 404


async def test_the_same_key_records_a_closure_once(api: Api) -> None:
    body = {"starts_on": CLOSED_ON, "labels": MOURNING, "source": SOURCE}
    url, headers = f"/v1/calendars/{CALENDAR}/closures", {"Idempotency-Key": "dof-1"}
    first, again = [await api.post(url, role="admin", json=body, headers=headers) for _ in range(2)]
    assert first.json() == again.json()
    assert len((await api.get(url)).json()["items"]) == 1


async def test_recording_and_withdrawing_wake_whoever_compares(api: Api, woken: list[frozenset[Job]]) -> None:
    closure = await a_closure(api)
    assert woken == [frozenset({Job.PROPOSE})]
    await withdraw(api, closure)
    assert woken == [frozenset({Job.PROPOSE})] * 2


async def test_a_what_if_counts_closures_that_stand_and_no_others(api: Api) -> None:
    question = {"events": [{"type": "panel_requested", "on": "2026-03-02"}]}
    url = "/v1/mechanisms/usmca-31a-us-mx/preview"

    async def latest() -> str:
        (deadline,) = (await api.post(url, json=question)).json()["deadlines"]
        return str(deadline["latest_due_on"])

    assert await latest() == "2026-03-05"
    closure = await a_closure(api)
    assert await latest() == "2026-03-06"
    await withdraw(api, closure)
    assert await latest() == "2026-03-05"


async def test_a_procedure_opened_after_a_closure_counts_it_and_names_its_source(api: Api) -> None:
    closure = await a_closure(api)
    case = await a_draw(api)
    deadline = (await deadlines(api, case["proceeding_id"]))["panelist_draw"]
    assert (deadline["due_on"], deadline["latest_due_on"]) == ("2026-03-05", "2026-03-06")
    (skipped,) = deadline["computation"]["latest_skipped"]
    assert (skipped["why"], skipped["source"]) == (f"{CALENDAR}:{closure['id']}", SOURCE)
    assert any("Luto nacional" in line and SOURCE in line for line in deadline["explanation"])
