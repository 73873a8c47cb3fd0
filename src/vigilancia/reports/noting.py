"""What of a finished export is noted in the audit: who took what out, what for, and which cases were in it."""

from collections.abc import Sequence
from uuid import UUID

from vigilancia.access import audit
from vigilancia.access.audit import Entry
from vigilancia.core.work import Work
from vigilancia.reports.models import ExportRow

_CASES = 1_000  # in one row


async def note_export(work: Work, row: ExportRow, cases: Sequence[UUID]) -> None:
    """Note a file that was made; the owner of each case in it finds that in the case's access log.

    Args:
        work: On behalf of who asked for it.
        row: The export, done.
        cases: The cases the file tells of.
    """
    facts = {
        "dataset": row.dataset,
        "format": row.format,
        "profile": row.profile,
        "filter": sorted(row.filter),  # which fields; what was looked for may be a name, and stands in the export alone
        "rows": row.rows,
        "bytes": row.bytes,
        "sha256": row.sha256,
        "count": len(cases),
    }
    await audit.note(work, "export", "export", subject_id=row.id, why=row.purpose, facts=facts)
    parts = [list(cases[place : place + _CASES]) for place in range(0, len(cases), _CASES)]
    await audit.note_all(
        work,
        [
            Entry(action="export", what="list", subject_id=row.id, shown=part, facts={"count": len(part)})
            for part in parts
        ],
    )
