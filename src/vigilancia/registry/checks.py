"""What a text must look like: countries, places, zones, addresses. Lists come from the time zone database."""

import re
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from vigilancia.core.bodies import passes
from vigilancia.registry import targets

_MAX_MAILBOX = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
_MAX_LOCAL_PART = 64  # RFC 5321, 4.5.3.1.1
_MAX_DOMAIN = 253
_SUBDIVISION = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")
_HS_CODE = re.compile(r"\d{2}(\.?\d{2}){0,4}")
_VISIBLE = re.compile(r"[^\s\x00-\x1f\x7f]+")


@cache
def countries() -> frozenset[str]:
    """Return the codes of ISO 3166-1 alpha-2, from the table that comes with the time zones."""
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8")
    return frozenset(line.split("\t")[0] for line in table.splitlines() if line and not line.startswith("#"))


@cache
def zones() -> frozenset[str]:
    """Return the names of the IANA time zones."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split()) - {"Factory"}


def is_country(text: str) -> bool:
    """Tell whether a text is a country code (ISO 3166-1 alpha-2)."""
    return text in countries()


def is_subdivision(text: str) -> bool:
    """Tell whether a text has the shape of a subdivision of a country that exists (ISO 3166-2)."""
    found = _SUBDIVISION.fullmatch(text)
    return found is not None and is_country(found[1])


def is_zone(text: str) -> bool:
    """Tell whether a text names an IANA time zone."""
    return text in zones()


def is_web_address(text: str) -> bool:
    """Tell whether a text is an absolute http(s) address with a host and nothing invisible in it."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and _VISIBLE.fullmatch(text) is not None


def is_mailbox(text: str) -> bool:
    """Tell whether a text is a mailbox as RFC 5321 writes it: one `@`, dotted atoms, a host name, no line breaks.

    Quoted local parts and address literals are refused: nobody's inbox needs them, and header injection begins there.
    """
    local, at, domain = text.rpartition("@")
    fits = len(text) <= _MAX_MAILBOX and len(local) <= _MAX_LOCAL_PART and len(domain) <= _MAX_DOMAIN
    return bool(at) and fits and _ATOMS.fullmatch(local) is not None and _DOMAIN.fullmatch(domain) is not None


def is_target(text: str) -> bool:
    """Tell whether a text may be an address for Apprise: of a service on the list, nothing invisible in it."""
    return targets.is_listed(text) and _VISIBLE.fullmatch(text) is not None


Visibility = Literal["private", "linked", "public"]
_SAYS_SOMETHING = passes(lambda text: bool(text.strip()), "too_short")

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=300), _SAYS_SOMETHING]
Names = Annotated[list[Name], msgspec.Meta(max_length=50)]
Country = Annotated[str, passes(is_country, "format", expected="ISO 3166-1 alpha-2")]
Subdivision = Annotated[str, passes(is_subdivision, "format", expected="ISO 3166-2")]
Zone = Annotated[str, passes(is_zone, "format", expected="IANA time zone")]
WebAddress = Annotated[str, msgspec.Meta(max_length=2000), passes(is_web_address, "format", expected="https://…")]
HsCode = Annotated[str, passes(lambda text: _HS_CODE.fullmatch(text) is not None, "format", expected="8708.29")]
