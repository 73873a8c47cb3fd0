"""Reading tasks: all of a case for who reads the case in full, one's own across cases; nobody else sees any."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from vigilancia.complaints import views
from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core import sealing
from vigilancia.core.errors import BadParameterError, Fault, NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work
from vigilancia.proceedings import sight, words
from vigilancia.proceedings.tasks.models import TaskRow
from vigilancia.proceedings.tasks.schemas import STATES, Task, TaskFilters

_TASK = TaskRow.__table__.c
_SORTABLE: dict[str, ColumnElement[Any]] = {name: _TASK[name] for name in ("id", "due_on", "created_at", "updated_at")}


async def of_complaint(work: Work, complaint_id: UUID, listing: Listing, filters: TaskFilters) -> Page[Task]:
    """List the tasks of one case, the next due first; who does not read the case in full sees none.

    Raises:
        NotFoundError: For this caller the case does not exist.
        BadParameterError: A filter or a sort that does not fit.
    """
    await open_complaint(work, complaint_id, to="see")
    return await _page(work, _select(work).where(_TASK.complaint_id == complaint_id), listing, filters)


async def own(work: Work, listing: Listing, filters: TaskFilters) -> Page[Task]:
    """List the tasks of the caller's organisation in all the cases it reads, the next due first.

    Raises:
        BadParameterError: A filter or a sort that does not fit.
    """
    query = _select(work).where(_TASK.organization_id == work.caller.organization_id)
    return await _page(work, query, listing, filters)


async def read(work: Work, complaint_id: UUID, task_id: UUID) -> Task:
    """Read one task.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    query = _select(work).where(_TASK.complaint_id == complaint_id, _TASK.id == task_id)
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError
    return await _shape(work, row)


async def title_of(work: Work, row: Any) -> str | None:  # noqa: ANN401 - a mapped object or a row of its columns
    """Return a task's own words; none where it has none, or where the case was erased.

    Raises:
        StoreError: The key store is away.
    """
    said = await sealing.words_of(work.vault, row.complaint_id, place(row.id), row, ("title",))
    title: str | None = said["title"]
    return title


def place(task_id: UUID) -> str:
    """Return where the words of a task stand."""
    return sealing.place("complaint_task", task_id)


def _select(work: Work) -> Select[Any]:
    reads = views.in_views(work.caller, sight.standing_of(work), ComplaintRow.confidentiality, ("full", "shared"))
    return select(*_TASK).join(ComplaintRow, ComplaintRow.id == _TASK.complaint_id).where(reads)


async def _page(work: Work, query: Select[Any], listing: Listing, filters: TaskFilters) -> Page[Task]:
    query = query.where(*_conditions(filters))
    if listing.updated_since is not None:
        query = query.where(_TASK.updated_at >= listing.updated_since)
    rows, following = await fetch_page(work.session, query, listing, sortable=_SORTABLE, default="due_on")
    await work.vault.warm([row.complaint_id for row in rows if row.words is not None])
    return Page(items=[await _shape(work, row) for row in rows], next=following)


def _conditions(filters: TaskFilters) -> Iterator[ColumnElement[bool]]:
    if filters.state is not None:
        if any(state not in STATES for state in filters.state.split(",")):
            fault = Fault(pointer="?state", code="code", params={"vocabulary": ", ".join(STATES)})
            raise BadParameterError(faults=[fault])
        yield any_of(_TASK.state, filters.state, "state")
    if filters.contact_id is not None:
        yield any_of(_TASK.contact_id, filters.contact_id, "contact_id", UUID)
    before: date | None = filters.due_on_before
    if before is not None:
        yield _TASK.due_on < before
    if filters.due_on_after is not None:
        yield _TASK.due_on > filters.due_on_after


async def _shape(work: Work, row: Any) -> Task:  # noqa: ANN401 - a row of the query above
    fields = {name: getattr(row, name) for name in Task.__struct_fields__ if name != "label"}
    fields["title"] = await title_of(work, row)
    return Task(**fields, label=words.code_label("task", row.code, work.locale) or row.code)
