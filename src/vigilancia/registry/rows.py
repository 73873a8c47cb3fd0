"""What services and queries of the registry share: holding a row for a change, deleting, and rows as answers."""

from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Delete, Row, Select
from sqlalchemy.exc import IntegrityError

from vigilancia.access import policy
from vigilancia.core.errors import ConflictError, Fault, ForbiddenError, NotFoundError
from vigilancia.core.http import require_version
from vigilancia.core.work import Work

_FOREIGN_KEY_VIOLATION = "23503"

T = TypeVar("T")


def keeper(work: Work) -> UUID:
    """Return the organisation that will keep what is recorded now.

    Raises:
        ForbiddenError: The system itself acts, which keeps no records.
    """
    if work.caller.organization_id is None:
        raise ForbiddenError
    return work.caller.organization_id


async def hold(work: Work, query: Select[*tuple[Any, ...]], expected: int, *, subject: str | None = None) -> Row[Any]:
    """Lock the one row a change is about.

    Args:
        work: The transaction and on whose behalf.
        query: Select of the row as far as the caller sees it, with `owner_id` and `version` among its columns.
        expected: The version that the caller has read.
        subject: Name of the column with the organisation that the record is about, which may change it too.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: It is kept by somebody else.
        StaleError: It has changed meanwhile.
    """
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError
    subject_id = getattr(row, subject) if subject else None
    if not policy.may_keep(work.caller, owner_id=row.owner_id, subject_id=subject_id):
        raise ForbiddenError
    require_version(row.version, expected)
    return row


async def remove(work: Work, statement: Delete) -> None:
    """Delete a row that nothing refers to.

    Raises:
        ConflictError: Something does; what it is stays unsaid, since the caller may not know of it.
    """
    try:
        await work.session.execute(statement)
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != _FOREIGN_KEY_VIOLATION:
            raise
        raise ConflictError(faults=[Fault(pointer="", code="in_use")]) from error


def given(patch: msgspec.Struct, *, apart: Iterable[str] = ()) -> dict[str, Any]:
    """Return the fields that a patch names, as plain values for a statement, but for those dealt with apart."""
    fields = {name: getattr(patch, name) for name in patch.__struct_fields__ if name not in apart}
    return {name: value for name, value in fields.items() if value is not msgspec.UNSET}


def answered(row: Row[Any], type_: type[T]) -> T:
    """Return a row as the answer it is selected for."""
    return msgspec.convert(dict(row._mapping), type_)  # noqa: SLF001 - the public accessor, underscored by SQLAlchemy
