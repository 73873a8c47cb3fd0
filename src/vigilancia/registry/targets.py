"""Which addresses of Apprise a contact may keep: a list of schemes, and no host of a private network in them."""

import ipaddress
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from msgspec import Struct

from vigilancia.core.strictyaml import parse


class Targets(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data/targets.yaml`."""

    services: list[str]
    own_hosts: list[str]


@cache
def _targets() -> Targets:
    file = files(__package__) / "data" / "targets.yaml"
    return parse(file.read_text("utf-8"), Targets, name=file.name)


def schemes() -> frozenset[str]:
    """Return every scheme that may be used."""
    return frozenset(_targets().services) | frozenset(_targets().own_hosts)


def is_listed(text: str) -> bool:
    """Tell whether an address is of a service on the list."""
    scheme, separator, _ = text.partition("://")
    return bool(separator) and scheme.lower() in schemes()


def is_private(text: str) -> bool:
    """Tell whether the host in an address is plainly this machine or a private network.

    Names are not resolved here: what they lead to is asked when something is sent.
    """
    scheme, _, _ = text.partition("://")
    if scheme.lower() in _targets().services:
        return False
    try:
        host = (urlsplit(text).hostname or "").rstrip(".")
    except ValueError:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    return not address.is_global
