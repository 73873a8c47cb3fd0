"""Reading exports: only those of the caller's own organisation, and only what its role and scopes may take home."""

from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select

from vigilancia.core.errors import ConflictError, Fault, GoneError, NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work
from vigilancia.reports import dictionary, places
from vigilancia.reports.datasets import DATASETS
from vigilancia.reports.models import ExportRow
from vigilancia.reports.schemas import Dictionary, Export

_EXPORT = ExportRow.__table__.c


async def read(work: Work, export_id: UUID) -> Export:
    """Read one export.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    query = select(*_EXPORT).where(_EXPORT.id == export_id, _seen(work))
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError
    return _export(work, row)


async def list_page(work: Work, listing: Listing, *, status: str | None, dataset: str | None) -> Page[Export]:
    """Read one page of the exports that exist for the caller, the newest first.

    Raises:
        BadParameterError: A sort does not fit.
    """
    query = select(*_EXPORT).where(_seen(work))
    if status is not None:
        query = query.where(any_of(_EXPORT.status, status, "status"))
    if dataset is not None:
        query = query.where(any_of(_EXPORT.dataset, dataset, "dataset"))
    if listing.updated_since is not None:
        query = query.where(_EXPORT.created_at >= listing.updated_since)
    sortable: dict[str, ColumnElement[Any]] = {"id": _EXPORT.id, "created_at": _EXPORT.created_at}
    rows, next_ = await fetch_page(work.session, query, listing, sortable=sortable, default="-created_at")
    return Page(items=[_export(work, row) for row in rows], next=next_)


async def columns(work: Work, export_id: UUID) -> Dictionary:
    """Return what the columns of an export mean.

    Raises:
        NotFoundError: For this caller there is no such export.
    """
    export = await read(work, export_id)
    return dictionary.of(work, DATASETS[export.dataset], export.profile, export.format)


async def file(work: Work, export_id: UUID) -> tuple[Export, Path]:
    """Return a finished export and where its file lies.

    Raises:
        NotFoundError: For this caller there is no such export.
        ConflictError: It is not done, or failed.
        GoneError: Its time is over.
    """
    export = await read(work, export_id)
    if export.status == "expired":
        raise GoneError
    if export.status != "done":
        raise ConflictError(faults=[Fault(pointer="/status", code="not_done", params={"status": export.status})])
    return export, places.file_of(work.settings.exports_dir, export.id, export.format)


def _seen(work: Work) -> ColumnElement[bool]:
    readable = [name for name, dataset in DATASETS.items() if dataset.scope in work.caller.scopes]
    own = and_(_EXPORT.organization_id == work.caller.organization_id, _EXPORT.dataset.in_(readable))
    return and_(own, _EXPORT.profile == "deidentified") if work.caller.role == "analyst" else own


def _export(work: Work, row: Any) -> Export:  # noqa: ANN401 - a row of the table
    over = row.status == "done" and row.expires_at <= work.now
    url = f"{work.settings.base_url}/v1/exports/{row.id}"
    return Export(
        id=row.id,
        status="expired" if over else row.status,
        file=f"{url}/file" if row.status == "done" and not over else None,
        columns=f"{url}/columns",
        **{name: getattr(row, name) for name in _AS_STORED},
    )


_AS_STORED = (
    "reason",
    "dataset",
    "format",
    "profile",
    "locale",
    "filter",
    "purpose",
    "rows",
    "bytes",
    "sha256",
    "created_at",
    "finished_at",
    "expires_at",
)
