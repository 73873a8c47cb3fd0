"""Working through open proceedings whose rules or closures are no longer today's; what it costs follows their number.

What a closure cannot touch is passed over with one statement for thousands. All others are compared, a few hundred in
a transaction. What somebody else holds this moment is left for the next time.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true, tuple_, update

from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk, Work
from vigilancia.law import loader
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.rules import Rule
from vigilancia.proceedings import rulesets
from vigilancia.proceedings.circumstances import Act, Book, Circumstances, book, calendars_of, under
from vigilancia.proceedings.models import DeadlineRow, EventRow, ProceedingRow
from vigilancia.proceedings.proposals.examine import examine
from vigilancia.proceedings.values import SUPERSEDED, TRIGGER_WITHDRAWN

COMPARED = 250  # proceedings in one transaction
PASSED = 5_000
_PROCEEDING = ProceedingRow.__table__.c
_GONE = (TRIGGER_WITHDRAWN, SUPERSEDED)


async def propose(desk: Desk) -> None:
    """Store the package's rule sets, then bring every open proceeding up to them, or propose to.

    Any number may run at once, and each again: rows decide what is done.
    """
    async with desk.work(SYSTEM) as work:
        await rulesets.keep(work, loader.mechanisms().values())
        closures = await book(work)
    for mechanism in loader.mechanisms().values():
        world = under(mechanism, closures, closures.head)
        await _pass_over(desk, world, closures)
        for behind in _behind(world):
            await _compare(desk, world, closures, behind)


def _behind(world: Circumstances) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of what was not compared with these circumstances, each one range of an index."""
    seen, mark = _PROCEEDING.seen_digest, _PROCEEDING.seen_mark
    yield seen < world.pin.digest
    yield seen > world.pin.digest
    yield and_(seen == world.pin.digest, mark < world.pin.mark)


async def _compare(desk: Desk, world: Circumstances, closures: Book, behind: ColumnElement[bool]) -> None:
    """Go once through what is behind, batch by batch in the order of the index."""
    order = (_PROCEEDING.seen_digest, _PROCEEDING.seen_mark, _PROCEEDING.id)
    after: tuple[str, int, UUID] | None = None
    while True:
        further = tuple_(*order) > tuple_(*after) if after is not None else true()
        query = (
            select(*_PROCEEDING)
            .join(ComplaintRow, ComplaintRow.id == _PROCEEDING.complaint_id)
            .where(_PROCEEDING.mechanism == world.mechanism.id, behind, further, ComplaintRow.status != "closed")
            .order_by(*order)
            .limit(COMPARED)
            .with_for_update(of=[ComplaintRow, ProceedingRow.__table__], key_share=True, skip_locked=True)
        )
        async with desk.work(SYSTEM) as work:
            rows = (await work.session.execute(query)).all()
            if not rows:
                return
            await examine(work, rows, world, closures)
        after = (rows[-1].seen_digest, rows[-1].seen_mark, rows[-1].id)


async def _pass_over(desk: Desk, world: Circumstances, closures: Book) -> None:
    """Move the pins of proceedings under these rules that no newer closure can touch, closed ones too."""
    mine = and_(
        _PROCEEDING.mechanism == world.mechanism.id,
        _PROCEEDING.seen_digest == world.pin.digest,
        _PROCEEDING.rules_digest == world.pin.digest,
        _PROCEEDING.closures_mark == _PROCEEDING.seen_mark,  # nothing is proposed or was declined
    )
    async with desk.work(SYSTEM) as work:
        query = select(_PROCEEDING.seen_mark).where(mine, _PROCEEDING.seen_mark < world.pin.mark).distinct()
        marks = (await work.session.scalars(query)).all()
    for mark in marks:
        touched = _touched(world.mechanism, closures.between(mark, world.pin.mark))
        untouched = and_(mine, _PROCEEDING.seen_mark == mark, ~touched)
        after: UUID | None = None
        while True:
            async with desk.work(SYSTEM) as work:
                after = await _advance(work, world, untouched, after)
            if after is None:
                break


async def _advance(work: Work, world: Circumstances, untouched: ColumnElement[bool], after: UUID | None) -> UUID | None:
    """Move the pins of one batch; return the last of it, or nothing when none is left."""
    further = _PROCEEDING.id > after if after is not None else true()
    batch = (
        select(_PROCEEDING.id)
        .where(untouched, further)
        .order_by(_PROCEEDING.id)
        .limit(PASSED)
        .with_for_update(key_share=True, skip_locked=True)
        .cte("batch")
    )
    moved = (
        update(ProceedingRow)
        .where(ProceedingRow.id.in_(select(batch.c.id)))
        .values(closures_mark=world.pin.mark, seen_mark=world.pin.mark)
        .returning(ProceedingRow.id)
        .execution_options(synchronize_session=False)
    )
    return max(await work.session.scalars(moved), default=None)


def _touched(mechanism: Mechanism, acts: list[Act]) -> ColumnElement[bool]:
    """Return the condition that a closure lies on the way of some deadline of a proceeding, running or done.

    A count looks at days after its event, up to the latest of its readings. One that runs, or rolls, backwards, or that
    counts from another day than the event's, may look at any day.
    """
    calendars = calendars_of(mechanism)
    anywhere = {rule.id for rule in mechanism.rules.values() if _looks_anywhere(rule)}
    ways = [way for act in acts for way in _ways(act, calendars, anywhere)]
    return exists(
        select(true())
        .select_from(DeadlineRow)
        .join(EventRow, EventRow.id == DeadlineRow.trigger_event_id)
        .where(
            DeadlineRow.proceeding_id == _PROCEEDING.id,
            or_(DeadlineRow.void_reason.is_(None), DeadlineRow.void_reason.not_in(_GONE)),
            or_(false(), *ways),
        )
    )


def _looks_anywhere(rule: Rule) -> bool:
    back = any(each.roll.policy == "previous" or each.term.direction == "before" for each in rule.versions)
    return back or rule.hangs_on is not None or rule.counts_from != "on"


def _ways(act: Act, calendars: Mapping[str, frozenset[str]], anywhere: set[str]) -> Iterator[ColumnElement[bool]]:
    concerned = {rule for rule, names in calendars.items() if act.closure.calendar in names}
    on_the_way = and_(EventRow.on <= act.ends_on, DeadlineRow.latest_due_on >= act.starts_on)
    for rules, reached in ((sorted(concerned - anywhere), on_the_way), (sorted(concerned & anywhere), true())):
        if rules:
            yield and_(DeadlineRow.rule.in_(rules), reached)
