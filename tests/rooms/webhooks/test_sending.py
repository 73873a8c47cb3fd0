"""What a subscriber receives: verified by the reference library, tried over days, never more than it may see."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import update
from standardwebhooks import WebhookVerificationError

from tests.builders import a_complaint, a_link, a_proceeding, an_event
from tests.conftest import Api, Clock, Database
from tests.rooms.webhooks.receiver import Receiver, all_goes_out, an_endpoint, deliveries, receiving
from vigilancia.core.identity import SYSTEM
from vigilancia.core.jobs import Job, claim
from vigilancia.core.work import Desk
from vigilancia.notices.webhooks import sending
from vigilancia.notices.webhooks.figures import figures
from vigilancia.notices.webhooks.models import DeliveryRow
from vigilancia.notices.webhooks.publishing import publish_all
from vigilancia.notices.webhooks.sending import post_all
from vigilancia.notices.webhooks.trying import prepare


@pytest.fixture(params=["UTC", "America/Mexico_City"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The zone of the process."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    os.environ.pop("TZ", None)
    monkeypatch.undo()
    time.tzset()


async def test_the_reference_library_verifies_what_was_received_in_any_zone(
    api: Api, desk: Desk, receiver: Receiver, zone: str
) -> None:
    assert time.localtime(0).tm_hour == (0 if zone == "UTC" else 18)
    endpoint = await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await all_goes_out(desk)

    (call,) = receiver.calls
    assert call.verify(endpoint["secret"]) == call.body
    assert call.headers["webhook-timestamp"] == str(int(desk.now().timestamp()))
    with pytest.raises(WebhookVerificationError):
        call.verify("whsec_" + "A" * 43 + "=")


async def test_a_case_is_told_from_its_first_day_to_its_last(api: Api, desk: Desk, receiver: Receiver) -> None:
    await an_endpoint(api, receiver.url)
    case = await a_complaint(api)
    await api.patch(f"/v1/complaints/{case['id']}", json={"title": "Otro", "narrative": "x"}, version=1)
    proceeding = await a_proceeding(api, case["id"])
    event = await an_event(api, proceeding["id"])
    await api.patch(f"/v1/complaints/{case['id']}", json={"status": "open"}, version=2)
    await api.patch(f"/v1/complaints/{case['id']}", json={"status": "closed"}, version=3)
    await all_goes_out(desk)

    told = {call.type: call.body["data"] for call in receiver.calls}
    assert receiver.types()[0] == "complaint.created"
    assert told["complaint.created"] == {
        "complaint_id": case["id"],
        "link": f"http://vigilancia.test/v1/complaints/{case['id']}",
    }
    updated = [call.body["data"]["changed"] for call in receiver.calls if call.type == "complaint.updated"]
    assert updated == [["narrative", "title"], ["status"]]
    assert told["complaint.closed"]["changed"] == ["status"]
    assert told["proceeding.opened"]["proceeding_id"] == proceeding["id"]
    assert told["event.recorded"]["event_id"] == event["id"]
    assert told["event.recorded"]["change"] == "recorded"
    deadline = told["deadline.changed"]
    assert (deadline["rule"], deadline["due_on"], deadline["change"]) == ("ilc_determination", "2026-03-03", "set")


async def test_a_moved_deadline_names_what_moved(api: Api, desk: Desk, receiver: Receiver) -> None:
    await an_endpoint(api, receiver.url, events=["deadline.changed", "event.recorded"])
    case = await a_complaint(api)
    proceeding = await a_proceeding(api, case["id"])
    event = await an_event(api, proceeding["id"])
    await all_goes_out(desk)
    receiver.calls.clear()

    path = f"/v1/proceedings/{proceeding['id']}/events/{event['id']}"
    changed = await api.patch(path, json={"on": "2026-02-03", "reason": "x"}, version=event["version"])
    assert changed.status_code == 200, changed.text
    await all_goes_out(desk)

    told = {(call.type, call.body["data"].get("change")): call.body["data"] for call in receiver.calls}
    assert "due_on" in told["deadline.changed", "moved"]["changed"]
    assert told["event.recorded", "corrected"]["changed"] == ["on"]


async def test_ten_tries_go_out_over_three_days_and_then_it_has_failed(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver
) -> None:
    receiver.usual = 500
    endpoint = await an_endpoint(api, receiver.url)
    began = clock.now
    await a_complaint(api)
    await all_goes_out(desk)
    waits = []
    while (delivery := (await deliveries(api, endpoint))[0])["status"] == "planned":
        before = clock.now
        clock.set(_instant(delivery["next_at"]))
        await post_all(desk)
        waits.append((clock.now - before).total_seconds())

    assert len(receiver.calls) == 10
    assert delivery["status"] == "failed"
    assert delivery["reason"] == "gave_up"
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1
    assert len({call.headers["webhook-timestamp"] for call in receiver.calls}) == 10
    for wait, meant in zip(waits[:-1], figures().backoff_seconds, strict=False):
        assert meant * 0.9 - 1 <= wait <= meant * 1.1 + 1
    assert timedelta(hours=66) < clock.now - began <= timedelta(hours=76)
    assert [attempt["status_code"] for attempt in delivery["attempts"]] == [500] * 10


async def test_an_endpoint_is_not_called_before_it_asked_to_be(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver
) -> None:
    receiver.answers = [(503, {"Retry-After": "3600"})]
    await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await all_goes_out(desk)
    clock.advance(timedelta(minutes=59))
    await a_complaint(api)
    await all_goes_out(desk)
    assert len(receiver.calls) == 1

    clock.advance(timedelta(minutes=2))
    await all_goes_out(desk)
    assert len(receiver.calls) == 3


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 500])
async def test_only_success_counts_as_delivered(api: Api, desk: Desk, receiver: Receiver, status: int) -> None:
    receiver.answers = [(status, {"Location": receiver.url})]
    endpoint = await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await all_goes_out(desk)

    (delivery,) = await deliveries(api, endpoint)
    assert delivery["status"] == "planned"
    assert delivery["attempts"][0]["status_code"] == status
    assert len(receiver.calls) == 1


async def test_what_a_link_no_longer_opens_is_suppressed_at_the_moment_of_sending(
    api: Api, desk: Desk, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(api, receiver.url, role="partner", events=["deadline.changed"])
    case = await a_complaint(api)
    link = await a_link(api, case["id"], api.people.union_id)
    await an_event(api, (await a_proceeding(api, case["id"]))["id"])
    await publish_all(desk)
    removed = await api.delete(f"/v1/complaints/{case['id']}/links/{link['id']}", version=1)
    assert removed.status_code == 204, removed.text
    await post_all(desk)

    assert receiver.calls == []
    (delivery,) = await deliveries(api, endpoint, role="partner")
    assert (delivery["status"], delivery["reason"]) == ("suppressed", "no_access")


async def test_who_gets_alerts_is_told_of_steps_and_dates_only(api: Api, desk: Desk, receiver: Receiver) -> None:
    await an_endpoint(api, receiver.url, role="partner")
    case = await a_complaint(api)
    await a_link(api, case["id"], api.people.union_id)
    await an_event(api, (await a_proceeding(api, case["id"]))["id"])
    await api.patch(f"/v1/complaints/{case['id']}", json={"title": "Otro"}, version=1)
    await all_goes_out(desk)

    assert set(receiver.types()) == {"proceeding.opened", "event.recorded", "deadline.changed"}


async def test_a_stranger_is_told_nothing(api: Api, desk: Desk, receiver: Receiver) -> None:
    endpoint = await an_endpoint(api, receiver.url, role="partner")
    case = await a_complaint(api)
    await an_event(api, (await a_proceeding(api, case["id"]))["id"])
    await all_goes_out(desk)

    assert receiver.calls == []
    assert await deliveries(api, endpoint, role="partner") == []


async def test_of_a_public_case_a_stranger_is_told_what_the_public_may_see(
    api: Api, desk: Desk, receiver: Receiver
) -> None:
    await an_endpoint(api, receiver.url, role="partner")
    case = await a_complaint(api, confidentiality="public")
    await api.patch(f"/v1/complaints/{case['id']}", json={"risk_level": "acute"}, version=1)
    await api.patch(f"/v1/complaints/{case['id']}", json={"title": "Otro", "narrative": "x"}, version=2)
    await all_goes_out(desk)

    assert receiver.types() == ["complaint.created", "complaint.updated"]
    assert receiver.calls[1].body["data"]["changed"] == ["title"]


async def test_racing_workers_send_one(api: Api, desk: Desk, receiver: Receiver) -> None:
    endpoint = await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await asyncio.gather(*(publish_all(desk) for _ in range(4)))
    pumps = [sending._Pump() for _ in range(4)]

    await asyncio.gather(*(sending._drive(desk, event) for pump in pumps if (event := pump.begin()) is not None))

    assert len(receiver.calls) == 1
    (delivery,) = await deliveries(api, endpoint)
    assert (delivery["status"], len(delivery["attempts"])) == ("delivered", 1)


async def test_an_event_whose_worker_died_after_the_answer_comes_again_under_its_id(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await publish_all(desk)

    async def died(*_: Any) -> None:
        raise OSError

    with monkeypatch.context() as dying:
        dying.setattr(sending, "record", died)
        await post_all(desk)
    await post_all(desk)
    assert len(receiver.calls) == 1  # the lease stands

    clock.advance(timedelta(seconds=figures().lease_seconds + 1))
    await post_all(desk)

    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1
    (delivery,) = await deliveries(api, endpoint)
    assert delivery["status"] == "delivered"
    assert [attempt["status_code"] for attempt in delivery["attempts"]] == [None, 204]


async def test_a_worker_whose_lease_ran_out_sends_nothing(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver
) -> None:
    await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await publish_all(desk)
    async with desk.work(SYSTEM) as work:
        slow = await claim(work.session, Job.POST, now=work.now, lease=timedelta(seconds=1))
    assert slow is not None
    clock.advance(timedelta(seconds=2))
    await post_all(desk)

    async with desk.work(SYSTEM) as work:
        assert await prepare(work, slow) is None
    assert len(receiver.calls) == 1


async def test_a_slow_endpoint_holds_up_nobody_else(api: Api, desk: Desk, receiver: Receiver) -> None:
    release, waits = asyncio.Event(), []

    async def wait() -> None:
        waits.append(1)
        await release.wait()

    async with receiving() as slow:
        slow.before = wait
        await an_endpoint(api, slow.url)
        await an_endpoint(api, receiver.url)
        await a_complaint(api)
        await publish_all(desk)
        first = asyncio.create_task(post_all(desk))
        await _until(lambda: bool(waits and receiver.calls))
        await a_complaint(api)
        await publish_all(desk)
        assert await post_all(desk) == 0  # told the first, which goes on beside the slow one
        await _until(lambda: len(receiver.calls) == 2)
        assert len(slow.calls) == 1  # one call at a time for each endpoint
        release.set()
        await first
        assert len(slow.calls) == 2


async def test_a_delivery_planned_while_its_endpoint_is_called_is_sent_too(
    api: Api, desk: Desk, receiver: Receiver
) -> None:
    async def meanwhile() -> None:
        receiver.before = None
        await a_complaint(api)
        await publish_all(desk)

    receiver.before = meanwhile
    await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await all_goes_out(desk)

    assert receiver.types() == ["complaint.created", "complaint.created"]


async def test_an_address_that_became_private_is_not_called(
    api: Api, desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = await an_endpoint(api, receiver.url.replace("http:", "https:"))
    await a_complaint(api)
    monkeypatch.setattr(type(desk.settings), "model_config", {**desk.settings.model_config, "frozen": False})
    monkeypatch.setattr(desk.settings, "allow_private_targets", False)
    await all_goes_out(desk)

    assert receiver.calls == []
    (delivery,) = await deliveries(api, endpoint)
    assert delivery["attempts"][0]["error"] == "private_address"


async def test_an_endpoint_with_a_secret_that_does_not_open_holds_up_its_own_deliveries_alone(
    api: Api, desk: Desk, clock: Clock, database: Database, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    broken = await an_endpoint(api, receiver.url + "?canary")
    await an_endpoint(api, receiver.url)
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(
            "UPDATE webhook_endpoint SET secret = (SELECT secret FROM webhook_endpoint WHERE id <> %s) WHERE id = %s",
            (broken["id"], broken["id"]),
        )
    await a_complaint(api)
    await all_goes_out(desk)

    assert len(receiver.calls) == 1
    (delivery,) = await deliveries(api, broken)
    assert delivery["status"] == "planned"
    for _ in range(9):
        clock.advance(timedelta(hours=28))
        await post_all(desk)
    (delivery,) = await deliveries(api, broken)
    assert (delivery["status"], delivery["reason"]) == ("failed", "internal")
    assert len(receiver.calls) == 1
    assert "canary" not in caplog.text


async def test_a_delivery_left_behind_by_a_dead_worker_is_not_lost_when_nothing_else_comes(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await publish_all(desk)
    async with desk.work(SYSTEM) as work:
        assert await claim(work.session, Job.POST, now=work.now, lease=timedelta(seconds=90)) is not None
        await work.session.execute(update(DeliveryRow).values(status="sending", tries=1))
    clock.advance(timedelta(seconds=91))
    await post_all(desk)

    (delivery,) = await deliveries(api, endpoint)
    assert delivery["status"] == "delivered"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - what a socket brings is no event of ours
            await asyncio.sleep(0.01)
