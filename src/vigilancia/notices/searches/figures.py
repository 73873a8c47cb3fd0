"""Saved searches in figures: data of the package."""

from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated

from msgspec import Meta, Struct

from vigilancia.core.strictyaml import parse

_Count = Annotated[int, Meta(ge=1)]


class Figures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data/searches.yaml`, which says what each figure means."""

    every_seconds: _Count
    overlap_minutes: _Count
    batch: _Count
    most: _Count
    most_references: _Count

    @property
    def every(self) -> timedelta:
        """How often a search looks."""
        return timedelta(seconds=self.every_seconds)

    @property
    def overlap(self) -> timedelta:
        """How far back before its last look a search looks again."""
        return timedelta(minutes=self.overlap_minutes)


@cache
def figures() -> Figures:
    """Return the figures, read once for each process.

    Raises:
        DataFileError: The file does not fit.
    """
    file = files(__package__) / "data" / "searches.yaml"
    return parse(file.read_text("utf-8"), Figures, name=file.name)
