"""Templates of tasks: data of the package, and the days they come to."""

from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated

from msgspec import Meta, Struct

from vigilancia.core.strictyaml import DataFileError, parse
from vigilancia.core.vocabularies import Labels

_OFFSET = r"^(0|[+-][1-9][0-9]{0,2}d)$"


class Template(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task that a procedure calls for; `data/tasks.yaml` says what each field means."""

    code: str
    offset: Annotated[str, Meta(pattern=_OFFSET)]
    why: Labels
    mechanisms: list[str] = []
    rule: str | None = None
    event: str | None = None
    stages: list[str] = []

    def day(self, base: date) -> date:
        """Return the day it comes to, from the last day of the deadline or the day of the event."""
        return base + timedelta(days=int(self.offset.removesuffix("d")))

    def fits(self, mechanism: str) -> bool:
        """Tell whether it is meant for a mechanism."""
        return not self.mechanisms or mechanism in self.mechanisms


class Book(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data file: the templates, and when what follows an event is no longer offered."""

    event_lapses_after_days: int
    offers: list[Template]


@cache
def book() -> Book:
    """Return all templates, read once for each process.

    Raises:
        DataFileError: The file does not fit, or an entry hangs on both or neither of a rule and an event.
    """
    file = files("vigilancia.proceedings") / "data" / "tasks.yaml"
    found = parse(file.read_text("utf-8"), Book, name=file.name)
    for template in found.offers:
        if (template.rule is None) == (template.event is None):
            raise DataFileError(file.name, f"{template.code} hangs on both or neither of a rule and an event")
    return found
