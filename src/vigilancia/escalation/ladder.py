"""Ladders: which rungs, whom each speaks to, which speak always. The default one is data of the package."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec

from vigilancia.core.strictyaml import parse
from vigilancia.notices import rungs

Audience = Literal["handler_or_desk", "linked", "owner_parent_desk"]


class Rung(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a ladder."""

    at: Annotated[str, msgspec.Meta(pattern=rungs.PATTERN)]  # days from the last day
    audiences: list[Audience]
    always: bool  # speaks although the recipient acknowledged


class Ladder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run freezes at its start: the rungs in their order, and the rules they are climbed by."""

    rungs: list[Rung]
    acknowledgement_hours: int
    acknowledgement_hours_most: int
    silent_after_days: int
    late_after_minutes: int


class Defaults(Ladder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data file: the default ladder, the natures that climb fewer rungs, and the size of a batch."""

    natures: dict[str, list[str]]
    batch: int


@cache
def defaults() -> Defaults:
    """Return the default ladder, read once for each process.

    Raises:
        DataFileError: The file does not fit.
    """
    file = files(__package__) / "data" / "default_ladder.yaml"
    return parse(file.read_text("utf-8"), Defaults, name=file.name)


def for_nature(nature: str, own: list[Rung] | None) -> Ladder:
    """Return the ladder of a deadline, its rungs in the order of time.

    Args:
        nature: Of the deadline; a floor climbs only the rungs the data names, whoever keeps the ladder.
        own: Rungs of the owner's policy; none: the default ones.
    """
    base = defaults()
    chosen = base.rungs if own is None else own
    if nature in base.natures:
        named = base.natures[nature]
        chosen = [rung for rung in chosen if rung.at in named] or [rung for rung in base.rungs if rung.at in named]
    return Ladder(
        rungs=sorted(chosen, key=lambda rung: rungs.offset(rung.at)),
        acknowledgement_hours=base.acknowledgement_hours,
        acknowledgement_hours_most=base.acknowledgement_hours_most,
        silent_after_days=base.silent_after_days,
        late_after_minutes=base.late_after_minutes,
    )
