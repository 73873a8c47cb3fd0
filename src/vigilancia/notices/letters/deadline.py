"""The letter about one rung of one deadline."""

from uuid import UUID

from vigilancia.core.work import Work
from vigilancia.notices import links
from vigilancia.notices.content import compose
from vigilancia.notices.facts import read_facts
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.letters.told import Told


async def read(work: Work, notice_id: UUID) -> Letter | None:
    """Return the letter; none when there is no such notice."""
    facts = await read_facts(work, notice_id)
    if facts is None:
        return None
    return Letter(
        notice_id=facts.notice_id,
        kind="deadline",
        channel=facts.channel,
        organization_id=facts.organization_id,
        contact_id=facts.contact_id,
        planned_at=facts.planned_at,
        status=facts.status,
        locale=facts.locale,
        address=facts.address,
        obstacle=facts.obstacle,
        thread=f"deadline-{facts.deadline_id}",
        content=compose(facts, facts.locale, work.now),
        link=links.acknowledge(work, facts.notice_id, facts.planned_at),
        due_on=facts.deadline.due_on,
    )


async def told(work: Work, notice_id: UUID) -> Told | None:
    """Return what the page of the notice shows; none when there is no such notice."""
    facts = await read_facts(work, notice_id)
    if facts is None:
        return None
    return Told(
        run_id=facts.run_id,
        organization_id=facts.organization_id,
        contact_id=facts.contact_id,
        locale=facts.locale,
        zone=facts.zone,
        entitled=facts.entitled,
        moved=facts.moved,
        ended="met" if facts.deadline.met else "void" if facts.deadline.void else None,
        words="notices.page",
        compose=lambda locale: compose(facts, locale, work.now),
    )
