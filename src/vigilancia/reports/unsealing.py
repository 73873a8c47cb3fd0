"""Opening sealed summaries of a file on their way from the database to the disk: COPY itself cannot.

The database writes, in place of a sealed summary, a mark with the complaint's id and the sealed bytes. The mark begins
with a word of this process's own that nobody outside can know, so that no title can pretend to be one.
"""

import asyncio
import csv
import io
import json
import re
import secrets
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Text, case, cast, func, literal

from vigilancia.complaints.models import ComplaintRow
from vigilancia.complaints.sealed import field
from vigilancia.core.vault import Vault

_ROW = ComplaintRow.__table__.c
_WORD = f"sealed{secrets.token_hex(16)}"
_MARK = re.compile(rf'"?{_WORD}:([0-9a-f-]{{36}}):([0-9a-f]+);"?'.encode())
# What a spreadsheet could take for a formula: the same as `csv_safe` of the database.
_FORMULA = re.compile(
    "[\\s\u0001-\u0020\u007f-\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]*"
    "[=+@|%\uff1d\uff0b\uff0d\uff20-]"
)

Sealed = tuple[UUID, bytes]
Open = Callable[[Sequence[Sealed]], Sequence[str | None]]


def summary() -> Any:  # noqa: ANN401 - an expression
    """Return the expression of a summary: in plain of public cases, else its mark."""
    mark = literal(f"{_WORD}:").concat(cast(_ROW.id, Text)).concat(":")
    mark = mark.concat(func.encode(_ROW.summary_sealed, "hex")).concat(";")
    return func.coalesce(_ROW.summary, case((_ROW.summary_sealed.is_not(None), mark)))


def opener(vault: Vault) -> Open:
    """Return what opens summaries from another thread while this loop runs; none where a case was erased."""
    loop = asyncio.get_running_loop()

    async def open_all(found: Sequence[Sealed]) -> Sequence[str | None]:
        await vault.warm([complaint_id for complaint_id, _ in found])
        return [await vault.open(id_, sealed, field=field("summary", id_)) for id_, sealed in found]

    return lambda found: asyncio.run_coroutine_threadsafe(open_all(found), loop).result()


def unsealed(lines: bytes, format_: str, open_: Open) -> bytes:
    """Return whole lines of a file with the summaries in place of their marks.

    Raises:
        StoreError: The key store is away.
        cryptography.exceptions.InvalidTag: A sealed summary was changed, or moved to another row.
    """
    found = [(UUID(id_.decode()), bytes.fromhex(sealed.decode())) for id_, sealed in _MARK.findall(lines)]
    if not found:
        return lines
    texts = iter(open_(found))
    write = _json if format_ == "jsonl" else _cell
    return _MARK.sub(lambda _: write(next(texts)).encode("utf-8", "replace"), lines)


def _json(text: str | None) -> str:
    return json.dumps(text, ensure_ascii=False)


def _cell(text: str | None) -> str:
    if text is None:
        return ""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="").writerow([f"'{text}" if _FORMULA.match(text) else text])
    return out.getvalue()
