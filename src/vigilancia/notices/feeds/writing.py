"""The file: iCalendar (RFC 5545) with the properties of RFC 7986, as calendar programs read it."""

from collections.abc import Iterable
from datetime import UTC, timedelta
from urllib.parse import urlsplit

from icalendar import Alarm, Calendar, Event
from icalendar.prop import vDuration, vText

from vigilancia.core import i18n
from vigilancia.notices.feeds.entries import Entry
from vigilancia.notices.feeds.figures import figures
from vigilancia.notices.feeds.service import Feed

_PRODUCT = "-//vigilancia//calendar feed//EN"
_A_DAY = timedelta(days=1)


def write(feed: Feed, entries: Iterable[Entry], base_url: str) -> bytes:
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
    changed = entry.changed_at.astimezone(UTC).replace(microsecond=0)
    event = Event()
    event.add("uid", f"{entry.id}@{host}")
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.day)
    event.add("dtend", entry.day + _A_DAY)
    event.add("transp", "TRANSPARENT")
    event.add("status", entry.status)
    event.add("summary", entry.summary)
    event.add("description", "\n".join(entry.lines))
    if alarms and entry.open:
        event.add_component(_alarm(entry))
    return event


def _alarm(entry: Entry) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", figures().alarm_trigger)
    alarm.add("description", entry.summary)
    return alarm
