"""The blind index of people: prints of names and ways to reach them, and their renewal after the keys were rotated."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from vigilancia.core.blind import blind
from vigilancia.core.crypto import KeyRing
from vigilancia.core.work import Work
from vigilancia.people import normal, words
from vigilancia.people.models import PersonRow
from vigilancia.people.schemas import PersonContact


def of_name(keys: KeyRing, name: str | None) -> bytes | None:
    """Return the print of a name under the newest key; none where nothing of it could be looked for."""
    form = normal.name(name or "")
    return blind(keys, "person.name", form)[0] if form else None


def of_contact(keys: KeyRing, lines: Iterable[PersonContact]) -> list[bytes]:
    """Return the prints of lines under the newest key, each once."""
    forms = ((line.kind, normal.contact(line.kind, line.value)) for line in lines)
    return sorted({blind(keys, f"person.{kind}", form)[0] for kind, form in forms if form})


def holds_name(keys: KeyRing, name: str) -> ColumnElement[bool]:
    """Return the condition that a row has this name, written under whichever key of the ring."""
    form = normal.name(name)
    return PersonRow.name_print.in_(blind(keys, "person.name", form) if form else [])


def holds_contact(keys: KeyRing, value: str) -> ColumnElement[bool]:
    """Return the condition that a row has this value among its lines, of whichever kind it may be."""
    wanted = [print_ for kind, form in normal.guesses(value).items() for print_ in blind(keys, f"person.{kind}", form)]
    overlap: ColumnElement[bool] = PersonRow.contact_prints.overlap(wanted)
    return overlap


async def ids_after(work: Work, after: UUID | None, limit: int) -> Sequence[UUID]:
    """Return the next people whose prints may want renewal, in the order of their ids."""
    query = select(PersonRow.id).where(PersonRow.removed_at.is_(None)).order_by(PersonRow.id).limit(limit)
    if after is not None:
        query = query.where(PersonRow.id > after)
    return (await work.session.scalars(query)).all()


async def renew(work: Work, person_id: UUID) -> bool:
    """Compute a row's prints anew from its words, under the newest key; what it says is not changed, nor its version.

    Args:
        work: Of the system, inside the rotation of the keys.
        person_id: The row; where it is gone or was emptied meanwhile, nothing is done.

    Returns:
        Whether the prints were others.

    Raises:
        StoreError: The key store is away.
    """
    query = select(PersonRow).where(PersonRow.id == person_id, PersonRow.removed_at.is_(None)).with_for_update()
    row = await work.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        return False
    fresh = {
        "name_print": of_name(work.keys, await words.open_text(work, row, "name")),
        "contact_prints": of_contact(work.keys, await words.open_contact(work, row)),
    }
    if all(getattr(row, column) == value for column, value in fresh.items()):
        return False
    await work.session.execute(
        update(PersonRow).where(PersonRow.id == person_id).values(**fresh).execution_options(synchronize_session=False)
    )
    return True
