"""Reading answers about consent: whole for who records in the case, purposes and states for who reads it."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select

from vigilancia.access import policy
from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.consents import answers
from vigilancia.complaints.consents.answers import Answer, CaseAnswers
from vigilancia.complaints.consents.models import ConsentRow
from vigilancia.complaints.consents.schemas import Consent
from vigilancia.core.errors import ForbiddenError, NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work

NOTE, WITHDRAWN_NOTE = "consent.note", "consent.withdrawn_note"
_READERS = ("full", "shared")
_RECORDERS_ALONE = ("person_id", "text_id", "text_version", "language", "mode", "taken_by", "note")
_RECEIVER = ("receiver_id", "receiver_country")
_COLUMNS = ConsentRow.__table__.c


class _Shown(Struct, frozen=True, kw_only=True):
    """How a caller is shown the answers of a case."""

    whole: bool
    case: CaseAnswers


async def read(work: Work, complaint_id: UUID, consent_id: UUID) -> Consent:
    """Read one answer, with its note for those who record in the case.

    Raises:
        NotFoundError: For this caller the case does not exist, or has no such answer.
        ForbiddenError: The caller sees the case, but does not read it.
    """
    shown = await _open(work, complaint_id)
    return await one(work, complaint_id, consent_id, shown.case, whole=shown.whole)


async def one(work: Work, complaint_id: UUID, consent_id: UUID, case: CaseAnswers, *, whole: bool) -> Consent:
    """Read one answer of a case that was opened before.

    Raises:
        NotFoundError: The case has no such answer.
    """
    query = select(*_COLUMNS).where(_COLUMNS.id == consent_id, _COLUMNS.complaint_id == complaint_id)
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError
    note = await work.vault.open(complaint_id, row.note, field=f"{NOTE}/{row.id}") if whole else None
    return _shape(work, row, case, whole=whole, note=note)


async def list_page(work: Work, complaint_id: UUID, listing: Listing, *, purpose: str | None = None) -> Page[Consent]:
    """Read one page of the answers of a case, without notes.

    Raises:
        NotFoundError: For this caller the case does not exist.
        ForbiddenError: The caller sees the case, but does not read it.
    """
    shown = await _open(work, complaint_id)
    query = select(*_COLUMNS).where(_COLUMNS.complaint_id == complaint_id)
    if purpose is not None:
        query = query.where(any_of(_COLUMNS.purpose, purpose, "purpose"))
    if listing.updated_since is not None:
        query = query.where(_COLUMNS.updated_at >= listing.updated_since)
    sortable = {"id": _COLUMNS.id, "given_on": _COLUMNS.given_on}
    rows, following = await fetch_page(work.session, query, listing, sortable=sortable, default="id")
    return Page(items=[_shape(work, row, shown.case, whole=shown.whole) for row in rows], next=following)


async def _open(work: Work, complaint_id: UUID) -> _Shown:
    door = await open_complaint(work, complaint_id, to="see")
    whole = policy.may_record(work.caller, door.standing)
    if door.view not in _READERS or door.standing == "public":
        raise ForbiddenError
    return _Shown(whole=whole, case=await answers.read(work, complaint_id))


def _shape(work: Work, row: Any, case: CaseAnswers, *, whole: bool, note: str | None = None) -> Consent:  # noqa: ANN401 - a row
    counting = {answer.id for answer in answers.latest(case.answers)}
    mine = Answer(country=None, **{name: getattr(row, name) for name in Answer.__struct_fields__ if name != "country"})
    fields = {name: getattr(row, name) for name in Consent.__struct_fields__ if name in _COLUMNS}
    fields |= {"state": mine.state(work.today(case.zone)), "counts": row.id in counting, "note": note}
    if not whole:
        fields |= dict.fromkeys(_RECORDERS_ALONE)
        if row.receiver_id is None or row.receiver_id != work.caller.organization_id:
            fields |= dict.fromkeys(_RECEIVER)
    return Consent(**fields)
