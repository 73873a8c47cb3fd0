"""The rules as published, and what-if questions that leave no trace."""

from sqlalchemy import text

from tests.builders import a_complaint
from tests.conftest import Api, looking
from vigilancia.core.work import Desk

PREVIEW = "/v1/mechanisms/usmca-31a-us-mx/preview"


async def rows(desk: Desk) -> list[int]:
    """Count what a question must not write."""
    async with looking(desk) as session:
        return [
            await session.scalar(text(f"SELECT count(*) FROM {table}"))
            for table in ("proceeding", "proceeding_event", "deadline", "timeline_entry", "job")
        ]


async def test_mechanism_is_published_whole(api: Api) -> None:
    [summary] = [item for item in (await api.get("/v1/mechanisms")).json()["items"] if item["id"] == "usmca-31a-us-mx"]
    assert "review_answer" in summary["rules"]
    answer = await api.get("/v1/mechanisms/usmca-31a-us-mx")
    mechanism = answer.json()
    assert mechanism["digest"] == summary["digest"]
    assert "petition_received" in mechanism["events"]
    version = mechanism["rules"]["ilc_determination"]["versions"][0]
    assert (version["term"]["count"], version["in_force"]["from"]) == (30, "2020-07-01")
    assert mechanism["calendars"]["us-federal"]["covers_until"]
    tag = answer.headers["ETag"]
    assert (await api.get("/v1/mechanisms/usmca-31a-us-mx", headers={"If-None-Match": tag})).status_code == 304


async def test_unknown_mechanism_is_not_found(api: Api) -> None:
    assert (await api.get("/v1/mechanisms/usmca-99")).status_code == 404
    assert (await api.post("/v1/mechanisms/usmca-99/preview", json={"events": []})).status_code == 404


async def test_preview_computes_and_writes_nothing(api: Api, desk: Desk) -> None:
    before = await rows(desk)
    body = {"events": [{"type": "petition_received", "on": "2026-02-01"}], "as_of": "2026-03-04"}
    answer = await api.post(PREVIEW, json=body, role="analyst")
    assert answer.status_code == 200, answer.text
    [deadline] = answer.json()["deadlines"]
    assert (deadline["rule"], deadline["due_on"], deadline["status"]) == ("ilc_determination", "2026-03-03", "missed")
    assert deadline["trigger"] == "/events/0"
    assert deadline["computation"]["quantity"] == 30
    assert deadline["explanation"]
    assert await rows(desk) == before


async def test_preview_takes_days_to_come_and_agreed_days(api: Api) -> None:
    body = {
        "events": [
            {"type": "remediation_agreed", "on": "2026-09-01", "due_on": "2027-02-01"},
            {"type": "extension_agreed", "on": "2026-10-01", "rule": "remediation_due", "due_on": "2027-03-01"},
        ]
    }
    deadlines = {item["rule"]: item for item in (await api.post(PREVIEW, json=body)).json()["deadlines"]}
    assert deadlines["remediation_due"]["due_on"] == "2027-03-01"
    assert deadlines["remediation_due"]["computation"]["extended_from"] == "2027-02-01"
    assert deadlines["remediation_due"]["status"] == "pending"


async def test_preview_names_every_unknown_type_by_its_place(api: Api) -> None:
    events = [{"type": "petition_received", "on": "2026-02-01"}, {"type": "x", "on": "2026-02-02", "rule": "y"}]
    answer = await api.post(PREVIEW, json={"events": events})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/events/1/type", "/events/1/rule"]


async def test_preview_past_the_calendar_is_refused_with_a_code(api: Api) -> None:
    answer = await api.post(PREVIEW, json={"events": [{"type": "petition_received", "on": "2090-01-01"}]})
    assert (answer.status_code, answer.json()["code"]) == (422, "calendar-horizon")


async def test_unknown_mechanism_opens_no_proceeding(api: Api) -> None:
    complaint = await a_complaint(api)
    url = f"/v1/complaints/{complaint['id']}/proceedings"
    answer = await api.post(url, json={"mechanism": "usmca-99"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/mechanism"
    assert (await api.get(url)).json()["items"] == []
