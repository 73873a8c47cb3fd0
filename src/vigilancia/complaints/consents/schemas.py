"""What crosses the wire: an answer about consent, and who already has what."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from vigilancia.complaints.consents.scripts import Purpose
from vigilancia.complaints.schemas import Language
from vigilancia.registry.checks import Country

Mode = Literal["spoken", "written", "interpreter", "recorded"]
Given = Literal["given", "refused"]
State = Literal["given", "refused", "withdrawn", "expired"]
Standing = Literal["yes", "no", "missing"]
Words = Annotated[str, Meta(min_length=1, max_length=2000)]


class ConsentIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer about consent to be recorded.

    Attributes:
        purpose: What for.
        text_id: The text that was read.
        text_version: Its version.
        language: In which it was read or spoken, such as `es` or `nah-MX`.
        mode: How the answer was given; `interpreter` where somebody interpreted.
        answer: `given` or `refused`.
        given_on: The day.
        person_id: Whose answer; none: that of the workers of the case as a whole.
        receiver_id: The organisation that would be given something: for `share` and `counsel`, or of `file` the
            government as an organisation.
        receiver_country: Of `file` the government by its country.
        until: The last day it holds; none: as long as the text says, which is also the longest.
        taken_by: The contact who asked; none: whoever holds the token.
        note: Free words; sealed, and shown only where this one answer is read by those who work on the case.
    """

    purpose: Purpose
    text_id: Annotated[str, Meta(min_length=1, max_length=60)]
    text_version: Annotated[int, Meta(ge=1, le=10_000)]
    language: Language
    mode: Mode
    answer: Given
    given_on: date
    person_id: UUID | None = None
    receiver_id: UUID | None = None
    receiver_country: Country | None = None
    until: date | None = None
    taken_by: UUID | None = None
    note: Words | None = None


class WithdrawConsentIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A withdrawal; nobody must give a reason for one.

    Attributes:
        note: Free words; sealed.
    """

    note: Words | None = None


class Consent(Struct, frozen=True, kw_only=True):
    """An answer about consent, as far as the reader is shown it.

    Who records in the case sees it whole; who only reads the case sees purposes and states, and of receivers its own
    organisation alone.

    Attributes:
        state: What it is worth today.
        counts: Whether it is the latest answer of the same person to the same thing.
        note: Where one answer is read alone.
    """

    id: UUID
    complaint_id: UUID
    purpose: Purpose
    answer: Given
    state: State
    counts: bool
    given_on: date
    until: date | None
    withdrawn_at: datetime | None
    person_id: UUID | None
    receiver_id: UUID | None
    receiver_country: str | None
    text_id: str | None
    text_version: int | None
    language: str | None
    mode: Mode | None
    taken_by: UUID | None
    note: str | None
    version: int
    created_at: datetime
    updated_at: datetime


class SharedWith(Struct, frozen=True, kw_only=True):
    """An organisation that has, or had, something of a case by one link.

    Attributes:
        link_id: The link, which may be gone.
        organization_id: Who.
        role: As what.
        access: The most it ever had: `alerts`, `read` or `write`.
        since: From when.
        until: When it ended, or will end; none: it has no end.
        stands: Whether it has it now.
        consent: What the answers on record come to for it today.
    """

    link_id: UUID
    organization_id: UUID
    role: str
    access: str
    since: datetime
    until: datetime | None
    stands: bool
    consent: Standing


class SharedExport(Struct, frozen=True, kw_only=True):
    """A taking of the case out of the system that the audit knows of.

    Attributes:
        at: When.
        organization_id: By whose people.
        what: What was taken, such as `export` or `petition`.
        subject_id: The export itself.
    """

    at: datetime
    organization_id: UUID | None
    what: str
    subject_id: UUID | None


class Publication(Struct, frozen=True, kw_only=True):
    """A time in which the case was public; none: it still is."""

    since: datetime
    until: datetime | None


class Sharing(Struct, frozen=True, kw_only=True):
    """Who already has what of a case. What was received outside cannot be taken back; tell the person so."""

    organizations: list[SharedWith]
    exports: list[SharedExport]
    publications: list[Publication]


class WithdrawnConsent(Struct, frozen=True, kw_only=True):
    """A consent that was withdrawn, and who already has what."""

    consent: Consent
    already_shared: Sharing
