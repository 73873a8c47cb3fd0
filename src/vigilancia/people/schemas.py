"""What crosses the wire of people: what the room shows, and, apart, who somebody is."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from vigilancia.core.bodies import OneOf, passes
from vigilancia.people import languages
from vigilancia.people.normal import Kind


def _says_something(text: str) -> bool:
    return bool(text.strip())


_SAID = passes(_says_something, "too_short")
_Role = Annotated[str, OneOf("person_role")]
_Language = Annotated[str, Meta(min_length=2, max_length=11), passes(languages.known, "language")]
_Name = Annotated[str, Meta(min_length=1, max_length=300), _SAID]
_Words = Annotated[str, Meta(min_length=1, max_length=10_000), _SAID]
_Reason = Annotated[str, Meta(min_length=1, max_length=2000), _SAID]
_Line = Annotated[str, Meta(min_length=1, max_length=500), _SAID]


class PersonContact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to reach a person.

    Attributes:
        kind: `phone`, also of an app that goes by numbers; `email`; `address`; or `other`.
        value: As the person gave it.
    """

    kind: Kind
    value: _Line


_Contact = Annotated[list[PersonContact], Meta(max_length=20)]
_Shared = Annotated[list[UUID], Meta(max_length=50)]


class PersonIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A worker, a witness or who stands by them; a role is enough.

    Attributes:
        role: Of the list `person_role`.
        name: Sealed; shown by the address `identity` alone.
        contact: Ways to reach the person; sealed.
        contact_safe: How and when it is safe to do so, in words; sealed.
        notes: Anything else about the person; sealed.
        spoken_language: To speak with: a code of ISO 639, such as `nah`, `yua`, `es-MX`; the list `language` has usual
            ones. Not sealed: a rare language in a small place may tell who it is.
        written_language: To write in; as before.
        interpreter_needed: Whether somebody must interpret.
    """

    role: _Role
    name: _Name | None = None
    contact: _Contact = []
    contact_safe: _Words | None = None
    notes: _Words | None = None
    spoken_language: _Language | None = None
    written_language: _Language | None = None
    interpreter_needed: bool | None = None


class PersonPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; the words only for who may read them.

    Attributes:
        shared_with: Linked organisations, with access to write, that may read who it is; for the owner alone to say.
    """

    role: _Role | UnsetType = UNSET
    name: _Name | UnsetType | None = UNSET
    contact: _Contact | UnsetType = UNSET
    contact_safe: _Words | UnsetType | None = UNSET
    notes: _Words | UnsetType | None = UNSET
    spoken_language: _Language | UnsetType | None = UNSET
    written_language: _Language | UnsetType | None = UNSET
    interpreter_needed: bool | UnsetType | None = UNSET
    shared_with: _Shared | UnsetType = UNSET


class Person(Struct, frozen=True, kw_only=True):
    """A person as the case is worked with: without name and words.

    Attributes:
        organization_id: Who recorded the person.
        role: Of the list `person_role`.
        role_label: Its words.
        pseudonym: What to call the person; drawn by lot, and never used twice in a case.
        named: Whether a name is on record.
        reachable: Whether a way to reach the person is.
        shared_with: Who else may read who it is; told to the owner alone.
    """

    id: UUID
    complaint_id: UUID
    organization_id: UUID | None
    role: str
    role_label: str
    pseudonym: str
    named: bool
    reachable: bool
    spoken_language: str | None
    written_language: str | None
    interpreter_needed: bool | None
    shared_with: list[UUID] | None
    version: int
    created_at: datetime
    updated_at: datetime


class Reason(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an identity is to be read; sealed, and kept in the audit."""

    reason: _Reason


class Identity(Struct, frozen=True, kw_only=True):
    """Who a person is; an answer that no cache may keep."""

    id: UUID
    complaint_id: UUID
    role: str
    pseudonym: str
    name: str | None
    contact: list[PersonContact]
    contact_safe: str | None
    notes: str | None
    version: int


class IdentityRequest(Struct, frozen=True, kw_only=True):
    """A request that somebody else decides on.

    Attributes:
        id: Of the request; who decides names it.
        status: `asked`, `granted`, `refused` or `used`.
        expires_at: Until when it waits; after a yes, until when that serves.
    """

    id: UUID
    complaint_id: UUID
    person_id: UUID
    status: str
    asked_at: datetime
    decided_at: datetime | None
    expires_at: datetime
    version: int


class PersonLookup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name, or a way to reach somebody, to find exactly; one of the two.

    Attributes:
        name: In any order of its words; accents, case and punctuation do not count.
        contact: A phone number, of which the last ten digits count; an e-mail address; or another line.
        reason: Why; sealed, and kept in the audit.
    """

    reason: _Reason
    name: _Name | None = None
    contact: _Line | None = None


class FoundPerson(Struct, frozen=True, kw_only=True):
    """A person of that name, or reached that way, by its pseudonym."""

    complaint_id: UUID
    reference: str
    person_id: UUID
    role: str
    pseudonym: str


class FoundPeople(Struct, frozen=True, kw_only=True):
    """What a lookup found.

    Attributes:
        items: The latest recorded first.
        more: Whether there are more than are shown.
        withheld: Whether your organisation wants a second person's yes before an identity is read: then its people are
            not found this way, for to find a pseudonym by a name is to read the identity.
    """

    items: list[FoundPerson]
    more: bool
    withheld: bool
