"""The engine: dated events in; stage, next events, deadlines and warnings out. Pure, and deaf to the events' order."""

from collections.abc import Callable, Sequence
from datetime import datetime

from vigilancia.law.calendars import ONE_DAY, working_days
from vigilancia.law.clocks import clocks, hanging
from vigilancia.law.deadlines import deadline
from vigilancia.law.endings import Clock, Surroundings
from vigilancia.law.facts import Facts
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Closure, Deadline, Event, Outcome, Override, Silence, Suspension, Warning_
from vigilancia.law.oddities import about_clocks, about_extensions, about_order, about_statements
from vigilancia.law.rules import in_order
from vigilancia.law.stages import next_events, stage_of

Pair = tuple[Clock, Deadline]


def run(
    mechanism: Mechanism,
    events: Sequence[Event],
    *,
    closures: Sequence[Closure] = (),
    suspensions: Sequence[Suspension] = (),
    overrides: Sequence[Override] = (),
    as_of: datetime | None = None,
    speaks: Callable[[Deadline], bool] = lambda _: True,
) -> Outcome:
    """Work out what the events amount to under a mechanism.

    Args:
        mechanism: As the loader read it.
        events: All that stand recorded; their order does not matter.
        closures: Days off declared since the calendars were frozen.
        suspensions: Days on which time does not run.
        overrides: Days set by somebody with authority in place of computed ones; of several for one deadline the last.
        as_of: UTC. Where a last day has passed by then and silence counts as an event, that event is taken to have
            happened, as `deemed`, on the day after. None: nothing is taken to have happened.
        speaks: Whether silence on a deadline means anything: of what was recorded long afterwards it does not.

    Raises:
        UnknownEventError: An event of a type the mechanism does not name.
        CalendarHorizonError: A count runs past what a calendar or a table of sessions covers.
    """
    calendars = {
        name: working_days(calendar, mechanism.calendars, closures) for name, calendar in mechanism.calendars.items()
    }
    suspensions = sorted(suspensions, key=lambda each: (each.starts_on, each.basis))
    silences: list[Silence] = []
    while True:
        facts = Facts(mechanism, [*events, *(silence.event for silence in silences)])
        world = Surroundings(mechanism=mechanism, facts=facts, calendars=calendars, suspensions=suspensions)
        pairs, warnings = _pairs(world, overrides)
        heard = _heard(world, pairs, as_of, speaks) if as_of is not None else []
        known = {silence.event.id for silence in silences}
        more = [silence for silence in heard if silence.event.id not in known]
        if not more:
            return _outcome(world, pairs, warnings, silences)
        silences += more


def _pairs(world: Surroundings, overrides: Sequence[Override]) -> tuple[list[Pair], list[Warning_]]:
    """Compute every deadline; a rule that hangs on another comes after it."""
    found: dict[str, list[Pair]] = {}
    warnings: list[Warning_] = []
    for rule in in_order(world.mechanism.rules):
        if rule.hangs_on is None:
            running, refused = clocks(rule, world, overrides)
        else:
            running, refused = hanging(rule, found[rule.hangs_on], world, overrides)
        found[rule.id] = [(clock, deadline(clock, world)) for clock in running]
        warnings += refused
    return [pair for name in world.mechanism.rules for pair in found[name]], warnings


def _heard(
    world: Surroundings, pairs: Sequence[Pair], as_of: datetime, speaks: Callable[[Deadline], bool]
) -> list[Silence]:
    """Return the silences that can be heard by an instant."""
    found = []
    for clock, each in pairs:
        expiry = clock.rule.on_expiry
        if expiry is None or expiry.emits is None or each.met or each.void or as_of < each.closes_at:
            continue
        if speaks(each):
            name = f"deemed:{each.rule}:{each.trigger_event_id}"
            event = Event(id=name, type=expiry.emits, on=each.due_on + ONE_DAY, kind="deemed")
            labels = world.mechanism.events[expiry.emits].labels
            found.append(Silence(rule=each.rule, trigger_event_id=each.trigger_event_id, event=event, labels=labels))
    return found


def _outcome(
    world: Surroundings, pairs: Sequence[Pair], warnings: Sequence[Warning_], silences: list[Silence]
) -> Outcome:
    """Say what it all amounts to."""
    mechanism, facts = world.mechanism, world.facts
    said = [*warnings, *about_statements(mechanism, facts), *about_order(mechanism, facts)]
    said += [*about_clocks(pairs, facts), *about_extensions(mechanism, facts, [clock for clock, _ in pairs])]
    if not mechanism.active:
        said.insert(0, Warning_(code="inactive"))
    stage = stage_of(mechanism, facts)
    return Outcome(
        stage=stage,
        stage_labels=mechanism.stages[stage].labels,
        closed=mechanism.stages[stage].closed,
        next_events=next_events(mechanism, stage),
        deadlines=sorted((each for _, each in pairs), key=_by_day),
        warnings=[_of(mechanism, warning) for warning in said],
        silences=silences,
    )


def _by_day(each: Deadline) -> tuple[str, str, str]:
    return each.due_on.isoformat(), each.rule, each.trigger_event_id


def _of(mechanism: Mechanism, warning: Warning_) -> Warning_:
    """Say which mechanism a warning's codes belong to, so that its words can be found."""
    return Warning_(code=warning.code, params={"mechanism": mechanism.id, **warning.params})
