"""What a column of an export is: its name, its type, who sees it, and how it is written in either format."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, null, true

from vigilancia.access import fields
from vigilancia.access.policy import View
from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.reports.scratch import PICK

ColumnType = Literal[
    "id", "url", "code", "codes", "text", "texts", "date", "month", "instant", "integer", "boolean", "objects"
]
Profile = Literal["deidentified", "full"]

EVERYONE: frozenset[str] = frozenset(get_args(View))

# Cells of these types can hold what people typed, or a sign such as the minus of a rung.
_WORDS = ("text", "texts", "objects")
_AS_TEXT = ("id", "url", "code", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a data set; the order of the columns is that of the file.

    Attributes:
        name: Stable; never reused for another meaning.
        type: How the value is written; the dictionary beside the file says so too.
        value: SQL expression of the raw value.
        file: The table of `access.fields` that says which views of a complaint show it.
        names_case: Whether it tells which complaint a row is about; de-identified files have it for public ones only.
        profiles: In which files it may stand at all.
    """

    name: str
    type: ColumnType
    value: Any
    file: str
    names_case: bool = False
    profiles: tuple[Profile, ...] = ("deidentified", "full")

    @property
    def views(self) -> frozenset[str]:
        """The views of a complaint that show it, be it coarsened."""
        return frozenset(view for view in EVERYONE if fields.shows(self.file, self.name, view))

    def stands_in(self, profile: Profile) -> bool:
        """Tell whether files of a profile have the column: de-identified ones only where some row may fill it."""
        filled = self.names_case or not self.views.isdisjoint(("deidentified", "public"))
        return profile in self.profiles and (profile == "full" or filled)

    def meaning(self, dataset: str, locale: Locale) -> str:
        """Return in a sentence what the column holds."""
        own = f"reports.columns.{dataset}.{self.name}"
        return i18n.t(own if i18n.has(own) else f"reports.columns.every.{self.name}", locale)

    def shown(self, profile: Profile) -> ColumnElement[Any]:
        """Return the value where the viewer of the row sees it, else null."""
        views = self.views
        if profile == "deidentified" and not self.names_case and "deidentified" not in views:
            views -= {"alerts"}  # who only gets alerts takes home no more than an analyst would
        by_view = true() if views == EVERYONE else PICK.c.view.in_(sorted(views))
        by_profile = PICK.c.view == "public" if self.names_case and profile == "deidentified" else true()
        seen = and_(by_view, by_profile)
        return self._written() if seen.compare(true()) else case((seen, self._written()), else_=null())

    def cell(self, value: ColumnElement[Any]) -> ColumnElement[str]:
        """Return how the value stands in a CSV cell: lists joined by `;`, objects as JSON, formulas disarmed."""
        joined = func.array_to_string(value, ";") if self.type in ("codes", "texts") else cast(value, Text)
        return func.public.csv_safe(joined) if self.type in _WORDS else joined

    def _written(self) -> ColumnElement[Any]:
        if self.type == "instant":
            return func.to_char(func.timezone("UTC", self.value), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        if self.type == "month":
            return func.to_char(self.value, "YYYY-MM")
        return cast(self.value, Text) if self.type in _AS_TEXT else self.value
