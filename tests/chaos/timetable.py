"""What is killed when: decided before the run, by one seeded generator."""

from dataclasses import dataclass
from random import Random

from msgspec import Struct


class Plan(Struct, frozen=True, kw_only=True):
    """The size of a run.

    Attributes:
        seed: Decides everything that is left to chance.
        due: Notices that fall due.
        workers: Processes that deliver.
        beats: Processes that keep time.
        seconds: How long faults are made; afterwards only the clock is moved until every notice has ended.
        limit: Seconds after which the run ends, come what may.
        pace: Mean seconds the mail server takes for a message.
        waves: In how many parts the notices fall due.
        worker_kills: Kill -9 of a worker, which is started again.
        beat_kills: Of a beat.
        database_kills: Of the database.
        broker_kills: Of the broker, where it is ours.
        clock_moves: All workers killed at once and started with a later clock.
    """

    seed: int
    due: int
    workers: int = 4
    beats: int = 2
    seconds: float = 90
    limit: float = 240
    pace: float = 0.08
    waves: int = 4
    worker_kills: int = 12
    beat_kills: int = 3
    database_kills: int = 2
    broker_kills: int = 2
    clock_moves: int = 2


@dataclass(frozen=True, order=True)
class Event:
    """One entry.

    Attributes:
        at: Seconds after the start.
        what: `wave`, `worker`, `beat`, `database`, `broker` or `clock`.
        which: Of several.
        away: Seconds until it is started again.
    """

    at: float
    what: str
    which: int = 0
    away: float = 0.0


def timetable(plan: Plan, chance: Random) -> list[Event]:
    """Return the entries in order of time."""
    events = [Event(at=plan.seconds * 0.8 * wave / plan.waves, what="wave", which=wave) for wave in range(plan.waves)]
    kinds = {
        "worker": (plan.worker_kills, plan.workers, 3.0),
        "beat": (plan.beat_kills, plan.beats, 6.0),
        "database": (plan.database_kills, 1, 2.0),
        "broker": (plan.broker_kills, 1, 4.0),
        "clock": (plan.clock_moves, 1, 0.0),
    }
    for what, (count, pieces, away) in kinds.items():
        for turn in range(count):  # one in each part of the time: spread over it, and still by chance
            at = plan.seconds * (0.06 + 0.94 * (turn + chance.random()) / count)
            events.append(
                Event(at=at, what=what, which=chance.randrange(pieces), away=round(chance.uniform(0.1, away or 0.1), 2))
            )
    return sorted(events)
