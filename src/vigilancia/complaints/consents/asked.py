"""When a case is one in which consent is asked: what it holds decides, and later rooms say what of theirs counts."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_

# Each returns the condition that a case holds something of somebody, such as a named person. A room adds its own once,
# where it is imported: `held_things.append(lambda case_id: exists().where(PersonRow.complaint_id == case_id))`.
held_things: list[Callable[[UUID], ColumnElement[bool]]] = []


def holds_something(complaint_id: UUID) -> ColumnElement[bool]:
    """Return the condition that a case holds something of somebody who must be asked."""
    return or_(false(), *(condition(complaint_id) for condition in held_things))
