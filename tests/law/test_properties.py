"""What holds whatever the events are."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from vigilancia.law import calendars as calendars_ready
from vigilancia.law.arithmetic import months_from, read, readings
from vigilancia.law.calendars import WorkingDays, together
from vigilancia.law.engine import run
from vigilancia.law.explain import explain, timeline, warning_text
from vigilancia.law.loader import calendars, mechanism
from vigilancia.law.model import Closure, Deadline, Event, EventKind, Suspension
from vigilancia.law.rules import Term, Unit, triggers
from vigilancia.law.texts import Locale

MECHANISM = mechanism("usmca-31a-us-mx")
CALENDARS = ("mx-lft", "us-federal", "us-federal-offices")
ONE_DAY = timedelta(days=1)
often = settings(max_examples=60, deadline=None)

days = st.dates(date(2020, 7, 1), date(2034, 6, 30))
kinds: st.SearchStrategy[EventKind] = st.sampled_from(["happened", "notified", "announced", "published", "deemed"])
counts = st.integers(1, 60)
calendar_names = st.sampled_from([*CALENDARS, "ca-federal"])


@st.composite
def event_lists(draw: st.DrawFn) -> list[Event]:
    """Any events in any order, close enough in time to meddle with one another."""
    start = draw(st.dates(date(2020, 1, 1), date(2033, 1, 1)))
    near = st.integers(0, 300).map(lambda after: start + timedelta(days=after))
    facts = draw(
        st.lists(
            st.tuples(
                st.sampled_from(sorted(MECHANISM.events)),
                near,
                kinds,
                st.none() | near,
                st.none() | st.sampled_from(sorted(MECHANISM.rules)),
            ),
            max_size=14,
        )
    )
    return [
        Event(id=str(number), type=type_, on=on, kind=kind, due_on=due_on, rule=rule)
        for number, (type_, on, kind, due_on, rule) in enumerate(facts)
    ]


suspensions = st.builds(
    lambda start, length, actors: Suspension(
        starts_on=start, ends_on=start + timedelta(days=length), basis="a pause", actors=actors
    ),
    st.dates(date(2020, 7, 1), date(2034, 1, 1)),
    st.integers(0, 60),
    st.just([]) | st.just(["mexico"]),
)


def working_days(*names: str, closures: tuple[Closure, ...] = ()) -> list[WorkingDays]:
    return [calendars_ready.working_days(calendars()[name], calendars(), closures) for name in names]


def term(count: int, unit: Unit) -> Term:
    return Term(unit=unit, count=count)


def by_rule(events: list[Event]) -> dict[tuple[str, str], Deadline]:
    return {(each.rule, each.trigger_event_id): each for each in run(MECHANISM, events).deadlines}


@often
@given(event_lists(), st.randoms(use_true_random=False), st.lists(suspensions, max_size=3))
def test_order_of_events_does_not_matter(events: list[Event], random: Random, pauses: list[Suspension]) -> None:
    shuffled, turned = list(events), list(pauses)
    random.shuffle(shuffled)
    random.shuffle(turned)
    assert run(MECHANISM, events, suspensions=pauses) == run(MECHANISM, shuffled, suspensions=turned)


@often
@given(event_lists())
def test_every_outcome_is_consistent(events: list[Event]) -> None:
    outcome = run(MECHANISM, events)
    keys = [(each.rule, each.trigger_event_id) for each in outcome.deadlines]
    assert len(keys) == len(set(keys))
    for each in outcome.deadlines:
        assert each.due_on <= each.latest_due_on
        assert not (each.met and each.void)
        assert each.void == (each.void_reason is not None)
        assert each.met or each.met_on is None
        assert each.closes_at.tzinfo is UTC
        midnight = datetime.combine(each.due_on + ONE_DAY, time(), UTC)
        assert timedelta(hours=4) <= each.closes_at - midnight <= timedelta(hours=6)
        assert each.citation


@often
@given(event_lists(), st.sampled_from(["es", "en", "fr"]), days)
def test_every_outcome_can_be_told_in_every_language(events: list[Event], locale: Locale, as_of: date) -> None:
    outcome = run(MECHANISM, events)
    told = [line for each in outcome.deadlines for line in explain(each, locale)]
    told += [warning_text(each, locale) for each in outcome.warnings]
    told += [warning_text(warning, locale) for each in outcome.deadlines for warning in each.warnings]
    assert not [line for line in told if "{" in line or "_" in line or not line.strip()]
    assert max(len(line) for line in timeline(outcome, locale, as_of).splitlines()) <= 80


@often
@given(event_lists(), days)
def test_fact_without_a_clock_changes_no_deadline(events: list[Event], day: date) -> None:
    fact = Event(id="fact", type="company_undertaking", on=day)
    assert by_rule(events) == by_rule([*events, fact])


@often
@given(days, days, st.sampled_from(sorted(MECHANISM.rules)), kinds)
def test_later_trigger_never_gives_an_earlier_day(one: date, other: date, rule: str, kind: EventKind) -> None:
    [trigger] = triggers(MECHANISM.rules[rule])
    found = []
    for day in sorted((one, other)):
        events = [Event(id="1", type=trigger, on=day, kind=kind, due_on=day)]
        found.append(
            [(each.due_on, each.latest_due_on) for each in run(MECHANISM, events).deadlines if each.rule == rule]
        )
    for earlier, later in zip(*found, strict=True):
        assert earlier[0] <= later[0]
        assert earlier[1] <= later[1]


@often
@given(days, counts, calendar_names)
def test_business_days_end_on_a_working_day_after_exactly_as_many(start: date, count: int, name: str) -> None:
    [calendar] = working_days(name)
    due = read(start, term=term(count, "business_days"), roll="none", days=together((calendar,))).due
    walked = [start + timedelta(days=step) for step in range(1, (due - start).days + 1)]
    assert sum(calendar.day_off(day) is None for day in walked) == count
    assert calendar.day_off(due) is None


@often
@given(days, counts)
def test_latest_reading_is_a_working_day_everywhere(start: date, count: int) -> None:
    all_of_them = working_days(*CALENDARS)
    found = readings(start, term=term(count, "business_days"), roll="none", calendars=all_of_them)
    assert [calendar.day_off(found.latest.due) for calendar in all_of_them] == [None, None, None]
    assert found.earliest.due == min(reading.due for reading in found.each)


@often
@given(days, counts, calendar_names)
def test_calendar_days_are_all_counted(start: date, count: int, name: str) -> None:
    reading = read(start, term=term(count, "calendar_days"), roll="next", days=together(tuple(working_days(name))))
    assert reading.raw == start + timedelta(days=count)
    assert [skipped.on for skipped in reading.skipped] == [
        reading.raw + timedelta(days=step) for step in range((reading.due - reading.raw).days)
    ]


@often
@given(days, counts, st.sampled_from(["calendar_days", "business_days"]), st.lists(st.integers(0, 120), max_size=6))
def test_more_days_off_never_make_a_day_earlier(start: date, count: int, unit: Unit, offsets: list[int]) -> None:
    closures = tuple(
        Closure(
            calendar="us-federal", starts_on=start + timedelta(days=offset), ends_on=start + timedelta(days=offset + 2)
        )
        for offset in offsets
    )
    before = readings(start, term=term(count, unit), roll="next", calendars=working_days(*CALENDARS))
    after = readings(start, term=term(count, unit), roll="next", calendars=working_days(*CALENDARS, closures=closures))
    assert before.earliest.due <= after.earliest.due
    assert before.latest.due <= after.latest.due


@often
@given(days, st.lists(suspensions, max_size=4))
def test_suspensions_never_make_a_day_earlier(day: date, pauses: list[Suspension]) -> None:
    events = [Event(id="1", type="review_requested", on=day)]
    free = {each.rule: each.due_on for each in run(MECHANISM, events).deadlines}
    tolled = {each.rule: each.due_on for each in run(MECHANISM, events, suspensions=pauses).deadlines}
    assert all(free[rule] <= tolled[rule] for rule in free)


@often
@given(event_lists(), days)
def test_announcement_of_what_is_known_moves_no_clock(events: list[Event], day: date) -> None:
    anew = MECHANISM.events["review_requested"].reopened_by  # behind one of these it is news of another request
    events = [event for event in events if event.type not in anew]
    known = Event(id="known", type="review_requested", on=date(2021, 1, 4))
    told = Event(id="told", type="review_requested", on=day, kind="announced")
    before, after = by_rule([*events, known]), by_rule([*events, known, told])
    assert {key: each.due_on for key, each in before.items()} == {key: each.due_on for key, each in after.items()}


@often
@given(days, counts, calendar_names, st.sampled_from(["business_days", "calendar_days"]))
def test_looking_a_day_up_and_walking_to_it_agree(start: date, count: int, name: str, unit: Unit) -> None:
    """A pause that ended before the count began changes nothing but the way the count is made."""
    ready = together(tuple(working_days(name)))
    long_ago = Suspension(starts_on=date(2020, 1, 1), ends_on=date(2020, 1, 2), basis="a pause")
    looked_up = read(start, term=term(count, unit), roll="none", days=ready)
    walked = read(start, term=term(count, unit), roll="none", days=ready, suspensions=[long_ago])
    assert looked_up == walked


@often
@given(days, counts, calendar_names, st.sampled_from(["business_days", "calendar_days"]))
def test_counting_back_and_forth_ends_on_the_same_day(start: date, count: int, name: str, unit: Unit) -> None:
    ready = together(tuple(working_days(name)))
    there = read(start, term=term(count, unit), roll="none", days=ready).due
    back = Term(unit=unit, count=count, direction="before")
    again = read(there, term=back, roll="none", days=ready).due
    if unit == "calendar_days":
        assert again == start
    assert again <= start
    assert all(ready.why_off(again + timedelta(days=number)) for number in range(1, (start - again).days + 1))


@often
@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(1, 24))
def test_months_end_on_the_same_day_or_on_the_last_of_a_shorter_month(start: date, count: int) -> None:
    end = months_from(start, count)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == count
    assert end.day == start.day or (end + ONE_DAY).day == 1
    assert end.day <= start.day
