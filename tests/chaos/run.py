"""One run on one broker: start everything, follow the timetable, move the clock until every notice has ended, count."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from pathlib import Path
from random import Random
from threading import Event as Bell

from tests.chaos import ledger, servers
from tests.chaos.result import Kill, Result, summary
from tests.chaos.servers import Server
from tests.chaos.sink import Sink, deck
from tests.chaos.sink import running as mail_server
from tests.chaos.timetable import Event, Plan, timetable
from tests.faults.installation import Installation, holds, installation
from tests.seeds import seed_deadlines
from vigilancia.core.broker import Waker
from vigilancia.core.jobs import Job

_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # what the first clock shows: no midnight, so no other rung, is near
_STEP = timedelta(seconds=150)  # a clock moved while faults are made: longer than a lease
_STILL = 4.0  # seconds after which a notice in hand is not being worked on
_STUCK = 40.0  # seconds without progress although there is something to do: longer than a mail server may hang


class Chaos:
    """A running installation and what was done to it."""

    def __init__(self, plan: Plan, made: Installation, broker: Server, say: Callable[[str], None]) -> None:
        """Take charge; nothing is started."""
        self._plan, self._made, self._broker, self._say = plan, made, broker, say
        self._begun = time.monotonic()
        self._moved = timedelta()
        self._start = _NOON - datetime.now(UTC)
        self._pause = Bell()
        self.kills: list[Kill] = []
        self._set_clock()

    def start(self) -> None:
        """Start workers and beats."""
        for name in self._names("worker"):
            self._made.run(name, "worker")
        for name in self._names("beat"):
            self._made.run(name, "beat")

    def follow(self, events: list[Event]) -> None:
        """Do what the timetable says, when it says so or, on a slow machine, as soon as possible."""
        self._begun = time.monotonic()
        agenda = list(events)
        heapify(agenda)
        while agenda:
            event = heappop(agenda)
            self._pause.wait(max(0.0, self._begun + event.at - time.monotonic()))
            back = self._do(event)
            if back is not None:
                heappush(agenda, back)

    def settle(self) -> None:
        """Move the clock until every notice has ended, or the time is over."""
        while True:
            self._wait_for_quiet()
            if holds(lambda: ledger.unended(self._made) == 0 and ledger.written(self._made) >= self._plan.due):
                return
            if self.seconds > self._plan.limit:
                self._say("the time is over")
                return
            step = ledger.until_all_due(self._made, self._now())
            if step is None:
                self._say("nothing is left to do, and not everything has ended")
                return
            self._move_clock(step + timedelta(seconds=1))

    @property
    def seconds(self) -> float:
        """How long the run has taken."""
        return time.monotonic() - self._begun

    def _now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._offset())

    def _offset(self) -> int:
        return int((self._start + self._moved).total_seconds())

    def _set_clock(self) -> None:
        self._made.set("VIGILANCIA_CLOCK_OFFSET", str(self._offset()))

    def _names(self, what: str) -> list[str]:
        return [f"{what} {number}" for number in range(getattr(self._plan, f"{what}s"))]

    def _do(self, event: Event) -> Event | None:
        """Do one thing; returns the entry that makes it good again, if that is another."""
        name = f"{event.what} {event.which}"
        begun = time.monotonic()
        match event.what:
            case "wave":
                self._wave(event.which)
            case "clock":
                self._move_clock(_STEP)
            case "database":
                self._made.kill_database()
                self._pause.wait(event.away)
                self._made.postgres.start()
                self._killed(event, begun)
            case "broker" if self._broker.restartable:
                self._broker.kill()
                self._killed(event, begun)
                return Event(at=self.seconds + event.away, what="broker back")
            case "broker back":
                self._broker.start()
            case "worker" | "beat" if name in self._made.processes:
                self._made.kill(name)
                self._killed(event, begun)
                return Event(at=self.seconds + event.away, what=f"{event.what} back", which=event.which)
            case "worker back" | "beat back":
                name = name.replace(" back", "")
                if name not in self._made.processes:
                    self._made.run(name, name.split()[0])
        return None

    def _killed(self, event: Event, begun: float) -> None:
        self.kills.append(Kill(what=event.what, begun=begun, ended=time.monotonic()))
        self._say(f"{self.seconds:6.1f} s  killed: {event.what} {event.which}")

    def _wave(self, number: int) -> None:
        """Let another part fall due, as events recorded meanwhile would, and wake the workers as the API does."""
        share = [self._plan.due * place // self._plan.waves for place in (number, number + 1)]
        due = share[1] - share[0]
        seed_deadlines(self._made.owner_url, now=self._now(), due=due, later=due // 4, planned=number % 2 == 1)
        waker = Waker(self._made.settings())
        waker(frozenset({Job.SWEEP}))
        waker.close()

    def _move_clock(self, step: timedelta) -> None:
        """Kill all workers and start them with a later clock: beside each other no two clocks may differ so much."""
        begun = time.monotonic()
        workers = self._names("worker")
        for name in workers:
            if name in self._made.processes:
                self._made.kill(name)
        self.kills.append(Kill(what="clock", begun=begun, ended=time.monotonic()))
        self._moved += step
        self._set_clock()
        self._say(f"{self.seconds:6.1f} s  clock moved by {step}, all workers killed")
        for name in workers:
            self._made.run(name, "worker")

    def _wait_for_quiet(self) -> None:
        """Wait until nothing can be begun, and what is in hand has not changed for a while: its worker is dead, or hung
        up on. A long stretch without any progress ends the wait too."""
        seen, since = (-1, -1), time.monotonic()
        while self.seconds < self._plan.limit:
            now = self._now()
            state = ledger.to_do(self._made, now), ledger.in_hand(self._made, now)
            if state != seen:
                seen, since = state, time.monotonic()
            still = time.monotonic() - since
            if state == (0, 0) or still > (_STUCK if state[0] else _STILL):
                if state[0]:
                    self._say(f"{self.seconds:6.1f} s  nothing moved for {still:.0f} s, {state[0]} to do")
                return
            self._pause.wait(0.2)


def run(broker: str, plan: Plan, folder: Path, say: Callable[[str], None]) -> Result:
    """Make one run.

    Args:
        broker: By its name in `tests.faults.brokers`.
        plan: How large, and the seed.
        folder: For logs.
        say: Told what happens.
    """
    chance = Random(plan.seed)  # noqa: S311 - the same choices for the same seed
    events = timetable(plan, chance)
    sink = Sink(deck(chance, plan.due), Random(chance.random()), pace=plan.pace)  # noqa: S311
    with (
        mail_server(sink) as smtp,
        servers.running(broker) as server,
        installation(folder, VIGILANCIA_SMTP_URL=smtp, VIGILANCIA_BROKER_URL=server.url) as made,
    ):
        chaos = Chaos(plan, made, server, say)
        chaos.start()
        chaos.follow(events)
        chaos.settle()
        seconds = chaos.seconds
        found = ledger.entries(made)
    return summary(
        broker,
        plan.due,
        found,
        sink.copies,
        chaos.kills,
        restarted=server.restartable,
        seconds=seconds,
        faults={fate.value: count for fate, count in sink.met.items()},
    )
