"""What of a proceeding a caller is shown: everything, steps and dates only, or months.

Who sees a case at all is `access.policy`'s to say; here its views are laid over events and deadlines.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, overload
from uuid import UUID

from sqlalchemy import ColumnElement, Date, FromClause, and_, case, cast, func, or_, select
from sqlalchemy.sql import Select

from vigilancia.access import policy
from vigilancia.access.telling import month_of, month_only, start_of_month
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.work import Work

_WITHOUT_WORDS = ("alerts", "deidentified")
_INSIDE = ("full", "shared")
_CUT_STANDINGS = ("owner", "write", "read")  # in which an analyst sees months for days


def standing_of(work: Work) -> ColumnElement[str | None]:
    """Return the SQL expression of how the caller stands to the complaint of a row."""
    return policy.standing(
        work.caller,
        work.now,
        complaint_id=ComplaintRow.id,
        owner_id=ComplaintRow.owner_id,
        confidentiality=ComplaintRow.confidentiality,
    )


def seen_by(work: Work, linked: Sequence[UUID] | None = None) -> ColumnElement[bool]:
    """Return the condition that the complaint of a row exists for the caller; `linked` as for `policy.seen`."""
    return policy.seen(
        work.caller,
        work.now,
        complaint_id=ComplaintRow.id,
        owner_id=ComplaintRow.owner_id,
        confidentiality=ComplaintRow.confidentiality,
        linked=linked,
    )


async def linked(work: Work) -> Sequence[UUID]:
    """Return the complaints that links open to the caller."""
    return (await work.session.scalars(policy.linked_complaints(work.caller, work.now))).all()


def with_case(work: Work, source: FromClause, complaint_id: Any, *columns: Any) -> Select[Any]:  # noqa: ANN401 - columns
    """Return a select of columns with the reference of their complaint and how the caller stands to it.

    Args:
        work: On whose behalf, and when.
        source: The table or join the columns are of.
        complaint_id: Its column that names the complaint.
        columns: What is asked for.
    """
    return select_cases(work, *columns).select_from(source).join(ComplaintRow, ComplaintRow.id == complaint_id)


def select_cases(work: Work, *columns: Any) -> Select[Any]:  # noqa: ANN401 - any columns
    """Return a select of columns of complaints, with reference and standing."""
    return select(*columns, ComplaintRow.reference.label("reference"), standing_of(work).label("standing"))


def day_shown(work: Work, day: Any) -> Any:  # noqa: ANN401 - a date column in, a date expression out
    """Return the expression of a day as the caller is shown it, for filters and sorting: else they would tell it."""
    if work.caller.role != "analyst":
        return day
    inside = standing_of(work).in_(_CUT_STANDINGS)
    return case((inside, month(day)), else_=day)


def instant_shown(work: Work, instant_: Any) -> Any:  # noqa: ANN401 - an instant's column in, an expression out
    """Return the expression of an instant as the caller is shown it, to sort by: cursors hold what is sorted by."""
    if work.caller.role != "analyst":
        return instant_
    inside = standing_of(work).in_(_CUT_STANDINGS)
    return case((inside, func.date_trunc("month", instant_, "UTC", type_=instant_.type)), else_=instant_)


def changed_since(work: Work, instant_: Any, since: datetime) -> ColumnElement[bool]:  # noqa: ANN401 - a column
    """Return the condition of `updated_since`; de-identified rows answer for whole months, or asking would tell."""
    exact: ColumnElement[bool] = instant_ >= since
    if work.caller.role != "analyst":
        return exact
    return or_(exact, and_(standing_of(work).in_(_CUT_STANDINGS), instant_ >= start_of_month(since)))


def month(day: Any) -> ColumnElement[date]:  # noqa: ANN401 - a date column
    """Return the expression of the first day of a day's month."""
    return cast(month_only(day), Date)


def shows_words(view: policy.View) -> bool:
    """Tell whether notes, sources and who stated a thing are shown."""
    return view not in _WITHOUT_WORDS


def shows_mistakes(view: policy.View) -> bool:
    """Tell whether withdrawn events, and the words and reasons of earlier states, are shown."""
    return view in _INSIDE


def reference(view: policy.View, text: str) -> str | None:
    """Return a case's reference, which de-identified rows do not carry."""
    return None if view == "deidentified" else text


@overload
def cut(view: policy.View, day: date) -> date: ...
@overload
def cut(view: policy.View, day: date | None) -> date | None: ...
def cut(view: policy.View, day: date | None) -> date | None:
    """Return a day, or the first of its month in de-identified rows."""
    return month_of(day) if day is not None and view == "deidentified" else day


def instant(view: policy.View, moment: datetime) -> datetime:
    """Return an instant, or the start of its month in de-identified rows."""
    return start_of_month(moment) if view == "deidentified" else moment
