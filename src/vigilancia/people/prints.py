"""The blind index of people: prints of names and ways to reach them, and their renewal after the keys were rotated."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

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


def key_of(keys: KeyRing, row: PersonRow) -> str | None:
    """Return the id of the key that fresh prints of a row are made under; none where it has no prints."""
    return keys.ids[0] if row.name_print is not None or row.contact_prints else None


async def counts(work: Work) -> Mapping[str, int]:
    """Return how many people each master key has made prints of, by its id."""
    query = select(PersonRow.print_key, func.count()).where(PersonRow.print_key.is_not(None))
    rows = await work.session.execute(query.group_by(PersonRow.print_key))
    return {str(key): number for key, number in rows}


async def due_after(work: Work, after: UUID | None, limit: int) -> Sequence[UUID]:
    """Return the next people whose prints were made under an older key, in the order of their ids."""
    query = select(PersonRow.id).where(PersonRow.print_key != work.keys.ids[0]).order_by(PersonRow.id).limit(limit)
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
    before = (row.name_print, row.contact_prints, row.print_key)
    row.name_print = of_name(work.keys, await words.open_text(work, row, "name"))
    row.contact_prints = of_contact(work.keys, await words.open_contact(work, row))
    row.print_key = key_of(work.keys, row)
    await work.session.flush()
    return before != (row.name_print, row.contact_prints, row.print_key)
