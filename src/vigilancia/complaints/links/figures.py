"""Grants in figures: data of the package."""

from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated

from msgspec import Meta, Struct

from vigilancia.core.strictyaml import parse


class Figures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data/grants.yaml`, which says what each figure means."""

    days: Annotated[int, Meta(ge=1)]

    @property
    def life(self) -> timedelta:
        """How long a grant lasts where nobody says how long."""
        return timedelta(days=self.days)


@cache
def figures() -> Figures:
    """Return the figures, read once for each process.

    Raises:
        DataFileError: The file does not fit.
    """
    file = files(__package__) / "data" / "grants.yaml"
    return parse(file.read_text("utf-8"), Figures, name=file.name)
