"""What crosses the wire of petition readiness."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from vigilancia.complaints.consents.override import ConsentOverride
from vigilancia.core.settings import Locale
from vigilancia.law.lists import Need, PetitionFact
from vigilancia.law.model import Citation, Confidence
from vigilancia.law.shapes import InForce
from vigilancia.proceedings.schemas import Remark

Draft = Literal["html", "text"]
State = Literal["present", "partial", "missing", "withheld"]


class PetitionIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft to be made though consent to file is missing.

    Attributes:
        consent_override: Why it is made all the same.
        format: How it is written.
        locale: Language; none: that of the request.
    """

    consent_override: ConsentOverride
    format: Draft = "html"
    locale: Locale | None = None


class PetitionText(Struct, frozen=True, kw_only=True):
    """The text whose content list was taken."""

    in_force: InForce
    citation: list[Citation]
    confidence: Confidence
    languages: list[str] | None  # in which the authority takes a petition; null where that is not known


class PetitionChoice(Struct, frozen=True, kw_only=True):
    """Which day picked the text: that of the receipt, or today where none is recorded."""

    on: date
    why: Literal["petition_received", "today"]
    text: str


class PetitionEntry(Struct, frozen=True, kw_only=True):
    """One thing a petition says, and how far the record tells it.

    Attributes:
        id: In the content list.
        label: What to write, in the language asked for.
        fact: What of the record tells it.
        need: Whether the text requires it.
        state: `present`, `partial`, `missing`, or `withheld` for want of a consent.
        where: The field it is recorded in or is to be recorded in: an address with a JSON Pointer behind the `#`; null
            where no field holds it and it is written in the draft.
        note: What is still to be written, or why it is withheld; null where nothing is.
        said: What the draft says of it from the record, a paragraph each.
        citation: Where the list asks for it.
        confidence: How sure it is that the list does.
    """

    id: str
    label: str
    fact: PetitionFact
    need: Need
    state: State
    where: str | None
    note: str | None
    said: list[str]
    citation: list[Citation]
    confidence: Confidence


class PetitionGaps(Struct, frozen=True, kw_only=True):
    """Ids of what is not wholly there: missing, partial and withheld alike, for each of them wants a hand."""

    required_missing: list[str]
    recommended_missing: list[str]


class PetitionReadiness(Struct, frozen=True, kw_only=True):
    """A case held against the content list of the petition its procedure begins with."""

    proceeding_id: UUID
    complaint_id: UUID
    reference: str
    mechanism: str
    title: str
    authority: str | None  # who receives the petition
    locale: Locale
    generated_at: datetime
    version: PetitionText | None
    chosen_by: PetitionChoice
    items: list[PetitionEntry]
    ready: PetitionGaps
    warnings: list[Remark]
