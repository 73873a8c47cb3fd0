"""A step of the sweep: addresses that nobody vouched for are asked, once, whether they belong to whom it seems."""

from sqlalchemy import update

from vigilancia.core.work import Work
from vigilancia.notices.addresses import EMAIL, all_ways
from vigilancia.notices.rounds.writing import letter, lock
from vigilancia.notices.service import put_all_once
from vigilancia.registry.models import ContactRow

OCCASION = "confirm"


async def ask_due(work: Work) -> int:
    """Ask one batch of contacts; where the installation asks nobody, only forget the mark.

    The unique key has each list of addresses asked once, however often it is recorded anew. Only a mailbox can answer.

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
    asked = []
    for contact in contacts if work.settings.confirm_addresses else []:
        mailbox = next((way for way in all_ways(contact.channels) if way.channel == EMAIL), None)
        if mailbox is not None and contact.verified_by is None:
            revision = contact.channels_version
            asked.append(
                letter(work, contact, mailbox, kind="confirm", revision=revision, occasion=OCCASION, due_at=work.now)
            )
    await put_all_once(work, asked)
    return len(contacts)
