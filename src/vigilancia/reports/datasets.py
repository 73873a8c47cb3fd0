"""The data sets: which rows, which columns, in which order. CSV, JSON Lines and the dictionary all follow these."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, insert, literal, or_, select, true
from sqlalchemy.sql.dml import Insert

from vigilancia.access import walls
from vigilancia.access.pseudonyms import LENGTH, Pseudonyms
from vigilancia.complaints.models import ComplaintRow
from vigilancia.complaints.views import view_of
from vigilancia.core.identity import Caller
from vigilancia.core.work import Work
from vigilancia.notices.models import NoticeRow
from vigilancia.proceedings import sight
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.reports.columns import Column, Profile
from vigilancia.reports.columns_cases import complaint_columns, complaint_source
from vigilancia.reports.columns_days import deadline_columns, deadline_source, notice_columns, notice_source
from vigilancia.reports.filters import Filter, conditions
from vigilancia.reports.scratch import PICK

DatasetName = Literal["complaints", "deadlines", "notices"]
Format = Literal["csv", "jsonl"]

_COMPLAINT = ComplaintRow.__table__.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One data set.

    Attributes:
        name: As clients name it.
        scope: What a token needs besides `exports:create`.
        row: The table whose rows it has.
        seen: Makes the condition that a row exists for the caller.
        order: What the file is sorted by.
        source: Joins to the picked rows what the columns are read from.
        columns: Makes the columns, in the order of the file.
    """

    name: DatasetName
    scope: str
    row: Any
    seen: Callable[[Work], ColumnElement[bool]]
    order: tuple[ColumnElement[Any], ...]
    source: Callable[[Select[Any]], Select[Any]]
    columns: Callable[[Work], list[Column]]

    def in_profile(self, work: Work, profile: Profile) -> list[Column]:
        """Return the columns that files of a profile have."""
        return [column for column in self.columns(work) if column.stands_in(profile)]


def _of_ledger(work: Work) -> ColumnElement[bool]:
    """Return the condition of the ledger's own list: all notices of one's cases, of others' those to oneself."""
    if work.caller.is_system:
        return true()
    mine = work.caller.organization_id
    told = or_(NoticeRow.__table__.c.organization_id == mine, _COMPLAINT.owner_id == mine)
    return and_(told, walls.let_in(work.caller, _COMPLAINT.id))


DATASETS: Mapping[DatasetName, Dataset] = {
    "complaints": Dataset(
        name="complaints",
        scope="complaints:read",
        row=ComplaintRow,
        seen=sight.seen_by,
        order=(_COMPLAINT.received_on, _COMPLAINT.id),
        source=complaint_source,
        columns=complaint_columns,
    ),
    "deadlines": Dataset(
        name="deadlines",
        scope="complaints:read",
        row=DeadlineRow,
        seen=sight.seen_by,
        order=(DeadlineRow.__table__.c.due_on, DeadlineRow.__table__.c.id),
        source=deadline_source,
        columns=lambda work: deadline_columns(work.settings.base_url, work.now),
    ),
    "notices": Dataset(
        name="notices",
        scope="notices:read",
        row=NoticeRow,
        seen=_of_ledger,
        order=(NoticeRow.__table__.c.id,),
        source=notice_source,
        columns=lambda work: notice_columns(work.settings.base_url),
    ),
}


def as_profile(caller: Caller, profile: Profile) -> Caller:
    """Return as whom rows are read: the de-identified profile is what an analyst of the same organisation sees."""
    return replace(caller, role="analyst") if profile == "deidentified" else caller


def pick(work: Work, dataset: Dataset, chosen: Filter) -> Insert:
    """Return the statement that notes which rows the file has, how each is seen, and its case's pseudonym.

    Everything a user wrote reaches the database as a bound parameter of this statement.

    Args:
        work: Whose caller is the one the rows are read as.
        dataset: Of the file.
        chosen: Which of its rows are asked for.
    """
    row = dataset.row.__table__.c
    view = view_of(work.caller, sight.standing_of(work), _COMPLAINT.confidentiality)
    rows = (
        select(
            row.id,
            func.coalesce(view, "alerts").label("view"),  # one's own notices of a case one has left
            _pseudonym(work).label("pseudonym"),
        )
        .select_from(dataset.row)
        .where(dataset.seen(work), *conditions(work, chosen))
        .order_by(*dataset.order)
    )
    if dataset.row is not ComplaintRow:
        rows = rows.join(ComplaintRow, _COMPLAINT.id == row.complaint_id)
    return insert(PICK).from_select(["id", "view", "pseudonym"], rows)


def cases(dataset: Dataset) -> Select[Any]:
    """Return the query of the cases a file tells of, once its rows were noted: their ids, 16 bytes each, in one value.

    Nothing is made of each of them here, so that a large file costs no more memory than a small one.
    """
    row = dataset.row.__table__.c
    case_id = row.id if dataset.row is ComplaintRow else row.complaint_id
    found = (
        select(case_id.label("id")).join(PICK, PICK.c.id == row.id).where(case_id.is_not(None)).distinct().subquery()
    )
    return select(func.coalesce(func.string_agg(func.uuid_send(found.c.id), literal(b"")), literal(b"")))


def lines(work: Work, dataset: Dataset, profile: Profile, format_: Format) -> Select[Any]:
    """Return the query of the file's lines: cells for CSV, one JSON object a row for JSON Lines."""
    columns = dataset.in_profile(work, profile)
    typed = dataset.source(select(*(column.shown(profile).label(column.name) for column in columns)))
    row = typed.order_by(PICK.c.place).subquery("line")
    if format_ == "jsonl":
        return select(func.row_to_json(row.table_valued()))
    cells: list[Any] = [column.cell(row.c[column.name]).label(column.name) for column in columns]
    return select(*cells)


def _pseudonym(work: Work) -> ColumnElement[str]:
    """Return the SQL expression of a case's pseudonym, as `Pseudonyms.of_case` makes it."""
    digest = func.sha256(
        literal(Pseudonyms(work.keys).case_key).concat(func.convert_to(cast(_COMPLAINT.id, Text), "UTF8"))
    )
    return func.left(func.encode(digest, "hex"), LENGTH)
