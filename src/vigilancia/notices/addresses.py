"""Addresses of contacts: the one to write to, and how one is shown without being given away."""

from collections.abc import Iterable, Mapping
from typing import Any


def email_of(channels: Iterable[Mapping[str, Any]]) -> str | None:
    """Return a contact's first e-mail address, or none."""
    return next((channel["address"] for channel in channels if channel["kind"] == "email"), None)


def masked(address: str | None) -> str | None:
    """Return an address as the ledger shows it: its first letter and its domain."""
    if address is None:
        return None
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"
