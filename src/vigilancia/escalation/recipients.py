"""Whom a rung speaks to: contacts by audience, with the owner's desk standing in for whoever has no address."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, or_, select
from sqlalchemy.orm import aliased

from vigilancia.access import policy
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.core.work import Work
from vigilancia.escalation.ladder import Audience
from vigilancia.notices.addresses import email_of
from vigilancia.registry.models import ContactRow, OrganizationRow

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns


class Recipient(Struct, frozen=True):
    """A contact that gets a notice, and the language it is written in."""

    contact_id: UUID
    organization_id: UUID
    locale: str


class Reached(Struct, frozen=True, kw_only=True):
    """Who is spoken to, and which organisations should have been but have no address."""

    recipients: list[Recipient]
    unreachable: list[UUID]


class Addressees:
    """The address book of one batch: read with four statements, whatever the number of runs."""

    def __init__(
        self,
        cases: Mapping[UUID, _Line],
        linked: Mapping[UUID, list[UUID]],
        contacts: Sequence[_Line],
        locale: str,
    ) -> None:
        """Keep what was read.

        Args:
            cases: Owner, owner's parent and handler of each complaint.
            linked: Organisations of each complaint whose link gets alerts.
            contacts: All contacts that may be needed, with their organisation's language.
            locale: Where neither contact nor organisation chose one.
        """
        self._cases = cases
        self._linked = linked
        self._locale = locale
        self._by_id = {contact.id: contact for contact in contacts}
        self._by_organization: dict[UUID, list[_Line]] = defaultdict(list)
        for contact in contacts:
            self._by_organization[contact.organization_id].append(contact)

    def of(self, complaint_id: UUID, audiences: Iterable[Audience]) -> Reached:
        """Return whom one rung of one case speaks to; each contact once."""
        case = self._cases[complaint_id]
        chosen: dict[UUID, Recipient] = {}
        unreachable: list[UUID] = []
        for organization_id, found in self._wanted(case, set(audiences)):
            if not found:
                unreachable.append(organization_id)
            for contact in found or self._desks(case.owner_id, case.owner_id):
                locale = contact.locale or contact.organization_locale or self._locale
                chosen.setdefault(contact.id, Recipient(contact.id, contact.organization_id, locale))
        return Reached(recipients=list(chosen.values()), unreachable=unreachable)

    def _wanted(self, case: _Line, audiences: set[Audience]) -> list[tuple[UUID, list[_Line]]]:
        wanted: list[tuple[UUID, list[_Line]]] = []
        if "handler_or_desk" in audiences:
            handler = self._by_id.get(case.handler_id) if case.handler_id else None
            own = [handler] if handler is not None and email_of(handler.channels) else []
            wanted.append((case.owner_id, own or self._desks(case.owner_id, case.owner_id)))
        if "linked" in audiences:
            for organization_id in self._linked.get(case.id, []):
                desks = self._desks(organization_id, case.owner_id)
                wanted.append((organization_id, desks or self._reachable(organization_id, case.owner_id)[:1]))
        if "owner_parent_desk" in audiences and case.parent_id is not None:
            wanted.append((case.parent_id, self._desks(case.parent_id, case.owner_id)))
        return wanted or [(case.owner_id, self._desks(case.owner_id, case.owner_id))]

    def _desks(self, organization_id: UUID, keeper_id: UUID) -> list[_Line]:
        return [contact for contact in self._reachable(organization_id, keeper_id) if contact.desk]

    def _reachable(self, organization_id: UUID, keeper_id: UUID) -> list[_Line]:
        """Return contacts with an address, kept by the organisation itself or else by the case's owner.

        What a stranger recorded about an organisation never gets its mail: that would be a way to read along.
        """
        able = [contact for contact in self._by_organization[organization_id] if email_of(contact.channels)]
        own = [contact for contact in able if contact.owner_id == organization_id]
        return own or [contact for contact in able if contact.owner_id == keeper_id]


async def address_book(work: Work, complaint_ids: Iterable[UUID]) -> Addressees:
    """Read whom the runs of some complaints may speak to."""
    wanted = list(set(complaint_ids))
    owner = aliased(OrganizationRow)
    cases_query = (
        select(ComplaintRow.id, ComplaintRow.owner_id, ComplaintRow.handler_id, owner.parent_id)
        .join(owner, owner.id == ComplaintRow.owner_id)
        .where(ComplaintRow.id.in_(wanted))
    )
    cases = {row.id: row for row in await work.session.execute(cases_query)}
    links_query = (
        select(LinkRow.complaint_id, LinkRow.organization_id)
        .where(LinkRow.complaint_id.in_(wanted), policy.link_gets_alerts(LinkRow, work.now))
        .order_by(LinkRow.complaint_id, LinkRow.id)
    )
    linked: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await work.session.execute(links_query):
        if row.organization_id not in linked[row.complaint_id]:
            linked[row.complaint_id].append(row.organization_id)
    organizations = {organization_id for found in linked.values() for organization_id in found}
    handlers = set()
    for case in cases.values():
        organizations |= {case.owner_id, case.parent_id} - {None}
        handlers |= {case.handler_id} - {None}
    contacts_query = (
        select(
            ContactRow.id,
            ContactRow.organization_id,
            ContactRow.owner_id,
            ContactRow.desk,
            ContactRow.locale,
            ContactRow.channels,
            OrganizationRow.locale.label("organization_locale"),
        )
        .join(OrganizationRow, OrganizationRow.id == ContactRow.organization_id)
        .where(or_(ContactRow.organization_id.in_(organizations), ContactRow.id.in_(handlers)))
        .order_by(ContactRow.organization_id, ContactRow.id)
    )
    contacts = (await work.session.execute(contacts_query)).all()
    return Addressees(cases, linked, contacts, work.settings.locale)
