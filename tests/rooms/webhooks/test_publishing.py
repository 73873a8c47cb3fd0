"""From the timeline to deliveries: nothing lost, nothing doubled, nothing paid for where nobody listens."""

from datetime import timedelta
from typing import Any

import psycopg

from tests.builders import a_complaint
from tests.conftest import Api, Clock, Database
from tests.rooms.webhooks.receiver import Receiver, all_goes_out, an_endpoint, deliveries
from vigilancia.core.jobs import Job
from vigilancia.core.upkeep import relay
from vigilancia.core.work import Desk
from vigilancia.notices.webhooks.publishing import publish_all


async def test_nothing_is_written_to_the_outbox_without_an_endpoint(
    api: Api, database: Database, receiver: Receiver
) -> None:
    await a_complaint(api)
    with psycopg.connect(database.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM event_outbox").fetchone() == (0,)
    await an_endpoint(api, receiver.url)
    await a_complaint(api)
    with psycopg.connect(database.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM event_outbox").fetchone() == (1,)


async def test_an_entry_that_was_published_twice_is_one_event(
    api: Api, desk: Desk, database: Database, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(api, receiver.url)
    await a_complaint(api)
    for _ in range(2):
        await publish_all(desk)
        with psycopg.connect(database.owner_url) as connection:
            connection.execute("INSERT INTO event_outbox (source_id) SELECT id FROM timeline_entry")
    await publish_all(desk)

    assert len(await deliveries(api, endpoint)) == 1


async def test_publishing_costs_the_same_beside_ten_entries_as_beside_a_hundred(
    api: Api, desk: Desk, receiver: Receiver, statements: Any
) -> None:
    await an_endpoint(api, receiver.url)
    costs = []
    for count in (10, 100):
        for _ in range(count):
            await a_complaint(api)
        with statements() as sent:
            await publish_all(desk)
        costs.append(len(sent))
    assert costs[0] == costs[1]


async def test_logging_a_complaint_costs_the_same_beside_an_endpoint(
    api: Api, receiver: Receiver, statements: Any
) -> None:
    await a_complaint(api)
    with statements() as without:
        await a_complaint(api)
    await an_endpoint(api, receiver.url)
    with statements() as beside:
        await a_complaint(api)
    assert len(without) == len(beside)


async def test_what_happened_while_an_endpoint_was_disabled_can_be_asked_for(
    api: Api, desk: Desk, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(api, receiver.url)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    await api.patch(path, json={"enabled": False}, version=1)
    await a_complaint(api)
    await all_goes_out(desk)
    version = (await api.get(path)).json()["version"]
    assert (await api.patch(path, json={"enabled": True}, version=version)).status_code == 200
    told = await api.post(f"{path}/replay", json={"since": "2026-03-02T00:00:00Z"})
    await all_goes_out(desk)

    assert told.json()["planned"] == 1
    assert receiver.types() == ["complaint.created"]


async def test_an_endpoint_is_told_of_nothing_that_happened_before_it_was_made(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver
) -> None:
    await an_endpoint(api, "http://127.0.0.1:9/", role="partner")
    await a_complaint(api)
    clock.advance(timedelta(seconds=1))
    await an_endpoint(api, receiver.url)
    await all_goes_out(desk)
    assert receiver.calls == []


async def test_the_relay_wakes_whoever_publishes(
    api: Api, desk: Desk, receiver: Receiver, woken: list[frozenset[Job]]
) -> None:
    await an_endpoint(api, receiver.url)
    await relay(desk)
    assert not any(Job.PUBLISH in kinds for kinds in woken)
    await a_complaint(api)
    await relay(desk)
    assert Job.PUBLISH in woken[-1]
    await publish_all(desk)
    assert Job.POST in woken[-1]
