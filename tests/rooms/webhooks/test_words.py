"""No word of a complaint leaves; every body is small; what is old is forgotten; figures say what is wrong."""

import logging
from datetime import timedelta

import msgspec
import psycopg
import pytest

from tests.api.world import EXPORT
from tests.builders import a_complaint, a_facility, a_link, a_proceeding, an_event, an_organization
from tests.conftest import Api, Clock, Database
from tests.rooms.webhooks.receiver import Receiver, all_goes_out, an_endpoint, deliveries
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.webhooks.upkeep import forget_hourly
from vigilancia.reports.service import make_due

SMALL = 2000  # bytes, as the contract says


async def a_marked_case(api: Api) -> dict[str, str]:
    """Log a case whose every text holds a marker, and let everything happen to it."""
    plant = await a_facility(api, name="canary plant", company="canary company")
    party = await an_organization(api, name="canary party")
    case = await a_complaint(
        api,
        title="canary title",
        summary="canary summary",
        narrative="canary narrative",
        facility_id=plant["id"],
        tags=["canary-tag"],
        source_urls=["https://canary.example/"],
        external_ids=[{"system": "canary", "id": "canary"}],
    )
    await a_link(api, case["id"], party["id"], source="canary source")
    proceeding = await a_proceeding(api, case["id"])
    event = await an_event(api, proceeding["id"], note="canary note", stated_by="canary person")
    path = f"/v1/proceedings/{proceeding['id']}/events/{event['id']}"
    await api.patch(path, json={"on": "2026-02-02", "note": "canary", "reason": "canary"}, version=event["version"])
    changes = {"title": "canary again", "tags": ["canary-b"], "summary": "canary b", "narrative": "canary b"}
    changed = await api.patch(f"/v1/complaints/{case['id']}", json=changes, version=1)
    assert changed.status_code == 200, changed.text
    return {"id": case["id"], "proceeding_id": proceeding["id"]}


@pytest.mark.parametrize("form", ["thin", "full"])
async def test_no_word_of_a_case_is_in_a_body_a_log_or_an_error(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver, caplog: pytest.LogCaptureFixture, form: str
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.answers = [(500, {})]
    endpoint = await an_endpoint(api, receiver.url + "?canary")
    if form == "full":
        await api.patch(f"/v1/webhook-endpoints/{endpoint['id']}", json={"full_payload": True}, version=1)
    await a_marked_case(api)
    await sweep(desk)
    await api.post("/v1/exports", json=EXPORT)
    await make_due(desk)
    await all_goes_out(desk)
    clock.advance(timedelta(hours=1))
    await all_goes_out(desk)

    assert len(receiver.calls) > 8
    assert "export.ready" in receiver.types()
    assert not [call for call in receiver.calls if b"canary" in call.content]
    assert max(len(call.content) for call in receiver.calls) < SMALL
    assert "canary" not in caplog.text
    listed = await deliveries(api, endpoint)
    assert "canary" not in str(listed)
    for secret in (endpoint["secret"],):
        for call in receiver.calls:
            call.verify(secret)


async def test_a_body_stays_small_even_where_every_field_changed(
    api: Api, desk: Desk, database: Database, receiver: Receiver
) -> None:
    await an_endpoint(api, receiver.url)
    case = await a_complaint(api)
    fields = (await api.get(f"/v1/complaints/{case['id']}")).json()
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(
            "INSERT INTO timeline_entry (id, complaint_id, at, type, after)"
            " VALUES (gen_random_uuid(), %s, %s, 'complaint_changed', %s)",
            (case["id"], desk.now(), msgspec.json.encode(fields).decode()),
        )
    await all_goes_out(desk)

    assert receiver.types() == ["complaint.created", "complaint.updated"]
    assert len(receiver.calls[1].body["data"]["changed"]) > 20
    assert len(receiver.calls[1].content) < SMALL


async def test_an_export_is_announced_to_its_own_organisation(
    api: Api, desk: Desk, receiver: Receiver, database: Database
) -> None:
    endpoint = await an_endpoint(api, receiver.url, events=["export.ready"])
    await an_endpoint(api, receiver.url, role="partner")
    made = (await api.post("/v1/exports", json=EXPORT)).json()
    await make_due(desk)
    await all_goes_out(desk)

    (call,) = receiver.calls
    call.verify(endpoint["secret"])
    assert call.body["data"] == {
        "export_id": made["id"],
        "link": f"http://vigilancia.test/v1/exports/{made['id']}",
    }
    with psycopg.connect(database.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM event_outbox").fetchone() == (0,)


async def test_an_export_of_an_organisation_without_an_endpoint_leaves_no_row(
    api: Api, desk: Desk, database: Database
) -> None:
    await api.post("/v1/exports", json=EXPORT)
    await make_due(desk)
    with psycopg.connect(database.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM event_outbox").fetchone() == (0,)


async def test_events_are_forgotten_after_a_month(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver, database: Database
) -> None:
    endpoint = await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await all_goes_out(desk)
    clock.advance(timedelta(days=29))
    await forget_hourly(desk)
    assert len(await deliveries(api, endpoint)) == 1
    clock.advance(timedelta(days=2))
    await forget_hourly(desk)
    with psycopg.connect(database.owner_url) as connection:
        for table in ("webhook_event", "webhook_delivery", "webhook_attempt"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


async def test_the_figures_name_what_is_wrong(api: Api, desk: Desk, clock: Clock, receiver: Receiver) -> None:
    receiver.answers = [(500, {})]
    await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await a_complaint(api)
    await all_goes_out(desk)
    clock.advance(timedelta(minutes=2))
    told = (await api.get("/metrics", role=None)).text

    assert "vigilancia_webhook_failure_ratio 0.5" in told
    assert "vigilancia_webhook_oldest_waiting_seconds 120.0" in told
    assert "vigilancia_webhook_endpoints_disabled 0.0" in told
