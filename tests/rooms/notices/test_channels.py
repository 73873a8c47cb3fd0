"""Ways out besides mail: real web servers on loopback, hanging ones among them, and what leaves through each."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import update
from standardwebhooks import Webhook as Verifier

from tests.conftest import KEYS, Api, Clock, People, looking
from tests.rooms.climbing import a_case, ledger
from tests.rooms.notices.conftest import Mailbox, Subscriber
from vigilancia.core import outside, tickets
from vigilancia.core.crypto import KeyRing
from vigilancia.core.jobs import Job, JobRow
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices import delivery
from vigilancia.notices.channels import calling as calls
from vigilancia.notices.delivery import call_all, deliver_all
from vigilancia.notices.models import NoticeRow
from vigilancia.notices.schedule import Schedule, schedule
from vigilancia.registry.models import ContactRow

CANARY = "canarioamarillo"


async def keep(desk: Desk, *channels: tuple[str, str], organization_id: Any = None) -> None:
    """Give contacts other addresses, as if they had been recorded so."""
    rows = [{"kind": kind, "address": address} for kind, address in channels]
    change = update(ContactRow).values(channels=rows)
    async with looking(desk) as session:
        if organization_id is not None:
            change = change.where(ContactRow.organization_id == organization_id)
        await session.execute(change)
        await session.commit()


async def planned_by(desk: Desk, channel: str, place: int = 0) -> None:
    """Move what is planned to another channel, as the ladder does where it is the contact's first."""
    async with looking(desk) as session:
        await session.execute(update(NoticeRow).values(channel=channel, place=place))
        await session.execute(update(JobRow).where(JobRow.task == Job.DELIVER.value).values(task=Job.CALL.value))
        await session.commit()


def in_no_time(**figures: int) -> Callable[[], Schedule]:
    """Return figures with some changed."""
    changed = msgspec.structs.replace(schedule(), **figures)
    return lambda: changed


def target(subscriber: Subscriber) -> str:
    """Return an Apprise address of a server."""
    return f"json://127.0.0.1:{subscriber.port}/key"


async def test_a_contact_s_webhook_gets_a_thin_message_that_the_standard_s_own_library_verifies(
    api: Api, calling: Desk, subscriber: Subscriber, clock: Clock
) -> None:
    clock.set(clock.now.replace(year=2026))
    case = await a_case(api, linked=False)
    await sweep(calling)
    await keep(calling, ("webhook", subscriber.url))
    await planned_by(calling, "webhook")

    await call_all(calling)

    (notice,) = await ledger(api)
    (body,), (headers,) = subscriber.bodies, subscriber.headers
    assert (notice["status"], notice["attempts"][0]["answer"]) == ("delivered", "204")
    assert headers["webhook-id"] == notice["id"]
    said = json.loads(body)
    assert said["type"] == "notice"
    assert said["data"] == {
        "notice_id": notice["id"],
        "kind": "deadline",
        "complaint_id": case["id"],
        "deadline_id": notice["deadline_id"],
        "rung": notice["rung"],
        "due_on": "2026-03-03",
        "link": said["data"]["link"],
    }
    assert len(body) < 2048
    secret = await api.post(f"/v1/contacts/{notice['contact_id']}/webhook-secret")
    assert secret.status_code == 200
    assert secret.headers["cache-control"] == "no-store"
    signed = Verifier(secret.json()["secret"]).sign(headers["webhook-id"], clock.now, body.decode())
    assert signed in headers["webhook-signature"].split(" ")


async def test_while_master_keys_change_the_old_secret_and_the_new_one_verify(
    api: Api, calling: Desk, subscriber: Subscriber, clock: Clock
) -> None:
    await a_case(api, linked=False)
    await sweep(calling)
    await keep(calling, ("webhook", subscriber.url))
    await planned_by(calling, "webhook")
    (notice,) = await ledger(api)
    old = (await api.post(f"/v1/contacts/{notice['contact_id']}/webhook-secret")).json()["secret"]
    rotating = replace(calling, keys=KeyRing(f"{KeyRing.make('newer')},{KEYS}"))
    tickets.install(calling.settings.owner_database_url, rotating.keys)

    await call_all(rotating)

    (headers,) = subscriber.headers
    signatures = headers["webhook-signature"].split(" ")
    assert len(signatures) == 2
    assert Verifier(old).sign(notice["id"], clock.now, subscriber.bodies[0].decode()) == signatures[1]


async def test_an_apprise_target_gets_a_title_and_a_few_words(api: Api, calling: Desk, subscriber: Subscriber) -> None:
    case = await a_case(api, linked=False)
    await sweep(calling)
    await keep(calling, ("apprise", target(subscriber)))
    await planned_by(calling, "apprise")

    await call_all(calling)

    (notice,) = await ledger(api)
    assert (notice["status"], notice["attempts"][0]["result"]) == ("delivered", "delivered")
    said = json.loads(subscriber.bodies[0])
    assert said["title"].startswith(f"[{case['reference']}] Mañana es el último día")
    text, link = said["message"].rsplit("\n", 1)
    assert "martes 3 de marzo de 2026" in text.lower()
    assert "Qué tan segura es la fecha" in text
    assert len(text) <= 300
    assert link.startswith("http://vigilancia.test/a/")
    assert said["attachments"] == []


@pytest.mark.parametrize("status", [500, 429, 503])
async def test_a_webhook_that_refuses_for_now_is_tried_again(
    api: Api, calling: Desk, subscriber: Subscriber, clock: Clock, status: int
) -> None:
    await a_case(api, linked=False)
    await sweep(calling)
    await keep(calling, ("webhook", subscriber.url))
    await planned_by(calling, "webhook")
    subscriber.status = status

    await call_all(calling)
    assert [notice["status"] for notice in await ledger(api)] == ["planned"]
    subscriber.status = 200
    clock.advance(timedelta(minutes=1))
    await call_all(calling)

    (notice,) = await ledger(api)
    assert [attempt["answer"] for attempt in notice["attempts"]] == [str(status), "200"]
    assert subscriber.headers[0]["webhook-id"] == subscriber.headers[1]["webhook-id"]


async def test_no_redirect_is_followed(api: Api, calling: Desk, subscriber: Subscriber) -> None:
    await a_case(api, linked=False)
    await sweep(calling)
    await keep(calling, ("webhook", subscriber.url))
    await planned_by(calling, "webhook")
    subscriber.status, subscriber.location = 302, subscriber.url

    await call_all(calling)

    (notice,) = await ledger(api)
    assert (notice["status"], notice["reason"], len(subscriber.bodies)) == ("failed", "refused", 1)


@pytest.mark.parametrize("channel", ["webhook", "apprise"])
async def test_a_name_that_leads_to_a_private_network_is_not_spoken_to(
    api: Api, posting: Desk, subscriber: Subscriber, channel: str
) -> None:
    await a_case(api, linked=False)
    await sweep(posting)
    scheme = "https" if channel == "webhook" else "json"
    await keep(posting, (channel, f"{scheme}://localhost:{subscriber.port}/x"))
    await planned_by(posting, channel)

    await call_all(posting)

    assert subscriber.bodies == []
    (notice,) = await ledger(api)
    said = {"webhook": "private_address", "apprise": "address not allowed"}
    assert (notice["status"], notice["attempts"][0]["answer"]) == ("failed", said[channel])


async def test_a_service_that_hangs_holds_up_neither_mail_nor_its_neighbours(
    api: Api, calling: Desk, mailbox: Mailbox, subscriber: Subscriber, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "schedule", in_no_time(call_seconds=1))
    quick = msgspec.structs.replace(outside.figures(), total_seconds=1)
    monkeypatch.setattr(outside, "figures", lambda: quick)
    monkeypatch.setattr(delivery, "_IDLE_SECONDS", 0.05)
    subscriber.silent = True
    for _ in range(3):
        await a_case(api, linked=False)
    await sweep(calling)
    await keep(calling, ("webhook", subscriber.url))
    await planned_by(calling, "webhook")
    await keep(calling, ("email", "mesa@example.org"), organization_id=people.union_id)
    started = time.monotonic()

    hanging = asyncio.create_task(call_all(calling))
    await asyncio.sleep(0)
    await a_case(api)
    await sweep(calling)
    await deliver_all(calling)
    assert mailbox.arrived("mesa@example.org")
    await hanging

    assert time.monotonic() - started < 30
    hung = await ledger(api, channel="webhook")
    assert {notice["attempts"][0]["answer"] for notice in hung} == {"timeout"}
    assert {notice["status"] for notice in hung} == {"planned"}


@pytest.mark.parametrize("channel", ["webhook", "apprise"])
async def test_a_call_cut_off_in_flight_is_made_again_under_the_same_id(
    api: Api, calling: Desk, subscriber: Subscriber, clock: Clock, monkeypatch: pytest.MonkeyPatch, channel: str
) -> None:
    await a_case(api, linked=False)
    await sweep(calling)
    await keep(calling, (channel, subscriber.url if channel == "webhook" else target(subscriber)))
    await planned_by(calling, channel)

    async def dies(*_: Any) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "_record", dies)
        await call_all(calling)  # the hand that sent it is gone; the others find nothing
    assert [notice["status"] for notice in await ledger(api)] == ["sending"]
    clock.advance(timedelta(seconds=schedule().lease_seconds))
    await call_all(calling)

    (notice,) = await ledger(api)
    assert (notice["status"], len(subscriber.bodies)) == ("delivered", 2)
    assert [attempt["result"] for attempt in notice["attempts"]] == [None, "delivered"]


@pytest.mark.parametrize("locale", ["es", "en", "fr"])
@pytest.mark.parametrize("channel", ["email", "webhook", "apprise"])
async def test_no_word_of_the_complaint_leaves_by_any_channel_or_stands_in_any_log(
    api: Api,
    calling: Desk,
    mailbox: Mailbox,
    subscriber: Subscriber,
    caplog: pytest.LogCaptureFixture,
    channel: str,
    locale: str,
) -> None:
    await a_case(api, linked=False, title=CANARY, summary=CANARY, narrative=CANARY, tags=[CANARY])
    async with looking(calling) as session:
        await session.execute(update(ContactRow).values(name=CANARY, locale=locale))
        await session.commit()
    await sweep(calling)
    secret = "geheim"
    hook, goal = f"{subscriber.url}?key={secret}", f"{target(subscriber)}?+X-Token={secret}"
    if channel != "email":
        await keep(calling, (channel, hook if channel == "webhook" else goal))
        await planned_by(calling, channel)
    with caplog.at_level("DEBUG"):
        await deliver_all(calling)
        await call_all(calling)
        subscriber.status = 500
        await call_all(calling)

    left = [message.as_bytes() for message in mailbox.messages] + subscriber.bodies
    assert len(left) == 1
    assert CANARY.encode() not in left[0]
    assert CANARY not in caplog.text
    assert secret not in caplog.text
