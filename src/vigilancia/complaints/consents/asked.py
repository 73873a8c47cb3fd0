"""When a case is one in which consent is asked: what it holds decides, and later rooms say what of theirs counts."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_

from vigilancia.core.work import Work

# Each returns the condition that a case holds something of somebody, such as a named person; later rooms add their own
# in their `answers.py`.
held_things: list[Callable[[UUID], ColumnElement[bool]]] = []

# Each tells whether a person is one of a case.
known_people: list[Callable[[Work, UUID, UUID], Awaitable[bool]]] = []


def holds_something(complaint_id: UUID) -> ColumnElement[bool]:
    """Return the condition that a case holds something of somebody who must be asked."""
    return or_(false(), *(condition(complaint_id) for condition in held_things))


async def is_person_of(work: Work, complaint_id: UUID, person_id: UUID) -> bool:
    """Tell whether a person is one of a case."""
    for knows in known_people:
        if await knows(work, complaint_id, person_id):
            return True
    return False
