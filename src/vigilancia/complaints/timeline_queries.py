"""Reading a timeline: everything for who reads the case, steps and dates for everybody else.

What tells of another case is there only for who sees that one.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, cast, exists, or_, select, true

from vigilancia.access import fields, policy
from vigilancia.access.pseudonyms import Pseudonyms
from vigilancia.access.telling import start_of_month, tell
from vigilancia.complaints.access import OpenComplaint, open_complaint
from vigilancia.complaints.models import ComplaintRow, TimelineRow
from vigilancia.complaints.schemas_timeline import Actor, Entry
from vigilancia.complaints.timeline import GIVEN_BACK, PEOPLE, PROCEDURAL, RECEIVED, opened
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work

_READERS = ("full", "shared")
_FREE_TEXT = ("note", "reason", "stated_by")  # of events; the public is told dates, not remarks
_POINTERS = ("merged_into", "merged_from")
_OF_ANOTHER = (*_POINTERS, "reason")  # the reason of a merge may speak of the other case
_OWNERS = ("wall_", "approval_")  # kinds of entries that are the owner's alone
_DECISIONS = ("adverse_override", "alerts_approved_by")  # on links; the owner's alone


async def list_page(work: Work, complaint_id: UUID, listing: Listing, *, types: str | None = None) -> Page[Entry]:
    """Read one page of a case's timeline, oldest first.

    Raises:
        NotFoundError: For this caller the case does not exist.
    """
    door = await open_complaint(work, complaint_id, to="see")
    columns = TimelineRow.__table__.c
    query = select(*columns).where(columns.complaint_id == complaint_id)
    if door.view not in _READERS:
        query = query.where(or_(*(columns.type.startswith(kind, autoescape=True) for kind in PROCEDURAL)))
    else:
        other = cast(columns.after["merged_from"].astext, Uuid)
        from_seen = exists().where(ComplaintRow.id == other, _visible(work))
        query = query.where(or_(columns.type.not_in((RECEIVED, GIVEN_BACK)), from_seen))
    query = query.where(
        and_(true(), *(~columns.type.startswith(kind, autoescape=True) for kind in _hidden(work, door)))
    )
    if types is not None:
        query = query.where(any_of(columns.type, types, "type"))
    if listing.updated_since is not None:
        coarse = fields.told("entry", "at", door.view) == "month"
        query = query.where(columns.at >= (start_of_month(listing.updated_since) if coarse else listing.updated_since))
    rows, next_ = await fetch_page(
        work.session, query, listing, sortable={"seq": columns.seq, "id": columns.id}, default="seq"
    )
    seen = await _seen(work, _other_ids(rows)) if door.view in _READERS else frozenset()
    return Page(items=[await _shape(work, row, door, seen) for row in rows], next=next_)


def _hidden(work: Work, door: OpenComplaint) -> tuple[str, ...]:
    """Return the kinds of entries that are not told to a caller, such as that there are people in the case."""
    if not policy.may_record(work.caller, door.standing):
        return (PEOPLE, *_OWNERS)
    return () if door.standing == "owner" else _OWNERS


async def _shape(work: Work, row: Any, door: OpenComplaint, seen: frozenset[str]) -> Entry:  # noqa: ANN401 - a row of the query above
    reader = door.view in _READERS
    hidden = _FREE_TEXT if not reader else () if door.standing == "owner" else _DECISIONS
    if not _merged_with(row) <= seen:
        hidden = (*hidden, *_OF_ANOTHER)
    sides = await opened(work, row) if reader else {"before": row.before, "after": row.after}
    values = {name: getattr(row, name) for name in ("id", "complaint_id", "at", "type", "subject_id")} | {
        "actor": Actor(organization_id=row.organization_id, token_id=row.token_id if reader else None),
        "before": _only(sides["before"], hidden, seen),
        "after": _only(sides["after"], hidden, seen),
    }
    return Entry(**tell("entry", door.view, values, Pseudonyms(work.keys)))


def _only(fields: dict[str, Any] | None, hidden: Iterable[str], seen: frozenset[str]) -> dict[str, Any] | None:
    if fields is None:
        return None
    left = {name: value for name, value in fields.items() if name not in hidden}
    if "related" in left:
        left["related"] = [relation for relation in left["related"] if relation["complaint_id"] in seen]
    return left


def _other_ids(rows: Sequence[Any]) -> set[str]:
    sides = [side for row in rows for side in (row.before, row.after) if side]
    related = {relation["complaint_id"] for side in sides for relation in side.get("related", ())}
    return related.union(*(_merged_with(row) for row in rows))


def _merged_with(row: Any) -> set[str]:  # noqa: ANN401
    sides = [side for side in (row.before, row.after) if side]
    return {side[name] for side in sides for name in _POINTERS if side.get(name)}


def _visible(work: Work) -> ColumnElement[bool]:
    return policy.seen(
        work.caller,
        work.now,
        complaint_id=ComplaintRow.id,
        owner_id=ComplaintRow.owner_id,
        confidentiality=ComplaintRow.confidentiality,
    )


async def _seen(work: Work, ids: set[str]) -> frozenset[str]:
    if not ids:
        return frozenset()
    query = select(ComplaintRow.id).where(ComplaintRow.id.in_([UUID(id_) for id_ in ids]), _visible(work))
    return frozenset(str(id_) for id_ in await work.session.scalars(query))
