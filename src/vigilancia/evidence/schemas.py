"""What crosses the wire of evidence."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from vigilancia.complaints.schemas import Language
from vigilancia.core.bodies import OneOf

FEW = 5  # people who held a paper: so few that it points at whoever gave it

_Kind = Annotated[str, OneOf("evidence")]
_Title = Annotated[str, Meta(min_length=1, max_length=300)]
_Source = Annotated[str, Meta(min_length=1, max_length=2000)]
_People = Annotated[int, Meta(ge=1, le=1_000_000)]
_Seconds = Annotated[int, Meta(ge=1, le=1_000_000)]
_Sha256 = Annotated[str, Meta(pattern="^[0-9a-fA-F]{64}$")]
_Words = Annotated[str, Meta(min_length=1, max_length=500)]
_Speech = Annotated[str, Meta(min_length=1, max_length=500_000)]

Metadata = Literal["original", "stripped", "kept"]
Scan = Literal["unscanned", "pending", "clean", "infected", "failed"]


class EvidenceIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields that come with a file, in the same form.

    Attributes:
        kind: Of the list `evidence`.
        title: Own words; encrypted.
        source: Who gave it, how it came: own words; encrypted.
        held_by: How many people held it; a paper that few held exposes its source.
        language: Of what is written or said.
        obtained_on: Civil date on which it came into the hands of whoever gave it in.
        duration_seconds: Of a recording.
        sha256: What the sender reckons the file's SHA-256 to be, in hex; another one is refused.
    """

    kind: _Kind
    title: _Title | None = None
    source: _Source | None = None
    held_by: _People | None = None
    language: Language | None = None
    obtained_on: date | None = None
    duration_seconds: _Seconds | None = None
    sha256: _Sha256 | None = None


class DerivativeIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields that come with a redacted copy, in the same form.

    Attributes:
        title: Own words that all readers of the case may see; encrypted.
        language: Of what is written or said; none: that of the original.
        sha256: What the sender reckons the file's SHA-256 to be, in hex; another one is refused.
    """

    title: _Title | None = None
    language: Language | None = None
    sha256: _Sha256 | None = None


class EvidencePatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said about a file, to change; the file itself never changes."""

    kind: _Kind | UnsetType = UNSET
    title: _Title | UnsetType | None = UNSET
    source: _Source | UnsetType | None = UNSET
    held_by: _People | UnsetType | None = UNSET
    language: Language | UnsetType | None = UNSET
    obtained_on: date | UnsetType | None = UNSET
    duration_seconds: _Seconds | UnsetType | None = UNSET


class FileWarning(Struct, frozen=True, kw_only=True):
    """Something to think of before a file leaves the house."""

    code: str
    detail: str


class Evidence(Struct, frozen=True, kw_only=True):
    """A file of a case; what only its original has is null for whoever gets redacted copies.

    Attributes:
        original_id: Of the file that this is a redacted copy of.
        organization_id: Who handed it in.
        masked: Whether the caller gets redacted copies of it: its newest copy is what a download gives.
        copies: Its redacted copies, the newest first.
        name: What the sender called the file.
        media_type: By its content.
        claimed_type: What the sender called it, where that is another.
        size: Bytes.
        sha256: At receipt, in hex.
        metadata: What became of what the file says about its making: `original` (untouched), `stripped`, or `kept`
            where a copy is of a type that we cannot clean.
        scan_status: `unscanned` where nobody scans.
        transcript_version: 0 where there is no transcript.
        intact: False when the last reading found that it is not any more what was received.
        checked_at: When it was last read again, whole, and found so.
        state: `kept`, or `erased`: its hash and its custody log are all that is left.
    """

    id: UUID
    complaint_id: UUID
    original_id: UUID | None
    organization_id: UUID
    masked: bool
    copies: list[UUID]
    kind: str
    label: str
    title: str | None
    source: str | None
    name: str | None
    held_by: int | None
    language: str | None
    obtained_on: date | None
    duration_seconds: int | None
    media_type: str
    claimed_type: str | None
    size: int | None
    sha256: str | None
    metadata: Metadata
    scan_status: Scan
    transcript_version: int
    intact: bool
    checked_at: datetime | None
    state: Literal["kept", "erased"]
    warnings: list[FileWarning]
    received_at: datetime
    version: int
    updated_at: datetime


class TranscriptIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said in a recording, or written in a picture, in words; encrypted."""

    text: _Speech
    language: Language | None = None


class Transcript(Struct, frozen=True, kw_only=True):
    """The transcript of a file; version 0 says that there is none yet."""

    file_id: UUID
    text: str | None
    language: str | None
    version: int


class CustodyEntry(Struct, frozen=True, kw_only=True):
    """Something that was done with a file.

    Attributes:
        organization_id: Who; none: the system itself.
        purpose: In that caller's words; none where none was given, or where the case was erased.
        sha256: Of the file at that moment.
        facts: Ids, codes and figures.
    """

    id: UUID
    evidence_id: UUID
    at: datetime
    action: str
    organization_id: UUID | None
    role: str
    token_id: UUID | None
    holder_id: UUID | None
    purpose: str | None
    sha256: str
    facts: dict[str, Any] | None


class UnmaskIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asking for another person's yes to an original.

    Attributes:
        file_id: Which one; none: all originals of the case, in a bundle.
        reason: Why; encrypted.
    """

    reason: _Words
    file_id: UUID | None = None


class UnmaskRequest(Struct, frozen=True, kw_only=True):
    """What was asked for; it is decided on by the people of the case's owner, at its approvals."""

    id: UUID
    status: str
    expires_at: datetime


class BundleIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to put together.

    Attributes:
        purpose: What it is for; encrypted, in the custody log of each file.
        originals: Whether originals are in it beside redacted copies; it wants `evidence:unmask`.
    """

    purpose: _Words
    originals: bool = False


class SigningKey(Struct, frozen=True, kw_only=True):
    """A key that bundles of this installation are signed with."""

    id: str
    public_key: str


class SigningKeys(Struct, frozen=True, kw_only=True):
    """The keys that bundles were and are signed with, the present one first."""

    keys: list[SigningKey]
