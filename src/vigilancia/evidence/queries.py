"""Reading what is known of files; their bytes are another matter (`content.py`)."""

from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, select

from vigilancia.access import audit
from vigilancia.complaints.access import OpenComplaint
from vigilancia.core import i18n, vocabularies
from vigilancia.core.errors import FileMaskedError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work
from vigilancia.evidence import access, custody
from vigilancia.evidence.access import FILE
from vigilancia.evidence.schemas import FEW, CustodyEntry, Evidence, FileWarning, Metadata, Transcript

_SORTABLE: dict[str, ColumnElement[Any]] = {name: FILE[name] for name in ("id", "received_at", "updated_at")}
_SEALED = ("title", "source", "name")
# Of a file that the caller gets redacted copies of only; they point at whoever gave it, or at what it says.
_MASKED = (*_SEALED, "held_by", "obtained_on", "duration_seconds", "claimed_type", "size", "sha256", "checked_at")
_STORED = (
    *("id", "complaint_id", "original_id", "organization_id", "kind", "held_by", "language", "obtained_on"),
    *("duration_seconds", "media_type", "claimed_type", "size", "sha256", "metadata", "scan_status"),
    *("transcript_version", "checked_at", "state", "received_at", "version", "updated_at"),
)


async def list_page(work: Work, complaint_id: UUID, listing: Listing, *, kind: str | None) -> Page[Evidence]:
    """Read one page of the files of a case, originals and redacted copies, the oldest first.

    Raises:
        NotFoundError: For this caller the case has no files.
        BadParameterError: A sort that does not fit.
    """
    case = await access.open_files(work, complaint_id)
    query = select(*FILE).where(FILE.complaint_id == complaint_id)
    if kind is not None:
        query = query.where(any_of(FILE.kind, kind, "kind"))
    if listing.updated_since is not None:
        query = query.where(FILE.updated_at >= listing.updated_since)
    rows, following = await fetch_page(work.session, query, listing, sortable=_SORTABLE, default="received_at")
    copies = await _copies(work, [row.id for row in rows])
    return Page(items=[await _shape(work, case, row, copies.get(row.id, [])) for row in rows], next=following)


async def read(work: Work, complaint_id: UUID, file_id: UUID) -> Evidence:
    """Read what is known of one file.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    case = await access.open_files(work, complaint_id)
    row = await access.find(work, complaint_id, file_id)
    return await _shape(work, case, row, (await _copies(work, [row.id])).get(row.id, []))


async def log(work: Work, complaint_id: UUID, file_id: UUID, listing: Listing) -> Page[CustodyEntry]:
    """Read one page of a file's custody log, for whoever may have the file itself.

    Raises:
        NotFoundError: For this caller the file does not exist.
        FileMaskedError: The caller gets redacted copies only: who else has the original is not told either.
    """
    case = await access.open_files(work, complaint_id)
    row = await access.find(work, complaint_id, file_id)
    if access.copies_only(work, case, row):
        raise FileMaskedError
    return await custody.of_file(work, row.id, listing)


async def transcript(work: Work, complaint_id: UUID, file_id: UUID, purpose: str) -> Transcript:
    """Read the transcript of a file; the custody log says that it was read, and what for.

    Raises:
        NotFoundError: For this caller the file does not exist.
        FileMaskedError: The caller gets redacted copies only; a copy may have a transcript of its own.
    """
    case = await access.open_files(work, complaint_id)
    row = await access.find(work, complaint_id, file_id)
    if access.copies_only(work, case, row):
        raise FileMaskedError
    if row.transcript is not None:
        facts = {"version": row.transcript_version}
        await custody.note(work, row, "transcript_read", purpose=purpose, facts=facts)
        await audit.note(
            work, "read", "transcript", complaint_id=complaint_id, subject_id=row.id, why=purpose, facts=facts
        )
    return await transcript_of(work, row)


async def transcript_of(work: Work, row: Any) -> Transcript:  # noqa: ANN401 - a row of the table
    """Return the transcript that stands in a row."""
    words = await work.vault.open(row.complaint_id, row.transcript, field=f"evidence.transcript/{row.id}")
    return Transcript(file_id=row.id, text=words, language=row.transcript_language, version=row.transcript_version)


async def _copies(work: Work, originals: list[UUID]) -> dict[UUID, list[UUID]]:
    query = select(FILE.original_id, FILE.id).where(FILE.original_id.in_(originals), FILE.state == "kept")
    found: dict[UUID, list[UUID]] = {}
    for original, copy in await work.session.execute(query.order_by(FILE.received_at.desc(), FILE.id.desc())):
        found.setdefault(original, []).append(copy)
    return found


async def _shape(
    work: Work,
    case: OpenComplaint,
    row: Any,  # noqa: ANN401 - a row of the table
    copies: list[UUID],
) -> Evidence:
    masked = access.copies_only(work, case, row)
    told = {name: getattr(row, name) for name in _STORED}
    if masked:
        told |= dict.fromkeys(_MASKED)
    else:
        for name in _SEALED:
            sealed = getattr(row, name)
            told[name] = await work.vault.open(row.complaint_id, sealed, field=f"evidence.{name}/{row.id}")
    labels = (entry for entry in vocabularies.load()["evidence"].codes if entry.code == row.kind)
    return Evidence(
        masked=masked,
        copies=copies,
        label=next((str(getattr(entry.labels, work.locale)) for entry in labels), row.kind),
        intact=row.damaged_at is None,
        warnings=[] if masked else list(_warnings(work, row)),
        **told,
    )


def _warnings(work: Work, row: Any) -> Iterator[FileWarning]:  # noqa: ANN401 - a row of the table
    if row.held_by is not None and row.held_by <= FEW:
        code = "one_held_it" if row.held_by == 1 else "few_held_it"
        # `people`, not `count`: the words stand in the plural in all three languages.
        yield FileWarning(code=code, detail=i18n.t(f"evidence.warning.{code}", work.locale, people=row.held_by))
    if cast("Metadata", row.metadata) == "kept":
        yield _plain_warning(work, "metadata_kept")
    if row.claimed_type is not None:
        yield _plain_warning(work, "not_what_it_says")


def _plain_warning(work: Work, code: str) -> FileWarning:
    return FileWarning(code=code, detail=i18n.t(f"evidence.warning.{code}", work.locale))
