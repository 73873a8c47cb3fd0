"""Contacts as they cross the wire."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from vigilancia.core.bodies import Check
from vigilancia.core.errors import Fault
from vigilancia.core.settings import Locale
from vigilancia.registry.checks import Name, Visibility, Zone, is_mailbox, is_target, is_web_address

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ChannelKind = Literal["email", "webhook", "apprise"]

_FITS = {"email": is_mailbox, "webhook": is_web_address, "apprise": is_target}
_EXPECTED = {"email": "name@example.org", "webhook": "https://…", "apprise": "scheme://… of docs/channels.md"}


class Hours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days and hours at which somebody is there, by the contact's own clock.

    Attributes:
        days: Of the week.
        from_: `HH:MM`, the first minute.
        until: `HH:MM`, the first minute after; `24:00` is the end of the day.
    """

    days: Annotated[list[Weekday], Meta(max_length=7)]
    from_: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = field(name="from")
    until: Annotated[str, Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class Channel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way to reach a contact; where one fails, the next in the list is taken.

    Attributes:
        kind: Which way.
        address: A mailbox; a web address; or an Apprise address of a service on the list.
    """

    kind: ChannelKind
    address: Annotated[str, Meta(min_length=1, max_length=2000)]


def _find_address_fault(value: dict[str, str]) -> Iterator[Fault]:
    if not _FITS[value["kind"]](value["address"]):
        yield Fault(pointer="/address", code="format", params={"expected": _EXPECTED[value["kind"]]})


def _find_doubles(value: list[dict[str, str]]) -> Iterator[Fault]:
    keys = [(one["kind"], one["address"].casefold()) for one in value]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            yield Fault(pointer=f"/{place}", code="duplicate")


def _find_hours_faults(value: dict[str, Any]) -> Iterator[Fault]:
    if not value["days"]:
        yield Fault(pointer="/days", code="too_short")
    if value["from"] >= value["until"]:
        yield Fault(pointer="/until", code="not_allowed")


WorkingHours = Annotated[list[Annotated[Hours, Check(find=_find_hours_faults)]], Meta(max_length=21)]
Channels = Annotated[
    list[Annotated[Channel, Check(find=_find_address_fault)]], Meta(max_length=20), Check(find=_find_doubles)
]


class ContactIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A contact to record.

    Attributes:
        name: Of the person, or of the desk.
        desk: Whether it is the organisation's own inbox.
        locale: In which language it is written to; none: the organisation's.
        timezone: IANA zone; none: the organisation's.
        working_hours: When somebody is there; empty: always.
        channels: How it is reached, the first of a kind first.
        deputy_id: Another contact of the same organisation that stands in.
        visibility: `private` to its keeper, `linked` also to those with access to a case of the organisation, `public`.
    """

    name: Name
    desk: bool = False
    locale: Locale | None = None
    timezone: Zone | None = None
    working_hours: WorkingHours = []
    channels: Channels = []
    deputy_id: UUID | None = None
    visibility: Visibility = "linked"


class ContactPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; lists are replaced whole; `unsubscribed: false` lets e-mail go to the contact again."""

    name: Name | UnsetType = UNSET
    desk: bool | UnsetType = UNSET
    locale: Locale | UnsetType | None = UNSET
    timezone: Zone | UnsetType | None = UNSET
    working_hours: WorkingHours | UnsetType = UNSET
    channels: Channels | UnsetType = UNSET
    deputy_id: UUID | UnsetType | None = UNSET
    visibility: Visibility | UnsetType = UNSET
    unsubscribed: Literal[False] | UnsetType = UNSET


class Contact(Struct, frozen=True, kw_only=True):
    """A contact as a caller sees it.

    Attributes:
        deputy_id: Null too where the caller may not see the deputy.
        unsubscribed_at: When somebody used the link in a mail that ends e-mail to it; null: nobody did.
    """

    id: UUID
    organization_id: UUID
    owner_id: UUID
    visibility: Visibility
    name: str
    desk: bool
    locale: Locale | None
    timezone: str | None
    working_hours: list[Hours]
    channels: list[Channel]
    deputy_id: UUID | None
    unsubscribed_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime
