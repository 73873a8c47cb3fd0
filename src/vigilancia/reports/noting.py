"""What of a finished export is noted in the audit: who took what out, what for, and which cases were in it."""

import base64

from vigilancia.access import audit
from vigilancia.access.audit import Entry
from vigilancia.core.work import Work
from vigilancia.reports.models import ExportRow

_ID_BYTES = 16
_IN_A_ROW = 50_000 * _ID_BYTES


async def note_export(work: Work, row: ExportRow, cases: bytes) -> None:
    """Note a file that was made; the owner of each case in it finds that in the case's access log.

    Args:
        work: On behalf of who asked for it.
        row: The export, done.
        cases: The cases the file tells of: ids, 16 bytes each.
    """
    facts = {
        "dataset": row.dataset,
        "format": row.format,
        "profile": row.profile,
        "filter": sorted(row.filter),  # which fields; what was looked for may be a name, and stands in the export alone
        "rows": row.rows,
        "bytes": row.bytes,
        "sha256": row.sha256,
        "count": len(cases) // _ID_BYTES,
    }
    await audit.note(work, "export", "export", subject_id=row.id, why=row.purpose, facts=facts)
    parts = [cases[place : place + _IN_A_ROW] for place in range(0, len(cases), _IN_A_ROW)]
    await audit.note_all(work, [_part(row, part) for part in parts])


def _part(row: ExportRow, cases: bytes) -> Entry:
    facts = {"count": len(cases) // _ID_BYTES}
    return Entry(action="export", what="list", subject_id=row.id, packed=base64.b64encode(cases).decode(), facts=facts)
