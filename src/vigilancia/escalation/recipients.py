"""Whom a rung speaks to: contacts by audience, and who stands in for whoever is away or has no address.

Each organisation is spoken to through one person or its desk. Who is away, or cannot be reached, is represented by the
deputy, then by the desk; an organisation that cannot be reached at all by the desk of the case's owner, and that is
said (`unreachable`). Of a task only the people of its own organisation are told.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select
from sqlalchemy.orm import aliased

from vigilancia.access import policy
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.core import clock
from vigilancia.core.work import Work
from vigilancia.escalation.ladder import Audience
from vigilancia.escalation.models import AssignmentRow
from vigilancia.notices.addresses import Way, ways
from vigilancia.registry.contacts import rounds
from vigilancia.registry.models import ContactRow, OrganizationRow

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns
_ROLES: Mapping[Audience, Collection[str]] = {
    "linked": (),  # every role
    "petitioners": ("petitioner", "co_petitioner", "challenger_union"),
    "representatives": ("representative",),
    "counsel": ("counsel",),
    "network": ("supporter",),
}
_PARENTS: Collection[Audience] = ("owner_parent_desk", "network")
_PERSONS: Collection[Audience] = ("handler_or_desk", "handler", "assignee")


class Recipient(Struct, frozen=True):
    """A contact that gets a notice, the way it goes, and the language it is written in."""

    contact_id: UUID
    organization_id: UUID
    locale: str
    channel: str
    place: int


class Reached(Struct, frozen=True, kw_only=True):
    """Who is spoken to, and which organisations should have been but cannot be reached."""

    recipients: list[Recipient]
    unreachable: list[UUID]


class Contacts:
    """The contacts of some organisations: who of them can be spoken to at an instant."""

    def __init__(self, contacts: Sequence[_Line], *, now: datetime, locale: str, confirmed_only: bool) -> None:
        """Keep what was read.

        Args:
            contacts: With their organisation's language and zone.
            now: At which instant they are away or not.
            locale: Where neither contact nor organisation chose one.
            confirmed_only: Whether addresses that nobody vouched for must not be told anything.
        """
        self._now = now
        self._locale = locale
        self._by_id = {contact.id: contact for contact in contacts}
        self._ways = {contact.id: ways(contact, confirmed_only=confirmed_only) for contact in contacts}
        self._by_organization: dict[UUID, list[_Line]] = defaultdict(list)
        for contact in contacts:
            self._by_organization[contact.organization_id].append(contact)

    def recipient(self, contact: _Line) -> Recipient:
        """Return a contact as the recipient of a notice, by its preferred way."""
        way: Way = self._ways[contact.id][0]
        locale = contact.locale or contact.organization_locale or self._locale
        return Recipient(contact.id, contact.organization_id, locale, way.channel, way.place)

    def person(self, contact_id: UUID | None, organization_id: UUID, keeper_id: UUID) -> list[_Line]:
        """Return a person of an organisation, or who represents it: its deputy, the deputy's deputy; none: nobody."""
        seen: set[UUID] = set()
        while contact_id is not None and contact_id not in seen:
            seen.add(contact_id)
            contact = self._by_id.get(contact_id)
            if contact is None or contact.organization_id != organization_id:
                return []
            if self._kept_well(contact, keeper_id) and self._ways[contact.id] and not self._is_away(contact):
                return [contact]
            contact_id = contact.deputy_id
        return []

    def desks(self, organization_id: UUID, keeper_id: UUID) -> list[_Line]:
        """Return the desks of an organisation, or who represents them."""
        return self._present([each for each in self._all(organization_id, keeper_id) if each.desk], keeper_id)

    def anybody(self, organization_id: UUID, keeper_id: UUID) -> list[_Line]:
        """Return the first contact of an organisation that can be spoken to, where it has no desk."""
        return self._present(self._all(organization_id, keeper_id), keeper_id)[:1]

    def away(self, organization_id: UUID, keeper_id: UUID) -> list[_Line]:
        """Return the desks of an organisation with an address, though they are away: better than telling nobody."""
        return [each for each in self._all(organization_id, keeper_id) if each.desk and self._ways[each.id]]

    def _present(self, wanted: Iterable[_Line], keeper_id: UUID) -> list[_Line]:
        found = {
            contact.id: contact for each in wanted for contact in self.person(each.id, each.organization_id, keeper_id)
        }
        return list(found.values())

    def _all(self, organization_id: UUID, keeper_id: UUID) -> list[_Line]:
        """Return contacts with an address, kept by the organisation itself or else by the case's owner.

        What a stranger recorded about an organisation never gets its mail: that would be a way to read along.
        """
        everybody = self._by_organization[organization_id]
        able = [each for each in everybody if self._ways[each.id] or each.deputy_id is not None]
        for keeper in (organization_id, keeper_id):
            found = [each for each in able if each.owner_id == keeper]
            if any(self._ways[each.id] for each in found):
                return found
        return []

    @staticmethod
    def _kept_well(contact: _Line, keeper_id: UUID) -> bool:
        return contact.owner_id in (contact.organization_id, keeper_id)

    def _is_away(self, contact: _Line) -> bool:
        zone = rounds.zone_of(contact.timezone, contact.organization_timezone)
        today = clock.local_date(self._now, zone)
        return any(
            date.fromisoformat(each["from"]) <= today
            and (each.get("until") is None or today <= date.fromisoformat(each["until"]))
            for each in contact.away
        )


class Addressees:
    """The address book of one batch: read with four statements, whatever the number of runs."""

    def __init__(
        self,
        cases: Mapping[UUID, _Line],
        linked: Mapping[UUID, Mapping[UUID, Collection[str]]],
        assigned: Mapping[UUID, Mapping[UUID, UUID]],
        contacts: Contacts,
    ) -> None:
        """Keep what was read.

        Args:
            cases: Owner, owner's parent and handler of each complaint.
            linked: Of each complaint the organisations whose link gets alerts, with the roles it does so in.
            assigned: Of each run who took it into their hands, by organisation.
            contacts: All that may be needed.
        """
        self._cases = cases
        self._linked = linked
        self._assigned = assigned
        self._contacts = contacts

    def of(self, run: Any, audiences: Iterable[Audience]) -> Reached:  # noqa: ANN401 - a row with the columns below
        """Return whom one rung speaks to; each contact once.

        Args:
            run: With `id`, `complaint_id`, `task_id`, and of a task `organization_id` and `contact_id`.
            audiences: Of the rung; none that applies: the owner's desk.
        """
        case = self._cases[run.complaint_id]
        if run.task_id is not None:
            return self._of_task(run, case, set(audiences))
        wanted = self._wanted(run, case, set(audiences))
        found: dict[UUID, _Line] = {}
        unreachable = [organization_id for organization_id, contacts in wanted.items() if not contacts]
        for contacts in wanted.values():
            for contact in contacts or self._instead(run, case):
                found.setdefault(contact.id, contact)
        return self._reached(found.values(), unreachable)

    def _reached(self, contacts: Iterable[_Line], unreachable: list[UUID]) -> Reached:
        return Reached(recipients=[self._contacts.recipient(each) for each in contacts], unreachable=unreachable)

    def _instead(self, run: Any, case: _Line) -> list[_Line]:  # noqa: ANN401
        """Return who hears what nobody of another organisation can: the owner's desk, even one that is away."""
        own = self._desk(run, case.owner_id, case)
        return own or self._contacts.away(case.owner_id, case.owner_id)

    def _of_task(self, run: Any, case: _Line, audiences: set[Audience]) -> Reached:  # noqa: ANN401
        """Return whom a rung of a task speaks to: its person, who took the run, or the desk of its organisation."""
        keeper = case.owner_id
        desks = self._contacts.desks(run.organization_id, keeper)
        assignee = self._assignee(run, run.organization_id, keeper)
        person = assignee or self._contacts.person(run.contact_id, run.organization_id, keeper)
        to_desk = "owner_desk" in audiences
        to_person = bool(audiences & set(_PERSONS)) or not to_desk
        wanted = [*((person or desks) if to_person else []), *(desks if to_desk else [])]
        found = {contact.id: contact for contact in wanted or person or desks}
        if not found:
            found = {contact.id: contact for contact in self._contacts.away(run.organization_id, keeper)}
        return self._reached(found.values(), [] if wanted else [run.organization_id])

    def _wanted(self, run: Any, case: _Line, audiences: set[Audience]) -> dict[UUID, list[_Line]]:  # noqa: ANN401
        """Return by organisation whom the audiences mean; an empty list: it cannot be reached."""
        wanted: dict[UUID, list[_Line]] = {}

        def add(organization_id: UUID, contacts: list[_Line]) -> None:
            wanted[organization_id] = [*wanted.get(organization_id, []), *contacts]

        owner = case.owner_id
        takers = self._assigned.get(run.id, {})
        at_hand = "handler_or_desk" in audiences or ("handler" in audiences and case.handler_id is not None)
        if at_hand or ("assignee" in audiences and (owner in takers or not set(takers) & set(self._told(case)))):
            add(owner, self._handler(run, case))
        if "owner_desk" in audiences:
            add(owner, self._desk(run, owner, case))
        roles = [_ROLES[audience] for audience in audiences if audience in _ROLES]
        for organization_id, held in self._told(case).items():
            taken = "assignee" in audiences and organization_id in takers
            if taken or any(not named or set(named) & set(held) for named in roles):
                add(organization_id, self._desk(run, organization_id, case, anybody=True))
        if audiences & set(_PARENTS) and case.parent_id is not None:
            add(case.parent_id, self._desk(run, case.parent_id, case))
        return wanted or {owner: self._desk(run, owner, case)}

    def _told(self, case: _Line) -> Mapping[UUID, Collection[str]]:
        return self._linked.get(case.id, {})

    def _handler(self, run: Any, case: _Line) -> list[_Line]:  # noqa: ANN401
        assignee = self._assignee(run, case.owner_id, case.owner_id)
        handler = self._contacts.person(case.handler_id, case.owner_id, case.owner_id)
        return assignee or handler or self._contacts.desks(case.owner_id, case.owner_id)

    def _desk(self, run: Any, organization_id: UUID, case: _Line, *, anybody: bool = False) -> list[_Line]:  # noqa: ANN401
        """Return who hears for an organisation: who took the run there, its desk, or anybody where that will do."""
        assignee = self._assignee(run, organization_id, case.owner_id)
        found = assignee or self._contacts.desks(organization_id, case.owner_id)
        return found or (self._contacts.anybody(organization_id, case.owner_id) if anybody else [])

    def _assignee(self, run: Any, organization_id: UUID, keeper_id: UUID) -> list[_Line]:  # noqa: ANN401
        taken = self._assigned.get(run.id, {}).get(organization_id)
        return self._contacts.person(taken, organization_id, keeper_id)


async def address_book(work: Work, runs: Sequence[Any]) -> Addressees:
    """Read whom some runs may speak to.

    Args:
        work: The transaction.
        runs: Rows with `id`, `complaint_id` and `organization_id`, that of a task.
    """
    complaint_ids = list({run.complaint_id for run in runs})
    owner = aliased(OrganizationRow)
    cases_query = (
        select(ComplaintRow.id, ComplaintRow.owner_id, ComplaintRow.handler_id, owner.parent_id)
        .join(owner, owner.id == ComplaintRow.owner_id)
        .where(ComplaintRow.id.in_(complaint_ids))
    )
    cases = {row.id: row for row in await work.session.execute(cases_query)}
    linked = await _linked(work, complaint_ids)
    organizations = {organization_id for found in linked.values() for organization_id in found}
    organizations |= {run.organization_id for run in runs} - {None}
    for case in cases.values():
        organizations |= {case.owner_id, case.parent_id} - {None}
    return Addressees(cases, linked, await _assigned(work, runs), await contacts_of(work, organizations))


async def _linked(work: Work, complaint_ids: list[UUID]) -> dict[UUID, dict[UUID, set[str]]]:
    query = (
        select(LinkRow.complaint_id, LinkRow.organization_id, LinkRow.role)
        .where(LinkRow.complaint_id.in_(complaint_ids), policy.link_gets_alerts(LinkRow, work.now))
        .order_by(LinkRow.complaint_id, LinkRow.id)
    )
    found: dict[UUID, dict[UUID, set[str]]] = defaultdict(dict)
    for row in await work.session.execute(query):
        found[row.complaint_id].setdefault(row.organization_id, set()).add(row.role)
    return found


async def _assigned(work: Work, runs: Sequence[Any]) -> dict[UUID, dict[UUID, UUID]]:
    query = select(AssignmentRow.run_id, AssignmentRow.organization_id, AssignmentRow.contact_id).where(
        AssignmentRow.run_id.in_([run.id for run in runs]), AssignmentRow.state == "accepted"
    )
    found: dict[UUID, dict[UUID, UUID]] = defaultdict(dict)
    for row in await work.session.execute(query):
        found[row.run_id][row.organization_id] = row.contact_id
    return found


async def contacts_of(work: Work, organization_ids: Collection[UUID]) -> Contacts:
    """Read the contacts of some organisations, with one statement."""
    query = (
        select(
            ContactRow.id,
            ContactRow.organization_id,
            ContactRow.owner_id,
            ContactRow.desk,
            ContactRow.locale,
            ContactRow.timezone,
            ContactRow.channels,
            ContactRow.verified_by,
            ContactRow.unsubscribed_at,
            ContactRow.away,
            ContactRow.deputy_id,
            OrganizationRow.locale.label("organization_locale"),
            OrganizationRow.timezone.label("organization_timezone"),
        )
        .join(OrganizationRow, OrganizationRow.id == ContactRow.organization_id)
        .where(ContactRow.organization_id.in_(organization_ids))
        .order_by(ContactRow.organization_id, ContactRow.id)
    )
    rows = (await work.session.execute(query)).all()
    return Contacts(rows, now=work.now, locale=work.settings.locale, confirmed_only=work.settings.confirm_addresses)
