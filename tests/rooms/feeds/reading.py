"""How the tests of feeds make one, and read it with two libraries."""

from typing import Any

import httpx
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from tests.conftest import Api


async def a_feed(api: Api, *, role: str = "staff", **body: Any) -> dict[str, Any]:
    """Make a feed and return it with its address."""
    answer = await api.post("/v1/calendar-feeds", role=role, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def fetch(api: Api, feed: dict[str, Any] | str, **rest: Any) -> httpx.Response:
    """Read a feed as a program does: with its address and nothing else."""
    return await api.get(feed if isinstance(feed, str) else feed["url"], role=None, **rest)


async def whole(api: Api, feed: dict[str, Any]) -> Calendar:
    """Read a feed; a second library must read the same out of it."""
    answer = await fetch(api, feed)
    assert answer.status_code == 200, answer.text
    found = Calendar.from_ical(answer.content)
    assert isinstance(found, Calendar)
    assert not any(event.errors for event in found.events)
    assert_read_alike(answer.text, found)
    return found


async def events(api: Api, feed: dict[str, Any]) -> list[Any]:
    """Return the entries of a feed."""
    return (await whole(api, feed)).events


async def event(api: Api, feed: dict[str, Any]) -> Any:
    """Return the one entry of a feed."""
    (found,) = await events(api, feed)
    return found


def assert_read_alike(text: str, found: Calendar) -> None:
    """Hold what `ical` reads against what `icalendar` reads."""
    (second,) = IcsCalendarStream.from_ics(text).calendars
    assert len(second.events) == len(found.events)
    for one, other in zip(found.events, second.events, strict=True):
        assert (str(one["uid"]), one.sequence) == (other.uid, other.sequence)
        assert (one.start, one.end) == (other.dtstart, other.dtend)
        assert (str(one["summary"]), str(one["description"])) == (other.summary, other.description)
        assert str(one["status"]) == str(other.status.value if other.status else None)
        assert len(one.alarms.times if hasattr(one.alarms, "times") else one.walk("VALARM")) == len(other.alarm)
