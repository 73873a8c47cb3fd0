"""How notices are delivered, in figures: data of the package."""

from datetime import timedelta
from functools import cache
from importlib.resources import files

from msgspec import Struct

from vigilancia.core.strictyaml import parse


class Schedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data/delivery.yaml`, which says what each figure means."""

    backoff_minutes: list[int]
    give_up_hours: int
    outage_pause_seconds: int
    open_seconds: int
    send_seconds: int
    lease_seconds: int
    run_seconds: int
    link_days: int
    overdue_minutes: int
    fallback_minutes: int
    calls_at_once: int
    call_seconds: int
    calls_stray_most: int

    def wait(self, tries: int) -> timedelta | None:
        """Return how long to wait after a number of tries that were refused for now; none: give up."""
        return timedelta(minutes=self.backoff_minutes[tries - 1]) if tries <= len(self.backoff_minutes) else None

    def falls_back(self, tries: int) -> bool:
        """Tell whether after a number of tries that were refused for now another way is to be taken."""
        return sum(self.backoff_minutes[: tries - 1]) >= self.fallback_minutes


@cache
def schedule() -> Schedule:
    """Return the figures, read once for each process.

    Raises:
        DataFileError: The file does not fit.
    """
    file = files(__package__) / "data" / "delivery.yaml"
    return parse(file.read_text("utf-8"), Schedule, name=file.name)
