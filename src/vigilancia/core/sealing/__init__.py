"""Words of a row, sealed together under the key of its complaint.

A table whose rows hold words about a case has one column `words`: a JSON object of them, sealed. Its plain columns of
the same names are empty, but for what earlier releases wrote and `earlier` has not reached yet; where one is filled it
was written last, and wins. What is sealed and what is not, and why: docs/encryption.md.

Here too: `earlier` (seals what earlier releases left), `rotation` (wraps everything under the newest master key),
`mark` (is this the key store the database was written with?), `orphans` (keys of complaints that never came to be).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from vigilancia.core.vault import Vault


def place(table: str, *row: object) -> str:
    """Return where the words of a row stand; part of what is sealed, so that they cannot be moved to another row.

    Args:
        table: Of the row.
        row: Its key.
    """
    return f"{table}.words/" + "/".join(str(part) for part in row)


async def hide(vault: Vault, complaint_id: UUID, where: str, words: Mapping[str, Any]) -> bytes | None:
    """Seal the words of a row; none where there are none.

    Args:
        vault: The keys of complaints.
        complaint_id: Whose key.
        where: As `place` says.
        words: By column; empty ones are left out.

    Raises:
        StoreError: The key store is away.
    """
    said = {name: value for name, value in words.items() if value is not None}
    if not said:
        return None
    return await vault.seal(complaint_id, msgspec.json.encode(said).decode(), field=where)


async def show(vault: Vault, complaint_id: UUID, where: str, sealed: bytes | None) -> dict[str, Any]:
    """Open the words of a row; empty where there are none, or where the complaint was erased.

    Raises:
        StoreError: The key store is away.
        cryptography.exceptions.InvalidTag: They were changed, or moved here.
    """
    text = await vault.open(complaint_id, sealed, field=where)
    return {} if text is None else dict(msgspec.json.decode(text))


async def words_of(
    vault: Vault,
    complaint_id: UUID,
    where: str,
    row: Any,  # noqa: ANN401 - a mapped object or a row of its columns
    names: Sequence[str],
) -> dict[str, Any]:
    """Return words of a row by column, from wherever they stand; none for those it does not have.

    Args:
        vault: The keys of complaints.
        complaint_id: Whose key.
        where: As `place` says.
        row: With a column `words`, and the columns asked for.
        names: Which.

    Raises:
        StoreError: The key store is away.
        cryptography.exceptions.InvalidTag: They were changed, or moved here.
    """
    said = await show(vault, complaint_id, where, row.words)
    plain = {name: getattr(row, name) for name in names}
    return {name: said.get(name) if value is None else value for name, value in plain.items()}
