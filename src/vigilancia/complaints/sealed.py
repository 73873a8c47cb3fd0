"""What of a complaint is sealed under its own key: the narrative always, the summary unless the case is public.

A public summary stands in plain, since it is searched and copied out by the database itself. Rows of earlier releases
hold the summary in plain, and the narrative sealed by the key ring, until `core/sealing/earlier` has reached them or
somebody changes them; whatever is filled of the two was written last.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from vigilancia.core.work import Work

NARRATIVE = "narrative"  # the purpose under which the key ring sealed it in earlier releases
FIELDS = ("summary", "narrative")
PUBLIC = "public"


async def narrative_of(work: Work, row: Any) -> str | None:  # noqa: ANN401 - a mapped object or a row of its columns
    """Return the narrative of a complaint; none where it has none, or where it was erased.

    Raises:
        StoreError: The key store is away.
    """
    if row.narrative is not None:
        return work.keys.open(row.narrative, purpose=NARRATIVE, subject=str(row.id))
    return await work.vault.open(row.id, row.narrative_sealed, field=field("narrative", row.id))


async def summary_of(work: Work, row: Any) -> str | None:  # noqa: ANN401 - a mapped object or a row of its columns
    """Return the summary of a complaint; none where it has none, or where it was erased.

    Raises:
        StoreError: The key store is away.
    """
    if row.summary is not None:
        return str(row.summary)
    return await work.vault.open(row.id, row.summary_sealed, field=field("summary", row.id))


async def words_of(work: Work, row: Any) -> dict[str, str | None]:  # noqa: ANN401
    """Return both, as they stand now."""
    return {"summary": await summary_of(work, row), "narrative": await narrative_of(work, row)}


async def columns(
    work: Work, complaint_id: UUID, words: Mapping[str, str | None], *, confidentiality: str
) -> dict[str, Any]:
    """Return the columns that hold words of a complaint; whoever writes all of `FIELDS` writes `sealed` with them.

    Whoever changes `confidentiality` writes the summary anew by this, in the same transaction.

    Args:
        work: The transaction.
        complaint_id: Whose words.
        words: Summary, narrative, or both.
        confidentiality: As it will be.

    Raises:
        StoreError: The key store is away.
    """
    values: dict[str, Any] = {"sealed": True} if set(words) == set(FIELDS) else {}
    for name, text in words.items():
        plain = name == "summary" and confidentiality == PUBLIC
        hidden = (
            None
            if plain or text is None
            else await work.vault.seal(complaint_id, text, field=field(name, complaint_id))
        )
        values |= {name: text if plain else None, f"{name}_sealed": hidden}
    return values


def field(name: str, complaint_id: UUID) -> str:
    """Return where summary or narrative of a complaint stand, as part of what is sealed."""
    return f"complaint.{name}/{complaint_id}"
