"""What a deadline is at an instant, as SQL: `law.status` once more, so that lists can filter and count by it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, literal, not_, or_

from vigilancia.proceedings.models import DeadlineRow

STATUSES = ("pending", "met", "met_late", "missed", "exceeded", "in_force", "void")
_FLOOR = "not_before"
_ANYWHERE = timedelta(days=3)  # no zone puts the close of a day that far from it
_A_DAY = timedelta(days=1)  # a floor is reached when its own day begins, which is a day before `closes_at`


def status_at(now: datetime, deadline: Any = DeadlineRow) -> ColumnElement[str]:  # noqa: ANN401 - a mapped class, an alias or a table's columns
    """Return the SQL expression of a deadline's status; a test holds it against `law.status` over a full grid.

    Args:
        now: Aware instant.
        deadline: What carries the columns, where it is not the table itself.
    """
    instant = literal(now)
    late = and_(deadline.nature != _FLOOR, deadline.met_on > deadline.due_on)
    return case(
        (and_(deadline.met, late), "met_late"),
        (deadline.met, "met"),
        (deadline.void, "void"),
        (and_(deadline.nature == _FLOOR, deadline.closes_at <= literal(now + _A_DAY)), "in_force"),
        (deadline.nature == _FLOOR, "pending"),
        (deadline.closes_at > instant, "pending"),
        (deadline.nature == "mandatory", "missed"),
        else_="exceeded",
    )


def status_is(now: datetime, wanted: Collection[str], deadline: Any = DeadlineRow) -> ColumnElement[bool]:  # noqa: ANN401
    """Return the condition that a deadline has one of several statuses, so written that the index on days serves it.

    Args:
        now: Aware instant.
        wanted: Statuses; the condition is false for none.
        deadline: What carries the columns, where it is not the table itself.
    """
    done = {"met": deadline.met, "met_late": deadline.met, "void": and_(deadline.void, not_(deadline.met))}
    open_ = and_(not_(deadline.met), not_(deadline.void))
    near = {
        "pending": and_(open_, deadline.due_on > (now - _ANYWHERE).date()),
        **dict.fromkeys(("missed", "exceeded", "in_force"), and_(open_, deadline.due_on < (now + _ANYWHERE).date())),
    }
    roughly = [{**done, **near}[status] for status in sorted(wanted)]
    return and_(or_(false(), *roughly), status_at(now, deadline).in_(wanted))
