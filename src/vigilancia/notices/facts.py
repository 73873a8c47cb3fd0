"""What is read before a notice is sent or shown, and what may stand in the way of it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import cast
from uuid import UUID

from msgspec import Struct
from sqlalchemy import and_, exists, select
from sqlalchemy.orm import aliased

from vigilancia.access import policy, walls
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.law.model import Confidence, Labels, Nature
from vigilancia.notices import rungs
from vigilancia.notices.addresses import ways
from vigilancia.notices.frozen import offsets_of
from vigilancia.notices.models import NoticeRow
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.registry.contacts import rounds
from vigilancia.registry.models import ContactRow, OrganizationRow


class Day(Struct, frozen=True, kw_only=True):
    """A deadline as it is now, with the law's words: all a notice may tell.

    Attributes:
        titles: What is to be done.
        actor_labels: By whom.
        side: Whose act it is: `government`, `panel` or `workers`.
        zone: Of the authority.
        provisional: The count hangs on an announcement.
        effect: What the text attaches to a last day gone by; none: nothing is known.
        effect_confidence: How sure that is.
    """

    titles: Labels
    actor_labels: Labels
    side: str
    nature: Nature
    due_on: date
    latest_due_on: date
    practice_on: date | None
    zone: str
    met: bool
    void: bool
    confidence: Confidence
    provisional: bool
    effect: Labels | None
    effect_confidence: Confidence | None


class Facts(Struct, frozen=True, kw_only=True):
    """A notice with the deadline as it is now and the way to its recipient; nothing of the complaint but its number.

    Attributes:
        notice_id: Of the notice.
        complaint_id: Of the case.
        deadline_id: Of the deadline.
        run_id: Of the ladder's run.
        organization_id: Whose contact it speaks to.
        contact_id: To whom.
        reference: The case's number for people.
        rung: Which step of the ladder.
        due_at: When the rung fell due, for the day the notice was planned for.
        planned_at: When it was planned.
        status: Of the notice.
        channel: By which it goes.
        locale: Of the recipient.
        address: Where to; none: there is none any more.
        zone: Of the recipient.
        entitled: Whether the recipient may still be told.
        deadline: As it is now.
        frozen: Calendar days from the last day of rungs that count working days, as the run counted them.
    """

    notice_id: UUID
    complaint_id: UUID
    deadline_id: UUID
    run_id: UUID
    organization_id: UUID
    contact_id: UUID
    reference: str
    rung: str
    due_at: datetime
    planned_at: datetime
    status: str
    channel: str
    locale: Locale
    address: str | None
    zone: str
    entitled: bool
    deadline: Day
    frozen: Mapping[str, int] = rungs.NOTHING_FROZEN

    @property
    def moved(self) -> bool:
        """Whether the day is another than the one the notice was planned for."""
        return rungs.instant(self.rung, self.deadline.due_on, self.deadline.zone, self.frozen) != self.due_at

    @property
    def obstacle(self) -> str | None:
        """Why it must not be sent now, as a code; none: send it."""
        reasons = {
            "met": self.deadline.met,
            "void": self.deadline.void,
            "superseded": self.moved,
            "no_access": not self.entitled,
            "no_address": self.address is None,
        }
        return next((reason for reason, holds in reasons.items() if holds), None)


async def read_facts(work: Work, notice_id: UUID) -> Facts | None:
    """Read a notice as it would be sent this moment, with one statement; none when there is no such notice.

    The recipient's right is asked anew: owner, its parent unless a conflict wall keeps it out, or a link that gets
    alerts now; the contact must not be walled off by name, and still be kept by that organisation or by the case's
    owner.
    """
    owner = aliased(OrganizationRow)
    told = exists().where(
        and_(
            LinkRow.complaint_id == NoticeRow.complaint_id,
            LinkRow.organization_id == NoticeRow.organization_id,
            policy.link_gets_alerts(LinkRow, work.now),
        )
    )
    query = (
        select(
            NoticeRow,
            DeadlineRow,
            ContactRow,
            ComplaintRow.reference,
            ComplaintRow.owner_id,
            OrganizationRow.timezone.label("organization_zone"),
            told.label("told"),
            walls.contact_let_in(NoticeRow.contact_id, NoticeRow.complaint_id).label("let_in"),
            and_(
                NoticeRow.organization_id == owner.parent_id,
                ~walls.organization_walled(NoticeRow.complaint_id, NoticeRow.organization_id),
            ).label("above"),
            offsets_of(NoticeRow.run_id).label("frozen"),
        )
        .join(DeadlineRow, DeadlineRow.id == NoticeRow.deadline_id)
        .join(ComplaintRow, ComplaintRow.id == NoticeRow.complaint_id)
        .join(owner, owner.id == ComplaintRow.owner_id)
        .join(ContactRow, ContactRow.id == NoticeRow.contact_id)
        .join(OrganizationRow, OrganizationRow.id == NoticeRow.organization_id)
        .where(NoticeRow.id == notice_id)
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        return None
    notice, deadline, contact = row.NoticeRow, row.DeadlineRow, row.ContactRow
    told_at_all = row.let_in and (row.told or row.above or notice.organization_id == row.owner_id)
    own_contact = contact.organization_id == notice.organization_id
    kept_well = contact.owner_id in (notice.organization_id, row.owner_id)
    return Facts(
        notice_id=notice.id,
        complaint_id=notice.complaint_id,
        deadline_id=notice.deadline_id,
        run_id=notice.run_id,
        organization_id=notice.organization_id,
        contact_id=notice.contact_id,
        reference=row.reference,
        rung=notice.rung,
        due_at=notice.due_at,
        planned_at=notice.planned_at,
        status=notice.status,
        channel=notice.channel,
        locale=notice.locale,
        address=_address(work, notice, contact),
        zone=rounds.zone_of(contact.timezone, row.organization_zone),
        entitled=told_at_all and own_contact and kept_well,
        deadline=_day(deadline),
        frozen=row.frozen or rungs.NOTHING_FROZEN,
    )


def _address(work: Work, notice: NoticeRow, contact: ContactRow) -> str | None:
    usable = ways(contact, confirmed_only=work.settings.confirm_addresses)
    return next((way.address for way in usable if (way.channel, way.place) == (notice.channel, notice.place)), None)


def _day(row: DeadlineRow) -> Day:
    """Return a deadline with the words of today's rule files; what they dropped is called by its id."""
    mechanism = loader.mechanism(row.mechanism)
    rule, actor = mechanism.rules.get(row.rule), mechanism.actors.get(row.actor)
    expiry = rule.on_expiry if rule else None
    return Day(
        titles=rule.titles if rule else dict.fromkeys(i18n.LOCALES, row.rule),
        actor_labels=actor.labels if actor else dict.fromkeys(i18n.LOCALES, row.actor),
        side=actor.side if actor else "government",
        nature=cast("Nature", row.nature),
        due_on=row.due_on,
        latest_due_on=row.latest_due_on,
        practice_on=row.practice_on,
        zone=row.zone,
        met=row.met,
        void=row.void,
        confidence=cast("Confidence", row.confidence),
        provisional=bool(row.computation.get("provisional")),
        effect=expiry.labels if expiry else None,
        effect_confidence=expiry.confidence if expiry else None,
    )
