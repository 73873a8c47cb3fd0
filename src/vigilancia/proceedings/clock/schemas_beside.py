"""What crosses the wire: another mechanism to be opened beside one, because its clock runs on."""

from datetime import date
from typing import Literal

from msgspec import Struct

from vigilancia.law.model import Citation, Confidence


class AllegedAct(Struct, frozen=True, kw_only=True):
    """An incident of the case from which the other mechanism's clock would run.

    Attributes:
        allegation: What is alleged.
        on: The day, as far as it is known; of a month its first day.
        precision: How much of `on` is known.
        would_be_due_on: When the clock would run out, at the earliest; none: the day is not known well enough.
        confidence: How sure that day is, if the act was on `on`.
    """

    allegation: str
    on: date | None
    precision: Literal["day", "month", "year"]
    would_be_due_on: date | None
    confidence: Confidence | None


class Suggestion(Struct, frozen=True, kw_only=True):
    """A mechanism to be opened beside one; nothing opens it but a person.

    Attributes:
        mechanism: Which one; `POST` it to `url` as `{"mechanism": …}` to open it.
        title: Its name.
        why: What runs on meanwhile.
        sentence: By when, and supposing what.
        citation: Where that is written.
        confidence: How sure that is.
        event: The event to record there first.
        acts: What the case says of it, the earliest first; empty where no incident says when.
        url: Where it is opened.
    """

    mechanism: str
    title: str
    why: str
    sentence: str
    citation: list[Citation]
    confidence: Confidence
    event: str
    acts: list[AllegedAct]
    url: str
