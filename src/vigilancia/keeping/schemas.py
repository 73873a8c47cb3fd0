"""What crosses the wire: holds, retention, erasures."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from vigilancia.keeping.rules import Outcome

Reason = Annotated[str, Meta(min_length=1, max_length=2_000)]
Cause = Literal["request", "retention", "restored"]
State = Literal["asked", "wiped", "done", "stopped"]


class HoldIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a case must not be erased, and when to look at that again; past that day the hold goes on."""

    reason: Reason
    review_on: date


class ReleaseIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a hold is no longer needed."""

    reason: Reason


class Hold(Struct, frozen=True, kw_only=True):
    """A hold on a case; reasons are kept under the case's key."""

    id: UUID
    complaint_id: UUID
    organization_id: UUID
    reason: str | None
    review_on: date
    placed_at: datetime
    placed_by: UUID | None
    released_at: datetime | None
    released_by: UUID | None
    release_reason: str | None
    version: int


class Retained(Struct, frozen=True, kw_only=True):
    """How long a case is kept, and why.

    Attributes:
        complaint_id: Of the case.
        kept_with: The case it is merged into, with which it is kept and goes.
        rule: Which rule; null while the case is open.
        rules_version: Of the rules.
        mechanism: The procedure the rule is about.
        outcome: How that ended.
        counted_from: The closing, or the last event if later.
        warned_on: When you were warned.
        erase_on: First day on which it is erased, unless somebody holds it.
        held: Whether somebody does.
        explained: All that in a sentence or two.
    """

    complaint_id: UUID
    kept_with: UUID | None
    rule: str | None
    rules_version: int
    mechanism: str | None
    outcome: Outcome | None
    counted_from: date | None
    warned_on: date | None
    erase_on: date | None
    held: bool
    explained: str


class DueErasure(Struct, frozen=True, kw_only=True):
    """A case that is erased by the next run, and by which rule."""

    complaint_id: UUID
    reference: str
    kept_with: UUID | None
    rule: str
    rules_version: int
    mechanism: str | None
    outcome: Outcome
    counted_from: date
    warned_on: date
    erase_on: date


class RetentionRule(Struct, frozen=True, kw_only=True):
    """How long what ended in one way is kept, and why."""

    id: str
    outcome: Outcome
    mechanisms: list[str]
    days: int | None
    months: int | None
    why: str


class ForgottenBesides(Struct, frozen=True, kw_only=True):
    """What is forgotten by itself after some days."""

    what: str
    days: int


class RetentionRules(Struct, frozen=True, kw_only=True):
    """The rules in force; the first that fits is taken, of several procedures the longest."""

    version: int
    warning_days: int
    rules: list[RetentionRule]
    besides: list[ForgottenBesides]


class ErasureIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a case is to be erased, and its reference, typed once more: there is no way back.

    The reason goes with the case; what stays is that it was asked for, when and by whom.
    """

    reason: Reason
    confirm: Annotated[str, Meta(min_length=1, max_length=40)]


class ErasedFile(Struct, frozen=True, kw_only=True):
    """A file that was removed."""

    room: str
    name: str
    sha256: str | None


class Erasure(Struct, frozen=True, kw_only=True):
    """The receipt of an erasure: no word, no person.

    Attributes:
        id: Of the receipt.
        complaint_id: Of the case that was.
        cause: `request`, `retention` by a rule, or `restored`: an old backup had brought it back.
        rule: Which rule.
        rules_version: Of the rules.
        state: `asked`: nothing is gone yet; `wiped`: the rows are; `done`: key and files too; `stopped`: a hold won.
        asked_at: When.
        asked_by: Token; null: the system.
        wiped_at: When the rows went.
        ended_at: When it was done, or stopped.
        key_id: Short name of the key that was destroyed.
        rows: Of each table, how many went.
        files: What was removed.
        digest: SHA-256 of all this but `digest` and `version` as JSON with sorted names; the audit has it too.
        version: Raised by one at every change.
    """

    id: UUID
    complaint_id: UUID
    cause: Cause
    rule: str | None
    rules_version: int | None
    state: State
    asked_at: datetime
    asked_by: UUID | None
    wiped_at: datetime | None
    ended_at: datetime | None
    key_id: str | None
    rows: dict[str, Any]
    files: list[ErasedFile]
    digest: str | None
    version: int
