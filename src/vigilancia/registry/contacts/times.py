"""When a contact is there, and how often it is told: what of it crosses the wire."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from vigilancia.core.bodies import Check, passes
from vigilancia.core.errors import Fault
from vigilancia.law import loader

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Minute = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
EndMinute = Annotated[str, Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class Hours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days and hours at which somebody is there, by the contact's own clock; several a day may be given.

    Attributes:
        days: Of the week.
        from_: `HH:MM`, the first minute.
        until: `HH:MM`, the first minute after; `24:00` is the end of the day.
    """

    days: Annotated[list[Weekday], Meta(max_length=7)]
    from_: Minute = field(name="from")
    until: EndMinute


class Quiet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours of every day in which nothing is sent that can wait; they may reach past midnight.

    Attributes:
        from_: `HH:MM`, the first quiet minute.
        until: `HH:MM`, the first minute after.
    """

    from_: Minute = field(name="from")
    until: Minute


class Away(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days on which somebody is not there, and the deputy stands in.

    Attributes:
        from_: The first day.
        until: The last one.
    """

    from_: date = field(name="from")
    until: date


class Digest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One message at a fixed hour instead of single ones, or beside them.

    Attributes:
        every: `day` or `week`.
        at: `HH:MM`, by the contact's own clock.
        weekday: Of a weekly one.
        empty: Sent also when there is nothing to tell, so that its coming tells nothing.
        beside: Single messages are sent as well.
    """

    every: Literal["day", "week"]
    at: Minute
    weekday: Weekday | None = None
    empty: bool = False
    beside: bool = False


def _find_hours_faults(value: dict[str, Any]) -> Iterator[Fault]:
    if not value["days"]:
        yield Fault(pointer="/days", code="too_short")
    if value["from"] >= value["until"]:
        yield Fault(pointer="/until", code="not_allowed")


def _find_quiet_faults(value: dict[str, Any]) -> Iterator[Fault]:
    if value["from"] == value["until"]:
        yield Fault(pointer="/until", code="not_allowed")


def _find_away_faults(value: dict[str, Any]) -> Iterator[Fault]:
    if value["until"] < value["from"]:
        yield Fault(pointer="/until", code="before_start")


def _find_digest_faults(value: dict[str, Any]) -> Iterator[Fault]:
    if (value["every"] == "week") != (value.get("weekday") is not None):
        yield Fault(pointer="/weekday", code="required" if value["every"] == "week" else "not_allowed")


WorkingHours = Annotated[list[Annotated[Hours, Check(find=_find_hours_faults)]], Meta(max_length=42)]
QuietHours = Annotated[Quiet, Check(find=_find_quiet_faults)]
DaysAway = Annotated[list[Annotated[Away, Check(find=_find_away_faults)]], Meta(max_length=100)]
DigestWish = Annotated[Digest, Check(find=_find_digest_faults)]
DaysOff = Annotated[str, passes(lambda text: text in loader.calendars(), "code", vocabulary="calendars")]
