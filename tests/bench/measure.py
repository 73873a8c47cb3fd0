"""Measuring: contenders take turns in one run, so that a busy machine slows all of them alike; medians, and ratios."""

import statistics
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

import psutil

Contender = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Figure:
    """What one contender took."""

    name: str
    median: float  # seconds
    least: float


async def take_turns(contenders: dict[str, Contender], *, rounds: int, inner: int = 1) -> dict[str, Figure]:
    """Time contenders in turns.

    Args:
        contenders: By name; each is called `inner` times a round, and the time of one call is kept.
        rounds: How often each has its turn; the first is for warming up and not kept.
        inner: Calls in one turn.
    """
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(rounds + 1):
        for name, contender in contenders.items():
            begun = time.perf_counter()
            for _ in range(inner):
                await contender()
            if turn:
                taken[name].append((time.perf_counter() - begun) / inner)
    return {name: Figure(name, statistics.median(times), min(times)) for name, times in taken.items()}


def show(title: str, figures: dict[str, Figure], yardstick: str) -> None:
    """Print figures as times and as ratios to a yardstick."""
    print(f"\n{title}")  # noqa: T201
    for name, figure in figures.items():
        ratio = figure.median / figures[yardstick].median
        print(f"  {name:<48} {figure.median * 1000:10.3f} ms   {ratio:7.2f} x {yardstick}")  # noqa: T201


class Memory:
    """Peak memory of this process while a block runs, above what it held before, in MB."""

    def __init__(self) -> None:
        """Prepare."""
        self.peak = 0.0
        self._stop = threading.Event()

    def __enter__(self) -> Self:
        """Begin to watch."""
        process = psutil.Process()
        base = process.memory_info().rss

        def watch() -> None:
            while not self._stop.wait(0.005):
                self.peak = max(self.peak, (process.memory_info().rss - base) / 1e6)

        self._thread = threading.Thread(target=watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop watching."""
        self._stop.set()
        self._thread.join()
