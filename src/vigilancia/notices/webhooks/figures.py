"""How webhooks are delivered, in figures: data of the package."""

import random
from datetime import timedelta
from functools import cache
from importlib.resources import files

from msgspec import Struct

from vigilancia.core.strictyaml import parse

_chance = random.SystemRandom()


class Figures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data/webhooks.yaml`, which says what each figure means."""

    backoff_seconds: list[int]
    jitter_percent: int
    give_up_hours: int
    in_flight: int
    slice_deliveries: int
    slice_seconds: int
    lease_seconds: int
    run_seconds: int
    tell_after_hours: int
    disable_after_hours: int
    run_gap_hours: int
    rotation_hours: int
    publish_batch: int
    replay_most: int
    keep_days: int
    endpoints_most: int
    secret_bytes: int

    def wait(self, tries: int) -> timedelta | None:
        """Return how long to wait after a number of failed tries, a little more or less by chance; none: give up."""
        if tries > len(self.backoff_seconds):
            return None
        share = _chance.uniform(-self.jitter_percent, self.jitter_percent) / 100
        return timedelta(seconds=self.backoff_seconds[tries - 1] * (1 + share))


@cache
def figures() -> Figures:
    """Return the figures, read once for each process.

    Raises:
        DataFileError: The file does not fit.
    """
    file = files(__package__) / "data" / "webhooks.yaml"
    return parse(file.read_text("utf-8"), Figures, name=file.name)
