"""Deadlines as they live: listed, explained, moved, met, missed, and seen only by those who may."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.builders import a_complaint, a_link, a_proceeding, an_event
from tests.conftest import Api, Clock, People
from vigilancia.core.jobs import Job
from vigilancia.core.work import Desk, Work
from vigilancia.proceedings.models import DeadlineRow


@pytest.fixture
async def complaint(api: Api) -> dict[str, Any]:
    """A case of the worker centre."""
    return await a_complaint(api)


@pytest.fixture
async def proceeding(api: Api, complaint: dict[str, Any]) -> dict[str, Any]:
    """Its procedure."""
    return await a_proceeding(api, complaint["id"])


async def listed(api: Api, role: str = "staff", **params: str) -> list[dict[str, Any]]:
    """Return one page of deadlines."""
    answer = await api.get("/v1/deadlines", params=params, role=role)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_deadline_says_whose_act_it_is_why_that_day_and_how_sure(
    api: Api, complaint: dict[str, Any], proceeding: dict[str, Any]
) -> None:
    event = await an_event(api, proceeding["id"])
    [deadline] = await listed(api, proceeding_id=proceeding["id"])
    assert deadline["rule"] == "ilc_determination"
    assert deadline["complaint_id"] == complaint["id"]
    assert deadline["reference"] == complaint["reference"]
    assert deadline["trigger_event_id"] == event["id"]
    assert deadline["ours"] is False
    assert (deadline["due_on"], deadline["closes_at"]) == ("2026-03-03", "2026-03-04T05:00:00Z")
    assert (deadline["status"], deadline["revision"], deadline["confidence"]) == ("pending", 1, "primary")
    assert deadline["computation"]["anchor_event"] == "petition_received"
    assert deadline["computation"]["quantity"] == 30
    assert deadline["citation"][0]["quote"] == "within 30 days"
    assert any("domingo 1 de febrero de 2026" in line for line in deadline["explanation"])


async def test_words_follow_the_language_and_codes_do_not(api: Api, proceeding: dict[str, Any]) -> None:
    event = await an_event(api, proceeding["id"])
    url = f"/v1/deadlines/{event['changes'][0]['deadline_id']}"
    spoken = {locale: (await api.get(url, headers={"Accept-Language": locale})).json() for locale in ("es", "en", "fr")}
    assert len({answer["title"] for answer in spoken.values()}) == 3
    assert len({answer["explanation"][0] for answer in spoken.values()}) == 3
    assert len({answer["rule"] for answer in spoken.values()}) == 1


async def test_last_day_itself_is_still_in_time_and_midnight_in_washington_ends_it(
    api: Api, proceeding: dict[str, Any], clock: Clock
) -> None:
    await an_event(api, proceeding["id"])
    clock.set(datetime(2026, 3, 4, 4, 59, 59, tzinfo=UTC))
    assert [item["status"] for item in await listed(api)] == ["pending"]
    clock.set(datetime(2026, 3, 4, 5, 0, tzinfo=UTC))
    assert [item["status"] for item in await listed(api)] == ["missed"]
    assert [item["status"] for item in await listed(api, status="missed,exceeded")] == ["missed"]
    assert await listed(api, status="pending") == []


async def test_etag_changes_when_the_hour_makes_a_deadline_missed(
    api: Api, proceeding: dict[str, Any], clock: Clock
) -> None:
    event = await an_event(api, proceeding["id"])
    url = f"/v1/deadlines/{event['changes'][0]['deadline_id']}"
    tag = (await api.get(url)).headers["ETag"]
    assert (await api.get(url, headers={"If-None-Match": tag})).status_code == 304
    clock.set(datetime(2026, 3, 4, 5, 0, tzinfo=UTC))
    assert (await api.get(url, headers={"If-None-Match": tag})).json()["status"] == "missed"


async def test_act_after_the_last_day_is_met_late_and_raises_no_revision(
    api: Api, proceeding: dict[str, Any], clock: Clock
) -> None:
    await an_event(api, proceeding["id"])
    clock.set(datetime(2026, 3, 9, 15, 0, tzinfo=UTC))
    act = await an_event(api, proceeding["id"], type="ilc_determined_sufficient", on="2026-03-05")
    [change] = [each for each in act["changes"] if each["rule"] == "ilc_determination"]
    assert (change["change"], change["after"]) == ("met", {"met": True, "met_on": "2026-03-05"})
    deadline = (await api.get(f"/v1/deadlines/{change['deadline_id']}")).json()
    assert (deadline["status"], deadline["met_on"], deadline["revision"]) == ("met_late", "2026-03-05", 1)


async def test_withdrawn_act_opens_the_deadline_again(api: Api, proceeding: dict[str, Any]) -> None:
    await an_event(api, proceeding["id"], on="2026-02-10")
    act = await an_event(api, proceeding["id"], type="ilc_determined_sufficient", on="2026-03-01")
    answer = await api.post(
        f"/v1/proceedings/{proceeding['id']}/events/{act['id']}/withdraw", json={"reason": "Sin confirmar"}
    )
    changes = {change["rule"]: change["change"] for change in answer.json()["changes"]}
    assert changes == {"ilc_determination": "reopened", "panel_decision": "voided"}


async def test_moved_deadline_keeps_its_id_and_every_earlier_state(api: Api, proceeding: dict[str, Any]) -> None:
    event = await an_event(api, proceeding["id"])
    deadline_id = event["changes"][0]["deadline_id"]
    url = f"/v1/proceedings/{proceeding['id']}/events/{event['id']}"
    for version, day in ((1, "2026-02-05"), (2, "2026-02-10")):
        await api.patch(url, json={"on": day, "reason": "Otro acuse"}, version=version)
    deadline = (await api.get(f"/v1/deadlines/{deadline_id}")).json()
    assert (deadline["revision"], deadline["due_on"]) == (3, "2026-03-12")
    states = (await api.get(f"/v1/deadlines/{deadline_id}/revisions")).json()["items"]
    assert [(state["revision"], state["was"]["due_on"]) for state in states] == [(2, "2026-03-09"), (1, "2026-03-03")]


async def test_correction_that_ends_on_the_same_day_makes_no_revision(api: Api, proceeding: dict[str, Any]) -> None:
    event = await an_event(api, proceeding["id"], on="2026-02-05")  # day 30 is Saturday 7 March: Monday the 9th
    url = f"/v1/proceedings/{proceeding['id']}/events/{event['id']}"
    answer = await api.patch(url, json={"on": "2026-02-06", "reason": "Otro acuse"}, version=1)
    assert answer.json()["changes"] == []
    [deadline] = await listed(api)
    assert (deadline["revision"], deadline["raw_due_on"], deadline["due_on"]) == (1, "2026-03-08", "2026-03-09")


async def to_be_planned(work: Work) -> Sequence[DeadlineRow]:
    """Return what the sweep would plan."""
    found: Sequence[DeadlineRow] = (
        await work.session.scalars(select(DeadlineRow).where(DeadlineRow.plan_pending))
    ).all()
    return found


async def test_unchanged_deadline_is_left_alone(
    api: Api, desk: Desk, people: People, proceeding: dict[str, Any], clock: Clock
) -> None:
    await an_event(api, proceeding["id"])
    async with desk.work(people.staff) as work:
        for row in await to_be_planned(work):
            row.plan_pending = False
    [before] = await listed(api)
    clock.set(datetime(2026, 3, 3, 15, 0, tzinfo=UTC))
    await an_event(api, proceeding["id"], type="company_undertaking", on="2026-03-02")
    [after] = await listed(api)
    assert after == before
    async with desk.work(people.staff) as work:
        assert await to_be_planned(work) == []


async def test_every_change_wakes_the_planner(
    api: Api, desk: Desk, people: People, proceeding: dict[str, Any], woken: list[frozenset[Job]]
) -> None:
    await an_event(api, proceeding["id"])
    assert any(Job.SWEEP in kinds for kinds in woken)
    async with desk.work(people.staff) as work:
        assert len(await to_be_planned(work)) == 1


async def test_parallel_proceedings_keep_their_own_dates_and_states(
    api: Api, complaint: dict[str, Any], clock: Clock
) -> None:
    first = await a_proceeding(api, complaint["id"])
    clock.advance(timedelta(minutes=1))
    second = await a_proceeding(api, complaint["id"])
    await an_event(api, first["id"])
    await an_event(api, second["id"], type="review_requested", on="2026-02-27")
    states = (await api.get(f"/v1/complaints/{complaint['id']}/proceedings")).json()["items"]
    assert [state["id"] for state in states] == [first["id"], second["id"]]
    assert states[0]["stage"] != states[1]["stage"]
    assert [item["rule"] for item in await listed(api, proceeding_id=first["id"])] == ["ilc_determination"]
    assert states[0]["deadlines"]["by_status"] == {"pending": 1}
    assert len(await listed(api, complaint_id=complaint["id"])) == 1 + states[1]["deadlines"]["total"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"due_on_before": "2026-03-03"}, 0),
        ({"due_on_before": "2026-03-04"}, 1),
        ({"due_on_after": "2026-03-02"}, 1),
        ({"due_on_after": "2026-03-03"}, 0),
        ({"mechanism": "usmca-31a-us-mx,oecd-ncp", "rule": "ilc_determination"}, 1),
        ({"rule": "review_answer"}, 0),
        ({"actor": "ilc", "nature": "mandatory", "confidence": "primary"}, 1),
        ({"actor": "mexico"}, 0),
    ],
)
async def test_filters_narrow_the_list(
    api: Api, proceeding: dict[str, Any], filters: dict[str, str], found: int
) -> None:
    await an_event(api, proceeding["id"])
    assert len(await listed(api, **filters)) == found


@pytest.mark.parametrize(
    "params", [{"status": "overdue"}, {"proceeding_id": "x"}, {"due_on_before": "2026-02-30"}, {"due_before": "2026"}]
)
async def test_filter_that_does_not_fit_is_refused_by_name(api: Api, params: dict[str, str]) -> None:
    answer = await api.get("/v1/deadlines", params=params)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"?{next(iter(params))}"


async def test_pages_follow_each_other_without_gap_or_repetition(api: Api, proceeding: dict[str, Any]) -> None:
    for type_, day in (("petition_received", "2026-01-20"), ("review_requested", "2026-02-20")):
        await an_event(api, proceeding["id"], type=type_, on=day)
    whole = [item["id"] for item in await listed(api)]
    cursor: str | None = None
    paged: list[str] = []
    while cursor is not None or not paged:
        params = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/v1/deadlines", params=params)).json()
        paged += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert paged == whole
    assert len(whole) >= 3


async def test_page_of_fifty_needs_no_more_statements_than_a_page_of_one(
    api: Api,
    complaint: dict[str, Any],
    statements: Any,
) -> None:
    counts = []
    for number in (1, 49):
        for _ in range(number):
            proceeding = await a_proceeding(api, complaint["id"])
            await an_event(api, proceeding["id"])
        with statements() as sent:
            page = await listed(api, limit="50")
        counts.append(len([each for each in sent.sent if "deadline" in each or "complaint_link" in each]))
    assert len(page) == 50
    assert counts == [2, 2]


async def test_stranger_sees_nothing_and_is_told_nothing(api: Api, proceeding: dict[str, Any]) -> None:
    event = await an_event(api, proceeding["id"])
    deadline_id = event["changes"][0]["deadline_id"]
    assert await listed(api, role="partner") == []
    for path in (
        f"/v1/deadlines/{deadline_id}",
        f"/v1/deadlines/{deadline_id}/revisions",
        f"/v1/proceedings/{proceeding['id']}",
        f"/v1/proceedings/{proceeding['id']}/events",
        f"/v1/proceedings/{proceeding['id']}/events/{event['id']}",
    ):
        assert (await api.get(path, role="partner")).status_code == 404
    body = {"type": "withdrawn", "on": "2026-03-01"}
    assert (await api.post(f"/v1/proceedings/{proceeding['id']}/events", json=body, role="partner")).status_code == 404


async def test_alerted_party_sees_steps_and_dates_but_no_words(
    api: Api, people: People, complaint: dict[str, Any], proceeding: dict[str, Any]
) -> None:
    await a_link(api, complaint["id"], people.union_id)
    event = await an_event(api, proceeding["id"], note="con nombres", sources=["https://example.org/a"])
    [deadline] = await listed(api, role="partner")
    assert (deadline["due_on"], deadline["reference"]) == ("2026-03-03", complaint["reference"])
    events_url = f"/v1/proceedings/{proceeding['id']}/events"
    [seen] = (await api.get(events_url, role="partner")).json()["items"]
    assert (seen["type"], seen["on"]) == ("petition_received", "2026-02-01")
    assert (seen["note"], seen["sources"], seen["stated_by"]) == (None, [], None)
    refused = await api.post(events_url, json={"type": "withdrawn", "on": "2026-03-01"}, role="partner")
    assert refused.status_code == 403
    await api.post(f"{events_url}/{event['id']}/withdraw", json={"reason": "Otro caso"})
    assert (await api.get(events_url, role="partner")).json()["items"] == []


async def test_analyst_sees_months_and_states_and_cannot_ask_for_days(
    api: Api, complaint: dict[str, Any], proceeding: dict[str, Any]
) -> None:
    await an_event(api, proceeding["id"], on="2026-02-10", note="con nombres")
    [deadline] = await listed(api, role="analyst")
    assert (deadline["due_on"], deadline["status"]) == ("2026-03-01", "pending")  # the 12th, to those who may know
    assert (deadline["reference"], deadline["closes_at"], deadline["computation"]) == (None, None, None)
    assert await listed(api, role="analyst", due_on_after="2026-03-05") == []
    [seen] = (await api.get(f"/v1/proceedings/{proceeding['id']}/events", role="analyst")).json()["items"]
    assert (seen["on"], seen["note"]) == ("2026-02-01", None)
    assert complaint["reference"] not in (await api.get(f"/v1/proceedings/{proceeding['id']}", role="analyst")).text


async def test_public_case_shows_every_role_its_days_and_notes_but_no_mistakes(api: Api) -> None:
    complaint = await a_complaint(api, confidentiality="public")
    proceeding = await a_proceeding(api, complaint["id"])
    kept = await an_event(api, proceeding["id"], note="según el comunicado", sources=["https://example.org/a"])
    mistake = await an_event(api, proceeding["id"], type="withdrawn", on="2026-02-20", note="otra planta")
    events_url = f"/v1/proceedings/{proceeding['id']}/events"
    await api.post(f"{events_url}/{mistake['id']}/withdraw", json={"reason": "Era otra planta"})
    body = {"note": "según el diario", "reason": "Fuente errónea"}
    assert (await api.patch(f"{events_url}/{kept['id']}", json=body, version=1)).status_code == 200
    for role in ("partner", "analyst"):
        [deadline] = await listed(api, role=role)
        assert (deadline["due_on"], deadline["reference"]) == ("2026-03-03", complaint["reference"])
        [event] = (await api.get(events_url, role=role)).json()["items"]
        assert (event["on"], event["note"]) == ("2026-02-01", "según el diario")
        [revision] = (await api.get(f"{events_url}/{kept['id']}/revisions", role=role)).json()["items"]
        assert (revision["reason"], revision["was"]["note"], revision["was"]["on"]) == (None, None, "2026-02-01")
        assert (await api.get(f"{events_url}/{mistake['id']}", role=role)).status_code == 404
