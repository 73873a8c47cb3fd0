"""What crosses the wire of exports."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

from vigilancia.core.settings import Locale
from vigilancia.core.vocabularies import Labels
from vigilancia.reports.columns import ColumnType, Profile
from vigilancia.reports.datasets import DatasetName, Format

ExportStatus = Literal["queued", "running", "done", "failed", "expired"]


class ExportIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A data set to take home.

    Attributes:
        dataset: `complaints`, `deadlines` or `notices`.
        format: `csv` or `jsonl`.
        purpose: What it is for; kept with the export.
        filter: The filters of the data set's list, by the same names.
        profile: `deidentified` has no words and no names; `full` has what the caller may see of each row.
        locale: Language of titles; the caller's where none is given.
    """

    dataset: DatasetName
    format: Format
    purpose: Annotated[str, Meta(min_length=3, max_length=500)]
    filter: dict[str, Any] = field(default_factory=dict)
    profile: Profile = "deidentified"
    locale: Locale | None = None


class Export(Struct, frozen=True, kw_only=True):
    """An export and how far it is; `file` is where to fetch it once `status` is `done`."""

    id: UUID
    status: ExportStatus
    reason: str | None
    dataset: DatasetName
    format: Format
    profile: Profile
    locale: Locale
    filter: dict[str, Any]
    purpose: str
    rows: int | None
    bytes: int | None
    sha256: str | None
    file: str | None
    columns: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None


class ColumnMeaning(Struct, frozen=True, kw_only=True):
    """One column: its name in the file, how it is written, and what it means in three languages."""

    name: str
    type: ColumnType
    meaning: Labels


class Dictionary(Struct, frozen=True, kw_only=True):
    """The columns of an export, in the order of its file."""

    dataset: DatasetName
    format: Format
    profile: Profile
    columns: list[ColumnMeaning]
