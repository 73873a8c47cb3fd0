"""Calendar feeds in figures: data of the package."""

from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated

from msgspec import Meta, Struct

from vigilancia.core.strictyaml import parse

_Count = Annotated[int, Meta(ge=1)]


class Figures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data/feeds.yaml`, which says what each figure means."""

    past_days: _Count
    cancelled_days: _Count
    refresh_hours: _Count
    alarm_days: _Count
    alarm_hour: Annotated[int, Meta(ge=0, le=23)]
    use_grain_minutes: _Count

    @property
    def alarm_trigger(self) -> timedelta:
        """From the midnight an entry's day begins with to its alarm; negative."""
        return timedelta(days=-self.alarm_days, hours=self.alarm_hour)


@cache
def figures() -> Figures:
    """Return the figures, read once for each process.

    Raises:
        DataFileError: The file does not fit.
    """
    file = files(__package__) / "data" / "feeds.yaml"
    return parse(file.read_text("utf-8"), Figures, name=file.name)
