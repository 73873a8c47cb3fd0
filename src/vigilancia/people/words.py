"""The words about a person: sealed under the key of the case, each bound to its place."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from vigilancia.core.work import Work
from vigilancia.people.models import PersonRow
from vigilancia.people.schemas import PersonContact

Column = Literal["name", "contact", "contact_safe", "notes"]
COLUMNS: tuple[Column, ...] = ("name", "contact", "contact_safe", "notes")


async def seal(
    work: Work, complaint_id: UUID, person_id: UUID, column: Column, value: str | Sequence[PersonContact] | None
) -> bytes | None:
    """Seal one field; none where there is nothing to say.

    Raises:
        StoreError: The key store is away.
    """
    if not value:
        return None
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return await work.vault.seal(complaint_id, text, field=_field(column, person_id))


async def open_text(work: Work, row: PersonRow, column: Column) -> str | None:
    """Open one field; none where there is none, or where the case's key was destroyed.

    Raises:
        StoreError: The key store is away.
    """
    return await work.vault.open(row.complaint_id, getattr(row, column), field=_field(column, row.id))


async def open_contact(work: Work, row: PersonRow) -> list[PersonContact]:
    """Open the ways to reach a person; as for `open_text`."""
    text = await open_text(work, row, "contact")
    return msgspec.json.decode(text, type=list[PersonContact]) if text else []


def _field(column: Column, person_id: UUID) -> str:
    return f"person.{column}/{person_id}"
