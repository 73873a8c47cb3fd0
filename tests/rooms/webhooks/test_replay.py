"""Sending again: the same id, a new time, and only what may be seen still."""

from datetime import timedelta

import msgspec
import pytest

from tests.builders import a_complaint, a_link
from tests.conftest import Api, Clock
from tests.rooms.webhooks.receiver import Receiver, all_goes_out, an_endpoint, deliveries
from vigilancia.core.work import Desk
from vigilancia.notices.webhooks import replaying
from vigilancia.notices.webhooks.figures import figures


async def test_an_event_comes_again_under_its_id_at_a_new_time(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await all_goes_out(desk)
    clock.advance(timedelta(hours=5))
    event_id = receiver.calls[0].headers["webhook-id"]
    path = f"/v1/webhook-endpoints/{endpoint['id']}/replay"
    assert (await api.post(path, json={"event_id": event_id})).json() == {"planned": 1, "next": None}
    assert (await api.post(path, json={"event_id": event_id})).json() == {"planned": 0, "next": None}  # still planned
    await all_goes_out(desk)

    first, again = receiver.calls
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.body == again.body
    assert int(again.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 5 * 3600
    again.verify(endpoint["secret"])
    assert [row["replay"] for row in await deliveries(api, endpoint)] == [0, 1]


async def test_a_time_is_sent_again_bounded_and_to_its_end(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = msgspec.structs.replace(figures(), replay_most=3)
    monkeypatch.setattr(replaying, "figures", lambda: few)
    endpoint = await an_endpoint(api, receiver.url)
    for _ in range(5):
        await a_complaint(api)  # all at one instant
    clock.advance(timedelta(hours=1))
    await a_complaint(api)
    await all_goes_out(desk)
    receiver.calls.clear()
    path = f"/v1/webhook-endpoints/{endpoint['id']}/replay"
    body = {"since": "2026-03-02T15:00:00Z", "until": "2026-03-02T16:00:00Z"}
    first = (await api.post(path, json=body)).json()
    rest = (await api.post(path, json={**body, "after": first["next"]})).json()
    await all_goes_out(desk)

    assert (first["planned"], rest) == (3, {"planned": 2, "next": None})
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 5


async def test_what_may_not_be_seen_any_more_is_not_sent_again(api: Api, desk: Desk, receiver: Receiver) -> None:
    endpoint = await an_endpoint(api, receiver.url, role="partner")
    case = await a_complaint(api)
    link = await a_link(api, case["id"], api.people.union_id, access="read")
    await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner")
    await api.patch(f"/v1/complaints/{case['id']}", json={"title": "Otro"}, version=1)
    await all_goes_out(desk)
    assert receiver.types() == ["complaint.created", "complaint.updated"]
    event_id = receiver.calls[1].headers["webhook-id"]
    path = f"/v1/webhook-endpoints/{endpoint['id']}/replay"
    await api.delete(f"/v1/complaints/{case['id']}/links/{link['id']}", version=2)

    assert (await api.post(path, json={"event_id": event_id}, role="partner")).status_code == 404
    told = await api.post(path, json={"since": "2026-03-01T00:00:00Z"}, role="partner")
    assert told.json() == {"planned": 0, "next": None}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"event_id": "0195a1c2-6d3e-7f10-8a4b-2c5d6e7f8091", "since": "2026-03-01T00:00:00Z"},
        {"event_id": "0195a1c2-6d3e-7f10-8a4b-2c5d6e7f8091", "until": "2026-03-01T00:00:00Z"},
        {"since": "2026-03-01T00:00:00"},
        {"since": "soon"},
    ],
)
async def test_a_replay_that_says_no_time_or_two_things_is_refused(
    api: Api, receiver: Receiver, body: dict[str, str]
) -> None:
    endpoint = await an_endpoint(api, receiver.url)
    assert (await api.post(f"/v1/webhook-endpoints/{endpoint['id']}/replay", json=body)).status_code == 422


async def test_an_event_of_another_organisation_is_not_found(api: Api, desk: Desk, receiver: Receiver) -> None:
    await an_endpoint(api, receiver.url)
    theirs = await an_endpoint(api, receiver.url, role="partner")
    await a_complaint(api)
    await all_goes_out(desk)
    event_id = receiver.calls[0].headers["webhook-id"]
    answer = await api.post(f"/v1/webhook-endpoints/{theirs['id']}/replay", json={"event_id": event_id}, role="partner")
    assert answer.status_code == 404
