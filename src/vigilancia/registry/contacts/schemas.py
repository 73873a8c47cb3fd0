"""Contacts as they cross the wire."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from vigilancia.core.bodies import Check
from vigilancia.core.errors import Fault
from vigilancia.core.settings import Locale
from vigilancia.registry.checks import Name, Visibility, Zone, is_mailbox, is_target, is_web_address
from vigilancia.registry.contacts.times import (
    Away,
    DaysAway,
    DaysOff,
    Digest,
    DigestWish,
    Hours,
    Quiet,
    QuietHours,
    WorkingHours,
)

ChannelKind = Literal["email", "webhook", "apprise"]

_FITS = {"email": is_mailbox, "webhook": is_web_address, "apprise": is_target}
_EXPECTED = {"email": "name@example.org", "webhook": "https://…", "apprise": "scheme://… of docs/channels.md"}


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
        working_hours: When somebody is there, several intervals a day if need be; empty: always.
        quiet_hours: When nothing is sent that can wait.
        holidays: The calendar of the law's data whose days off are its own, such as `mx-lft`; none: none are.
        away: Days on which it is not there.
        digest: One message at a fixed hour instead of single ones, or beside them.
        calm: Told once a week that nothing fell due, where it is the desk: so that silence is not mistaken for peace.
        channels: How it is reached, in the order they are tried.
        verified_by: Who vouches for the addresses; none: they are asked to confirm, where the installation wants that.
        deputy_id: Another contact of the same organisation that stands in.
        visibility: `private` to its keeper, `linked` also to those with access to a case of the organisation, `public`.
    """

    name: Name
    desk: bool = False
    locale: Locale | None = None
    timezone: Zone | None = None
    working_hours: WorkingHours = []
    quiet_hours: QuietHours | None = None
    holidays: DaysOff | None = None
    away: DaysAway = []
    digest: DigestWish | None = None
    calm: bool = True
    channels: Channels = []
    verified_by: Name | None = None
    deputy_id: UUID | None = None
    visibility: Visibility = "linked"


class ContactPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; lists are replaced whole; `unsubscribed: false` lets e-mail go to the contact again.

    New addresses are vouched for anew: `verified_by` of the same change, or else nobody does.
    """

    name: Name | UnsetType = UNSET
    desk: bool | UnsetType = UNSET
    locale: Locale | UnsetType | None = UNSET
    timezone: Zone | UnsetType | None = UNSET
    working_hours: WorkingHours | UnsetType = UNSET
    quiet_hours: QuietHours | UnsetType | None = UNSET
    holidays: DaysOff | UnsetType | None = UNSET
    away: DaysAway | UnsetType = UNSET
    digest: DigestWish | UnsetType | None = UNSET
    calm: bool | UnsetType = UNSET
    verified_by: Name | UnsetType | None = UNSET
    channels: Channels | UnsetType = UNSET
    deputy_id: UUID | UnsetType | None = UNSET
    visibility: Visibility | UnsetType = UNSET
    unsubscribed: Literal[False] | UnsetType = UNSET


class Contact(Struct, frozen=True, kw_only=True):
    """A contact as a caller sees it.

    Attributes:
        deputy_id: Null too where the caller may not see the deputy.
        away: Only for its keeper and its own organisation, as `digest`, `calm` and who vouched are.
        verified_at: When somebody vouched for the addresses, or they confirmed; null: nobody did.
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
    quiet_hours: Quiet | None
    holidays: str | None
    away: list[Away]
    digest: Digest | None
    calm: bool | None
    channels: list[Channel]
    verified_by: str | None
    verified_at: datetime | None
    deputy_id: UUID | None
    unsubscribed_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime
