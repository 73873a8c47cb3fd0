"""The figures of the rounds: data of the package."""

from functools import cache
from importlib.resources import files

from msgspec import Struct

from vigilancia.core.strictyaml import parse


class Figures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data/rounds.yaml`, which says what each figure means."""

    batch: int
    ahead_days: int
    ahead_most: int
    silent_days: int
    stray_minutes: int
    confirm_days: int
    confirmed_by: str


@cache
def figures() -> Figures:
    """Return the figures, read once for each process.

    Raises:
        DataFileError: The file does not fit.
    """
    file = files("vigilancia.notices") / "data" / "rounds.yaml"
    return parse(file.read_text("utf-8"), Figures, name=file.name)
