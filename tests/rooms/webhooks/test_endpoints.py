"""Endpoints: whose they are, what they show, and their secrets."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.builders import a_complaint, a_proceeding, an_event
from tests.conftest import Api, Clock, Database
from tests.rooms.webhooks.receiver import Receiver, all_goes_out, an_endpoint, deliveries
from vigilancia.core.settings import Settings
from vigilancia.core.work import Desk


async def test_a_secret_is_shown_once(api: Api, database: Database) -> None:
    headers = {"Idempotency-Key": "one"}
    body = {"url": "https://example.org/hooks", "events": ["deadline.changed"], "description": "Registro"}
    first = await api.post("/v1/webhook-endpoints", json=body, headers=headers)
    again = await api.post("/v1/webhook-endpoints", json=body, headers=headers)
    read = await api.get(f"/v1/webhook-endpoints/{first.json()['id']}")

    assert first.json()["secret"].startswith("whsec_")
    assert again.status_code == 201
    assert again.json() == {**first.json(), "secret": None}
    assert "secret" not in read.json()
    with psycopg.connect(database.owner_url) as connection:
        row = connection.execute("SELECT secret FROM webhook_endpoint").fetchone()
    assert row is not None
    assert first.json()["secret"].encode() not in bytes(row[0])


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"url": "http://example.org/"}, "/url", "format"),
        ({"url": "https://u:p@example.org/"}, "/url", "format"),
        ({"url": "https://127.0.0.1/"}, "/url", "not_allowed"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "/url", "not_allowed"),
        ({"url": "https://169.254.169.254/latest"}, "/url", "not_allowed"),
        ({"events": ["complaint.created", "nothing.known"]}, "/events/1", "code"),
        ({"events": []}, "/events", "too_short"),
        ({"owner": "x"}, "/owner", "unknown_field"),
    ],
)
async def test_an_endpoint_that_does_not_fit_is_refused(
    api: Api, monkeypatch: pytest.MonkeyPatch, desk: Desk, changes: dict[str, Any], pointer: str, code: str
) -> None:
    monkeypatch.setattr(Settings, "model_config", {**Settings.model_config, "frozen": False})
    monkeypatch.setattr(desk.settings, "allow_private_targets", False)
    body = {"url": "https://example.org/", "events": ["*"], **changes}
    answer = await api.post("/v1/webhook-endpoints", json=body)

    assert answer.status_code == 422, answer.text
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(pointer, code)]


@pytest.mark.parametrize("role", ["admin", "analyst"])
async def test_who_runs_the_installation_or_studies_it_keeps_no_endpoint(api: Api, role: str) -> None:
    answer = await api.post("/v1/webhook-endpoints", json={"url": "https://example.org/", "events": ["*"]}, role=role)
    assert answer.status_code == 403


async def test_another_organisation_finds_nothing(api: Api, receiver: Receiver) -> None:
    endpoint = await an_endpoint(api, receiver.url)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    for method, address, body in (
        ("GET", path, None),
        ("PATCH", path, {"description": "x"}),
        ("DELETE", path, None),
        ("POST", f"{path}/rotate-secret", None),
        ("POST", f"{path}/test", None),
        ("GET", f"{path}/deliveries", None),
        ("POST", f"{path}/replay", {"since": "2026-03-01T00:00:00Z"}),
    ):
        answer = await api.request(method, address, role="partner", version=1, **({"json": body} if body else {}))
        assert answer.status_code == 404, f"{method} {address} {answer.text}"
    assert (await api.get("/v1/webhook-endpoints", role="partner")).json() == {"items": [], "next": None}


async def test_both_secrets_sign_for_a_day_after_a_rotation(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(api, receiver.url)
    rotated = await api.post(f"/v1/webhook-endpoints/{endpoint['id']}/rotate-secret")
    assert rotated.status_code == 200, rotated.text
    old, new = endpoint["secret"], rotated.json()["secret"]
    assert old != new
    await a_complaint(api)
    await all_goes_out(desk)
    assert len(receiver.calls[0].headers["webhook-signature"].split(" ")) == 2
    receiver.calls[0].verify(old)
    receiver.calls[0].verify(new)

    clock.advance(timedelta(hours=25))
    await a_complaint(api)
    await all_goes_out(desk)
    assert len(receiver.calls[1].headers["webhook-signature"].split(" ")) == 1
    receiver.calls[1].verify(new)


async def test_a_repeated_rotation_is_one(api: Api, receiver: Receiver) -> None:
    endpoint = await an_endpoint(api, receiver.url)
    path, headers = f"/v1/webhook-endpoints/{endpoint['id']}/rotate-secret", {"Idempotency-Key": "turn"}
    first, again = [await api.post(path, headers=headers) for _ in range(2)]
    assert first.json()["version"] == again.json()["version"] == 2
    assert again.json()["secret"] is None


async def test_a_change_wants_the_version_it_was_read_in(api: Api, receiver: Receiver) -> None:
    endpoint = await an_endpoint(api, receiver.url)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    assert (await api.patch(path, json={"description": "x"})).status_code == 428
    assert (await api.patch(path, json={"description": "x"}, version=7)).status_code == 412
    changed = await api.patch(path, json={"description": "x", "events": ["*", "*"]}, version=1)
    assert (changed.json()["description"], changed.json()["events"], changed.json()["version"]) == ("x", ["*"], 2)
    assert (await api.delete(path, version=2)).status_code == 204
    assert (await api.get(path)).status_code == 404


async def test_an_organisation_has_a_bounded_number_of_endpoints(api: Api, receiver: Receiver) -> None:
    for _ in range(20):
        await an_endpoint(api, receiver.url)
    answer = await api.post("/v1/webhook-endpoints", json={"url": receiver.url, "events": ["*"]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "too_many"


async def test_a_test_event_arrives_whatever_was_asked_for(api: Api, desk: Desk, receiver: Receiver) -> None:
    endpoint = await an_endpoint(api, receiver.url, events=["deadline.due"])
    sent = await api.post(f"/v1/webhook-endpoints/{endpoint['id']}/test")
    assert sent.status_code == 202, sent.text
    await all_goes_out(desk)

    (call,) = receiver.calls
    assert call.type == "webhook.test"
    assert call.headers["webhook-id"] == sent.json()["event_id"]
    call.verify(endpoint["secret"])


async def test_a_disabled_endpoint_is_sent_nothing_until_it_is_enabled(
    api: Api, desk: Desk, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(api, receiver.url)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    await a_complaint(api)
    off = await api.patch(path, json={"enabled": False}, version=1)
    assert (off.json()["enabled"], off.json()["disabled_reason"]) == (False, "manual")
    await all_goes_out(desk)
    assert receiver.calls == []
    assert (await api.post(f"{path}/test")).status_code == 409

    on = await api.patch(path, json={"enabled": True}, version=off.json()["version"])
    assert on.json()["enabled"] is True
    await a_complaint(api)
    await all_goes_out(desk)
    assert receiver.types() == ["complaint.created"]


async def test_the_fuller_form_comes_by_grant_and_for_own_cases_only(api: Api, desk: Desk, receiver: Receiver) -> None:
    mine = await an_endpoint(api, receiver.url, events=["deadline.changed"])
    theirs = await an_endpoint(api, receiver.url + "?of=union", events=["deadline.changed"], role="partner")
    granted = await api.patch(f"/v1/webhook-endpoints/{mine['id']}", json={"full_payload": True}, version=1)
    assert granted.json()["full_payload_granted_at"] == "2026-03-02T15:00:00Z"
    await api.patch(f"/v1/webhook-endpoints/{theirs['id']}", json={"full_payload": True}, version=1, role="partner")
    case = await a_complaint(api, confidentiality="public")
    await an_event(api, (await a_proceeding(api, case["id"]))["id"])
    await all_goes_out(desk)

    full, thin = sorted((call.body["data"] for call in receiver.calls), key=len, reverse=True)
    assert full["reference"] == case["reference"]
    assert full["closes_at"] == "2026-03-04T05:00:00Z"
    assert not {"reference", "closes_at", "actor"} & set(thin)


async def test_deliveries_are_found_by_status_type_and_time(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver
) -> None:
    receiver.answers = [(500, {})]
    endpoint = await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await all_goes_out(desk)
    clock.advance(timedelta(seconds=1))
    await api.post(f"/v1/webhook-endpoints/{endpoint['id']}/test")
    await all_goes_out(desk)

    assert [row["event_type"] for row in await deliveries(api, endpoint, status="planned")] == ["complaint.created"]
    assert [row["status"] for row in await deliveries(api, endpoint, event_type="webhook.test")] == ["delivered"]
    assert len(await deliveries(api, endpoint, since="2026-03-02T15:00:01Z")) == 1
    path = f"/v1/webhook-endpoints/{endpoint['id']}/deliveries"
    assert (await api.get(path, params={"since": "2026-03-02T15:00:01"})).status_code == 400
    assert (await api.get(path, params={"kind": "x"})).status_code == 400
