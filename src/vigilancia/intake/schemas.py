"""What crosses the wire: what somebody tells without a name, the receipt, and what is said afterwards."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct, field

from vigilancia.complaints.schemas import Allegations, Languages
from vigilancia.core.bodies import passes

Told = Annotated[str, Meta(min_length=1, max_length=200_000), passes(lambda text: bool(text.strip()), "too_short")]
Said = Annotated[str, Meta(min_length=1, max_length=20_000), passes(lambda text: bool(text.strip()), "too_short")]
Receipt = Annotated[
    str, Meta(min_length=16, max_length=40, pattern=r"^([0-9][ -]?){15}[0-9]$", description="16 digits")
]


class IntakeIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A complaint without a name; the text is enough.

    Attributes:
        text: What happened, in any words.
        organization_id: Which organisation is to read it; may be left out where only one takes complaints so.
        allegations: What of the list of allegations it is about, where the teller knows.
        languages: In which languages an answer can be read.
        interpreter_needed: Whether somebody has to help with the language.
    """

    text: Told
    organization_id: UUID | None = None
    allegations: Allegations = field(default_factory=list)
    languages: Languages = field(default_factory=list)
    interpreter_needed: bool | None = None


class Receipted(Struct, frozen=True, kw_only=True):
    """The receipt, shown this once; with it, and with nothing else, one comes back."""

    receipt: str


class ReturnIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A receipt; it stands in a body, for addresses are kept by many."""

    receipt: Receipt


class SaidIn(ReturnIn, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something more to say."""

    text: Said


class ReplyIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the staff answer."""

    text: Said


class Message(Struct, frozen=True, kw_only=True):
    """Something that was said.

    Attributes:
        by_staff: Whether the organisation said it; else whoever holds the receipt.
        said_on: Civil date at the seat of the organisation; no hour is kept.
        text: None once the complaint was erased.
    """

    id: UUID
    by_staff: bool
    said_on: date
    text: str | None


class Conversation(Struct, frozen=True, kw_only=True):
    """What whoever holds a receipt is shown: what was said, and whether the case is still worked on.

    Attributes:
        status: `intake`, `open` or `closed`.
        messages: Oldest first; the first is what was told.
    """

    status: str
    messages: list[Message]


class Messages(Struct, frozen=True, kw_only=True):
    """What the staff are shown.

    Attributes:
        last_return_on: The last day on which somebody came back with the receipt; none: never.
        messages: Oldest first.
    """

    last_return_on: date | None
    messages: list[Message]
