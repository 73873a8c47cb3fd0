"""The file: iCalendar (RFC 5545) with the properties of RFC 7986, as calendar programs read it."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, timedelta
from urllib.parse import urlsplit

import icalendar
import msgspec
from icalendar import Alarm, Calendar, Event
from icalendar.prop import vDatetime, vDDDTypes, vDuration, vInt, vText

from vigilancia.core import i18n
from vigilancia.notices.feeds.entries import Entry
from vigilancia.notices.feeds.figures import figures
from vigilancia.notices.feeds.service import Feed

_PRODUCT = "-//vigilancia//calendar feed//EN"
_A_DAY = timedelta(days=1)


def mark(feed: Feed, entries: Sequence[Entry], base_url: str) -> str:
    """Return a text that differs where `write` would give other bytes, without the work of writing them."""
    made_of = (icalendar.__version__, figures(), i18n.t("feeds.about", feed.locale), feed, entries, base_url)
    return hashlib.sha256(msgspec.json.encode(made_of)).hexdigest()[:32]


def write(feed: Feed, entries: Sequence[Entry], base_url: str) -> bytes:
    """Return the file of a feed; the same entries give the same bytes.

    There is no METHOD, so that DTSTAMP is the moment an entry last changed, as LAST-MODIFIED (RFC 5545, 3.8.7.2).

    Args:
        feed: Its name, language and whether it rings.
        entries: In their order.
        base_url: The installation's address: its host stands in each UID.
    """
    host = urlsplit(base_url).hostname or "localhost"
    calendar = _calendar(feed)
    for entry in entries:
        calendar.add_component(_event(entry, host, alarms=feed.alarms))
    written: bytes = calendar.to_ical()
    return written


def _calendar(feed: Feed) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    about, every = i18n.t("feeds.about", feed.locale), timedelta(hours=figures().refresh_hours)
    calendar.add("name", vText(feed.name))  # what RFC 5545 does not name is escaped only if told so
    calendar.add("x-wr-calname", vText(feed.name))
    calendar.add("description", about)
    calendar.add("x-wr-caldesc", vText(about))
    calendar.add("refresh-interval", vDuration(every), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(every))
    return calendar


def _event(entry: Entry, host: str, *, alarms: bool) -> Event:
    """Return one entry; values come as the types they are, or the library would look each up by its name."""
    changed = entry.changed_at.astimezone(UTC).replace(microsecond=0)
    event = Event()
    event["UID"] = vText(f"{entry.id}@{host}")
    event["DTSTAMP"] = event["LAST-MODIFIED"] = vDatetime(changed)
    event["SEQUENCE"] = vInt(entry.sequence)
    event["DTSTART"] = vDDDTypes(entry.day)
    event["DTEND"] = vDDDTypes(entry.day + _A_DAY)
    event["TRANSP"] = vText("TRANSPARENT")
    event["STATUS"] = vText(entry.status)
    event["SUMMARY"] = vText(entry.summary)
    event["DESCRIPTION"] = vText("\n".join(entry.lines))
    if alarms and entry.open:
        event.add_component(_alarm(entry))
    return event


def _alarm(entry: Entry) -> Alarm:
    alarm = Alarm()
    alarm["ACTION"] = vText("DISPLAY")
    alarm["TRIGGER"] = vDuration(figures().alarm_trigger)
    alarm["DESCRIPTION"] = vText(entry.summary)
    return alarm
