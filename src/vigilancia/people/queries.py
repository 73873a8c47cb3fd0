"""Reading the people of a case, without name and words."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from vigilancia.access import policy
from vigilancia.complaints.access import OpenComplaint
from vigilancia.core import vocabularies
from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, fetch_page
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.people import labels, sight
from vigilancia.people.models import PersonRow
from vigilancia.people.schemas import Person

_PERSON = PersonRow.__table__.c
_PLAIN = (
    *("id", "complaint_id", "organization_id", "label", "role", "spoken_language", "written_language"),
    *("interpreter_needed", "shared_with", "version", "created_at", "updated_at"),
)
_SORTABLE: dict[str, ColumnElement[Any]] = {name: _PERSON[name] for name in ("id", "created_at", "updated_at")}


async def of_complaint(work: Work, complaint_id: UUID, listing: Listing) -> Page[Person]:
    """List the people of a case, in the order in which they were recorded.

    Raises:
        NotFoundError: For this caller there is no such room.
        BadParameterError: A sort that does not fit.
    """
    door = await sight.enter(work, complaint_id)
    query = _select().where(_PERSON.complaint_id == complaint_id)
    if listing.updated_since is not None:
        query = query.where(_PERSON.updated_at >= listing.updated_since)
    rows, following = await fetch_page(work.session, query, listing, sortable=_SORTABLE, default="created_at")
    return Page(items=[_shape(work, door, row) for row in rows], next=following)


async def read(work: Work, complaint_id: UUID, person_id: UUID) -> Person:
    """Read one person.

    Raises:
        NotFoundError: For this caller there is none.
    """
    door = await sight.enter(work, complaint_id)
    query = _select().where(_PERSON.complaint_id == complaint_id, _PERSON.id == person_id)
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError
    return _shape(work, door, row)


async def holds_people(work: Work, complaint_id: UUID) -> bool:
    """Tell whether a case holds anybody; for rooms that opened the case already, and that tell nobody."""
    query = select(PersonRow.id).where(PersonRow.complaint_id == complaint_id, PersonRow.removed_at.is_(None)).limit(1)
    return await work.session.scalar(query) is not None


def role_label(role: str, locale: Locale) -> str:
    """Return the words of a role; its code, where the list no longer has it."""
    found = (code for code in vocabularies.load()["person_role"].codes if code.code == role)
    return next((str(getattr(code.labels, locale)) for code in found), role)


def _select() -> Select[Any]:
    """Return the select of what the room shows: the sealed words do not even leave the database."""
    kept = (_PERSON.name.is_not(None).label("named"), _PERSON.contact.is_not(None).label("reachable"))
    return select(*(_PERSON[name] for name in _PLAIN), *kept).where(_PERSON.removed_at.is_(None))


def _shape(work: Work, door: OpenComplaint, row: Any) -> Person:  # noqa: ANN401 - a row of the query above
    fields = {name: getattr(row, name) for name in _PLAIN if name not in ("label", "shared_with")}
    return Person(
        **fields,
        named=row.named,
        reachable=row.reachable,
        role_label=role_label(row.role, work.locale),
        pseudonym=labels.pseudonym(row.label, work.locale),
        shared_with=row.shared_with if policy.may_manage(work.caller, door.standing) else None,
    )
