"""The audit as it crosses the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from vigilancia.access.audit import Action

Who = Literal["admin", "staff", "partner", "analyst", "system"]


class Whoever(Struct, frozen=True, kw_only=True):
    """Who it was, as far as the caller may know.

    Attributes:
        organization_id: Whose token; null for the system, and for who was not recognised.
        organization: Its name, where the caller sees its record.
        role: Of the token; null for who was not recognised and for a calendar feed.
        token_id: Which token.
        token: What its maker called it.
        holder_id: The contact who holds it, where its maker said so.
        holder: That contact's name, where the caller sees its record.
    """

    organization_id: UUID | None
    organization: str | None
    role: Who | None
    token_id: UUID | None
    token: str | None
    holder_id: UUID | None
    holder: str | None


class AuditEntry(Struct, frozen=True, kw_only=True):
    """Something that was read, changed, taken out or refused.

    Attributes:
        action: `read`, `write`, `export`, `refused`, `login` or `override`.
        what: The kind of thing: `complaint`, `list`, `person`, `file`, `export`, or what was changed.
        who: Who it was.
        why: The reason that was given, in its words; null where none was, or where the case was erased.
        operation: What was asked for, by its name in this contract.
        change: `insert`, `update`, `delete`, or `forget` where erasure took what the audit held.
        fields: Of a change, which fields; never what stood in them.
        status: Of a refusal.
        searched: Whether words were searched for.
        cases: How many cases a page showed.
        complaint_id: Of which case; of a page, the case the list was asked for, if one.
        subject_id: Which thing.
    """

    id: UUID
    at: datetime
    action: Action
    what: str
    who: Whoever
    why: str | None
    operation: str | None
    change: str | None
    fields: list[str]
    status: int | None
    searched: bool
    cases: int | None
    complaint_id: UUID | None
    subject_id: UUID | None


class AuditHead(Struct, frozen=True, kw_only=True):
    """How far the chain had come, signed: keep one, and no row before it can be changed without your seeing it.

    Attributes:
        position: Rows the chain had.
        digest: SHA-256 of the last one over the one before, hexadecimal.
        at: When it was signed, as it is signed.
        public_key: Ed25519, hexadecimal.
        signature: Over `vigilancia/audit-head/1`, a line feed, and position, digest and instant as canonical JSON.
    """

    position: int
    digest: str
    at: str
    public_key: str
    signature: str
