"""What the rounds share: contacts whose hour has come, and letters that are of no single case."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, select, update
from sqlalchemy.orm import InstrumentedAttribute

from vigilancia.core.work import Work
from vigilancia.notices.addresses import Way
from vigilancia.notices.rounds.figures import figures
from vigilancia.notices.service import Planned
from vigilancia.registry.models import ContactRow, OrganizationRow

Line = Row[*tuple[Any, ...]]  # a result of a query of several columns


async def lock(work: Work, condition: ColumnElement[bool] | InstrumentedAttribute[bool]) -> Sequence[Line]:
    """Lock one batch of contacts; rivals skip what is locked here."""
    query = (
        select(
            ContactRow.id,
            ContactRow.organization_id,
            ContactRow.locale,
            ContactRow.timezone,
            ContactRow.channels,
            ContactRow.channels_version,
            ContactRow.verified_by,
            ContactRow.unsubscribed_at,
            ContactRow.digest,
            ContactRow.digest_next_at,
            ContactRow.calm_next_at,
            OrganizationRow.locale.label("organization_locale"),
            OrganizationRow.timezone.label("organization_zone"),
        )
        .join(OrganizationRow, OrganizationRow.id == ContactRow.organization_id)
        .where(condition)
        .order_by(ContactRow.id)
        .limit(figures().batch)
        .with_for_update(of=ContactRow, skip_locked=True, key_share=True)
    )
    return (await work.session.execute(query)).all()


async def advance(work: Work, column: str, instants: Mapping[UUID, datetime | None]) -> None:
    """Write when each contact's hour comes next, with one statement."""
    table = ContactRow.__table__
    change = (
        update(table)  # type: ignore[arg-type]
        .where(table.c.id == bindparam("contact_id"))
        .values({column: bindparam("instant")})
    )
    connection = await work.session.connection()
    await connection.execute(
        change, [{"contact_id": contact_id, "instant": instant} for contact_id, instant in instants.items()]
    )


def letter(
    work: Work, contact: Line, way: Way, *, kind: str, revision: int, occasion: str, due_at: datetime
) -> Planned:
    """Return a letter to a contact that is of no single case, to go at once."""
    return Planned(
        kind=kind,
        subject_id=contact.id,
        complaint_id=None,
        run_id=None,
        revision=revision,
        rung=occasion,
        organization_id=contact.organization_id,
        contact_id=contact.id,
        channel=way.channel,
        place=way.place,
        locale=contact.locale or contact.organization_locale or work.settings.locale,
        due_at=due_at,
        late=False,
        at_once=True,
    )
