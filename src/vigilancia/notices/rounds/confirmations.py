"""A step of the sweep: addresses that nobody vouched for are asked whether they belong to whom it seems."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, select, update

from vigilancia.core.work import Work
from vigilancia.notices.addresses import EMAIL, all_ways
from vigilancia.notices.models import NoticeRow
from vigilancia.notices.rounds.figures import figures
from vigilancia.notices.rounds.writing import Line, letter, lock
from vigilancia.notices.service import Planned, put_all_once
from vigilancia.registry.models import ContactRow

OCCASION = "confirm"
_Asked = Row[*tuple[Any, ...]]  # a result of a query of several columns


async def ask_due(work: Work) -> int:
    """Ask one batch of contacts; where the installation asks nobody, only forget the mark.

    Each list of addresses is asked once, however often it is recorded anew, and again only where the question failed
    or its link ran out. Only a mailbox can answer.

    Returns:
        How many contacts were looked at; 0 when none is left.
    """
    contacts = await lock(work, ContactRow.ask_pending)
    if not contacts:
        return 0
    await work.session.execute(
        update(ContactRow)
        .where(ContactRow.id.in_([contact.id for contact in contacts]))
        .values(ask_pending=False)
        .execution_options(synchronize_session=False)
    )
    wanting = [contact for contact in contacts if work.settings.confirm_addresses and contact.verified_by is None]
    before = await _asked(work, [contact.id for contact in wanting])
    questions = [
        _question(work, contact, before.get((contact.id, contact.channels_version), [])) for contact in wanting
    ]
    await put_all_once(work, [question for question in questions if question is not None])
    return len(contacts)


async def _asked(work: Work, contact_ids: Collection[UUID]) -> dict[tuple[UUID, int], list[_Asked]]:
    """Return the questions put so far, by contact and list of addresses, the oldest first."""
    if not contact_ids:
        return {}
    ledger = NoticeRow.__table__.c
    columns = (ledger.id, ledger.contact_id, ledger.revision, ledger.resend, ledger.status, ledger.planned_at)
    query = select(*columns).where(ledger.contact_id.in_(contact_ids), ledger.kind == "confirm")
    found: dict[tuple[UUID, int], list[_Asked]] = {}
    for row in await work.session.execute(query.order_by(ledger.resend)):
        found.setdefault((row.contact_id, row.revision), []).append(row)
    return found


def _question(work: Work, contact: Line, before: Sequence[_Asked]) -> Planned | None:
    mailbox = next((way for way in all_ways(contact.channels) if way.channel == EMAIL), None)
    if mailbox is None:
        return None
    revision = contact.channels_version
    made = letter(work, contact, mailbox, kind="confirm", revision=revision, occasion=OCCASION, due_at=work.now)
    if not before:
        return made
    last = before[-1]
    over = last.planned_at + timedelta(days=figures().confirm_days) <= work.now
    if not over and last.status != "failed":
        return None
    return msgspec.structs.replace(made, resend=last.resend + 1, after_id=last.id, after_why="resend")
