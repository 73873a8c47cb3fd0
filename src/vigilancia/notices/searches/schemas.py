"""What crosses the wire of saved searches."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from vigilancia.core import vocabularies
from vigilancia.core.bodies import Check, passes
from vigilancia.core.errors import Fault

Name = Annotated[str, Meta(min_length=1, max_length=200), passes(lambda text: bool(text.strip()), "too_short")]

_LONGEST = Meta(min_length=1, max_length=2000)
_EXTERNAL = re.compile(r"[^:]+:.+")


def _listed(vocabulary: str) -> Check:
    """Return the check that a text is a code, or several with commas: a slip of the pen would find nothing, ever."""

    def find(value: str) -> Iterator[Fault]:
        if not vocabularies.codes(vocabulary).issuperset(value.split(",")):
            yield Fault(pointer="", code="code", params={"vocabulary": vocabulary})

    return Check(find=find)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


_IDS = passes(lambda value: all(map(_is_id, value.split(","))), "uuid")
_EXTERNALS = passes(lambda value: all(map(_EXTERNAL.fullmatch, value.split(","))), "format", expected="system:id")

_Text = Annotated[str, _LONGEST]
_Ids = Annotated[str, _LONGEST, _IDS]


class SearchFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a case must be to be told: the filters of the list of complaints, as they are written there.

    Several values with commas; `external_id` as `system:id`; empty: every case. A filter passes over cases whose view
    hides the field.

    Attributes:
        q: Words of title, reference and public summary.
    """

    status: Annotated[str, _LONGEST, _listed("complaint_status")] | None = None
    facility_id: _Ids | None = None
    owner_id: _Ids | None = None
    handler_id: _Ids | None = None
    allegation: Annotated[str, _LONGEST, _listed("allegation")] | None = None
    confidentiality: Annotated[str, _LONGEST, _listed("confidentiality")] | None = None
    risk_level: Annotated[str, _LONGEST, _listed("risk_level")] | None = None
    tag: _Text | None = None
    external_id: Annotated[str, _LONGEST, _EXTERNALS] | None = None
    received_on_before: date | None = None
    received_on_after: date | None = None
    merged: bool | None = None
    q: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class SavedSearchIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A search to keep.

    Attributes:
        name: For your own list; it stands in no message.
        filter: What a case must be.
        contact_id: Of your own organisation, and kept by it: who is told.
        active: Whether it looks.
    """

    name: Name
    filter: SearchFilter
    contact_id: UUID
    active: bool = True


class SavedSearchPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; a filter is replaced whole."""

    name: Name | UnsetType = UNSET
    filter: SearchFilter | UnsetType = UNSET
    contact_id: UUID | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class SavedSearch(Struct, frozen=True, kw_only=True):
    """A search of your organisation.

    Attributes:
        looked_at: When it last looked.
    """

    id: UUID
    owner_id: UUID
    name: str
    filter: SearchFilter
    contact_id: UUID
    active: bool
    looked_at: datetime
    version: int
    created_at: datetime
    updated_at: datetime


class SearchMatch(Struct, frozen=True, kw_only=True):
    """A case that a search found.

    Attributes:
        told_at: When its contact was told; null: not yet.
    """

    complaint_id: UUID
    reference: str
    matched_at: datetime
    told_at: datetime | None
