"""What happens each day: erased cases that came back go again, owners are warned, and what is due is erased."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from vigilancia.access import privacy
from vigilancia.complaints import timeline
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk, Work
from vigilancia.keeping import asking, due, facts
from vigilancia.keeping.counting import Term, term_of
from vigilancia.keeping.facts import Facts
from vigilancia.keeping.models import HoldRow, WarningRow
from vigilancia.keeping.rules import retention
from vigilancia.keeping.schemas import DueErasure

WARNED, REVIEW = "retention_warning", "hold_review_due"
_BATCH = 200


async def dry_run(desk: Desk) -> list[DueErasure]:
    """Return what `run` would erase now by rule; nothing is written."""
    async with desk.work(SYSTEM) as work:
        return await due.list_due(work, None)


async def run(desk: Desk) -> list[DueErasure]:
    """Warn, and begin to erase what is due; the erasures themselves are carried out by `erasing.work_off`.

    Each case has a transaction of its own, in which it is looked at again under its lock: a hold that was placed, or a
    case that was opened again, since the list was made wins.

    Returns:
        What is being erased, as the dry run told it.

    Raises:
        StoreError: The key store is away.
    """
    await erase_returned(desk)
    async with desk.work(SYSTEM) as work:
        await _remind_of_reviews(work)
    await warn(desk)
    async with desk.work(SYSTEM) as work:
        listed = await due.list_due(work, None)
        await _note_held(work)
    begun: list[DueErasure] = []
    for row in listed:
        if row.kept_with is None:
            async with desk.work(SYSTEM) as work:
                begun += await _begin(work, row.complaint_id)
    return begun


async def warn(desk: Desk) -> int:
    """Warn owners of what will be erased when the warning has had its time; return of how many cases."""
    async with desk.work(SYSTEM) as work:
        waiting = [
            (case, term)
            async for case, term in due.terms(work, None)
            if term.wants_warning(due.today_of(work, case), retention().warning_days)
        ]
    for start in range(0, len(waiting), _BATCH):
        async with desk.work(SYSTEM) as work:
            for case, term in waiting[start : start + _BATCH]:
                await _warn(work, case, term)
    return len(waiting)


async def erase_returned(desk: Desk) -> int:
    """Erase again the cases whose keys are destroyed and whose rows are there: an old backup brought them back.

    Returns:
        How many.

    Raises:
        StoreError: The key store is away.
    """
    gone = [complaint_id async for complaint_id in desk.vault.erased()]
    begun = 0
    for start in range(0, len(gone), _BATCH):
        async with desk.work(SYSTEM) as work:
            query = select(ComplaintRow.id, ComplaintRow.owner_id).where(
                ComplaintRow.id.in_(gone[start : start + _BATCH])
            )
            for row in (await work.session.execute(query)).all():
                begun += len(await asking.begin(work, [row.id], row.owner_id, cause="restored"))
    return begun


async def _begin(work: Work, complaint_id: UUID) -> list[DueErasure]:
    if await asking.lock(work, complaint_id) is None:
        return []
    case = await facts.of(work, complaint_id)
    if case is None:
        return []
    term = term_of(case, retention(), due.today_of(work, case))
    if term is None or not term.is_due(due.today_of(work, case)) or case.held:
        return []
    told = {"rule": term.rule.id, "rules_version": retention().version}
    rows = await due.rows_of(work, case, term)
    made = await asking.begin(work, [row.complaint_id for row in rows], case.owner_id, cause="retention", told=told)
    return [row for row in rows if row.complaint_id in made]


async def _warn(work: Work, case: Facts, term: Term) -> None:
    given = insert(WarningRow).values(
        complaint_id=case.complaint_id,
        counted_from=term.counted_from,
        organization_id=case.owner_id,
        rule=term.rule.id,
        warned_at=work.now,
        warned_on=due.today_of(work, case),
    )
    if await work.session.scalar(given.on_conflict_do_nothing().returning(WarningRow.complaint_id)) is None:
        return
    occasion = term.counted_from.isoformat()
    await privacy.raise_alert(
        work, case.owner_id, WARNED, case.complaint_id, complaint_id=case.complaint_id, occasion=occasion
    )
    after = {"rule": term.rule.id, "erase_on": term.erase_on}
    await timeline.note(work, case.complaint_id, "retention_warned", after=after)


async def _note_held(work: Work) -> None:
    """Note, once for each closing, that a hold keeps a case which would be erased."""
    async for case, term in due.terms(work, None):
        if not case.held or not term.is_due(due.today_of(work, case)):
            continue
        noted = await work.session.scalar(
            update(WarningRow)
            .where(
                WarningRow.complaint_id == case.complaint_id,
                WarningRow.counted_from == term.counted_from,
                WarningRow.hold_noted_at.is_(None),
            )
            .values(hold_noted_at=work.now)
            .returning(WarningRow.complaint_id)
            .execution_options(synchronize_session=False)
        )
        if noted is not None:
            await asking.refuse_held(work, case.complaint_id)


async def _remind_of_reviews(work: Work) -> None:
    """Tell owners of holds whose review is due; the hold goes on."""
    query = select(HoldRow.id, HoldRow.complaint_id, HoldRow.organization_id, HoldRow.review_on).where(
        HoldRow.released_at.is_(None), HoldRow.review_on <= work.today()
    )
    for row in (await work.session.execute(query)).all():
        occasion = row.review_on.isoformat()
        await privacy.raise_alert(
            work, row.organization_id, REVIEW, row.id, complaint_id=row.complaint_id, occasion=occasion
        )
