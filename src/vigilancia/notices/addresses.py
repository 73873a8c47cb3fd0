"""Ways to a contact: in the order it keeps them, and how an address is shown without being given away."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from msgspec import Struct

from vigilancia.notices.rounds.figures import figures

EMAIL, WEBHOOK, APPRISE = "email", "webhook", "apprise"
CHANNELS = (EMAIL, WEBHOOK, APPRISE)


class Way(Struct, frozen=True):
    """One way to a contact.

    Attributes:
        channel: `email`, `webhook` or `apprise`.
        place: Which of the contact's addresses of that kind, from 0.
        address: A mailbox, a web address, or an Apprise address.
    """

    channel: str
    place: int
    address: str


class Reachable(Protocol):
    """What of a contact decides how it may be reached."""

    @property
    def channels(self) -> list[dict[str, Any]]:
        """Its addresses in its order of preference."""
        ...

    @property
    def verified_by(self) -> str | None:
        """Who vouched for them."""
        ...

    @property
    def unsubscribed_at(self) -> datetime | None:
        """When it asked for no more e-mail."""
        ...


def ways(contact: Reachable, *, confirmed_only: bool) -> list[Way]:
    """Return the ways to a contact that may be used now, the preferred one first.

    A mailbox that confirmed itself vouches for itself alone: the contact's other addresses may be read by others.

    Args:
        contact: A row of contacts, or of the columns asked for here.
        confirmed_only: Whether addresses that nobody vouched for must not be told anything (setting
            `confirm_addresses`).
    """
    if confirmed_only and contact.verified_by is None:
        return []
    found = all_ways(contact.channels)
    if confirmed_only and contact.verified_by == figures().confirmed_by:
        found = [way for way in found if (way.channel, way.place) == (EMAIL, 0)]
    return [way for way in found if way.channel != EMAIL] if contact.unsubscribed_at is not None else found


def all_ways(channels: Iterable[Mapping[str, Any]]) -> list[Way]:
    """Return every address a contact keeps, usable or not."""
    found: list[Way] = []
    for one in channels:
        place = sum(way.channel == one["kind"] for way in found)
        found.append(Way(one["kind"], place, one["address"]))
    return found


def email_of(channels: Iterable[Mapping[str, Any]]) -> str | None:
    """Return a contact's first e-mail address, or none."""
    return next((channel["address"] for channel in channels if channel["kind"] == EMAIL), None)


def masked(way: Way) -> str:
    """Return an address as the ledger shows it: of a mailbox first letter and domain, of others only where to."""
    if way.channel == EMAIL:
        local, _, domain = way.address.rpartition("@")
        return f"{local[:1]}…@{domain}"
    parts = urlsplit(way.address)
    return f"{parts.scheme}://{parts.hostname or ''}/…" if way.channel == WEBHOOK else f"{parts.scheme}://…"
