"""Figures the registry goes by: how like names must be, and how many must work at a place whose town is told."""

from functools import cache
from importlib.resources import files
from typing import Annotated

from msgspec import Meta, Struct

from vigilancia.core.strictyaml import parse


class Figures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data/figures.yaml`, which says what each figure means."""

    similar_from: Annotated[float, Meta(gt=0, le=1)]
    municipality_from_workforce: Annotated[int, Meta(ge=0)]


@cache
def figures() -> Figures:
    """Return the figures, read once for each process.

    Raises:
        DataFileError: The file does not fit.
    """
    file = files(__package__) / "data" / "figures.yaml"
    return parse(file.read_text("utf-8"), Figures, name=file.name)
