"""A program that is not ours subscribes over real HTTP, and a feed of thousands is no burden."""

import asyncio
import socket
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import Message
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import psycopg
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from ical.calendar_stream import IcsCalendarStream

from tests.api.test_statement_counts import multiply
from tests.conftest import Api, Database, application
from tests.rooms.climbing import a_case, the_deadline
from tests.rooms.feeds.reading import a_feed, events, fetch


@asynccontextmanager
async def served() -> AsyncIterator[str]:
    """Serve the application on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server: Any = Server(application(), address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    running = asyncio.create_task(server.serve())
    try:
        await _listening(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
        await running


async def _listening(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            await writer.wait_closed()
            return
    pytest.fail("nobody listens")


def ask(url: str, **headers: str) -> tuple[int, Message, str]:
    """Read an address as a program does that knows nothing of us."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): text for name, text in headers.items()})  # noqa: S310 - our own address
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return answer.status, answer.headers, answer.read().decode("utf-8")
    except HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode("utf-8")


async def test_a_calendar_program_subscribes_reads_again_and_finds_it_gone(api: Api) -> None:
    case = await a_case(api)
    deadline = await the_deadline(api, case["id"])
    feed = await a_feed(api, complaint_id=case["id"], alarms=True)
    async with served() as base:
        url = base + urlsplit(feed["url"]).path
        status, headers, text = await asyncio.to_thread(ask, url)
        assert (status, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
        (calendar,) = IcsCalendarStream.from_ics(text).calendars
        (entry,) = calendar.timeline
        assert entry.uid.startswith(deadline["id"])
        assert str(entry.dtstart) == deadline["due_on"]
        status, _, text = await asyncio.to_thread(ask, url, If_None_Match=headers["ETag"])
        assert (status, text) == (304, "")
        await api.delete(f"/v1/calendar-feeds/{feed['id']}", version=1)
        status, _, _ = await asyncio.to_thread(ask, url, If_None_Match=headers["ETag"])
        assert status == 404


async def many(api: Api, empty: Database, count: int) -> dict[str, Any]:
    """Record a case, give it many deadlines each with two changes noted, and make a feed of the organisation."""
    case = await a_case(api)
    multiply(empty, "proceeding_event", count - 1, id="gen_random_uuid()")
    others = "proceeding_event e WHERE e.id <> t.trigger_event_id"
    multiply(empty, "deadline", 1, source=others, id="gen_random_uuid()", trigger_event_id="e.id")
    with psycopg.connect(empty.owner_url) as connection:
        connection.execute(
            "INSERT INTO timeline_entry (id, complaint_id, at, type, subject_id)"
            " SELECT gen_random_uuid(), complaint_id, now(), 'deadline_moved', id FROM deadline, generate_series(1, 2)"
        )
    return await a_feed(api, organization_id=str(api.people.centre_id), alarms=True) | {"reference": case["reference"]}


@pytest.mark.parametrize("count", [10, 2000])
async def test_a_reading_costs_three_statements_whatever_the_number_of_entries(
    api: Api, empty: Database, statements: Any, count: int
) -> None:
    feed = await many(api, empty, count)
    await fetch(api, feed)  # that it is in use is noted
    with statements() as sent:
        answer = await fetch(api, feed)
    assert answer.text.count("BEGIN:VEVENT") == count
    assert len(sent) == 3


async def test_a_feed_of_thousands_that_did_not_change_is_not_sent_again(api: Api, empty: Database) -> None:
    feed = await many(api, empty, 2000)
    answer = await fetch(api, feed)
    known = await fetch(api, feed, headers={"If-None-Match": answer.headers["etag"]})

    assert (known.status_code, known.content) == (304, b"")
    assert {event.sequence for event in await events(api, feed)} == {2}
