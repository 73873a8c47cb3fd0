"""Who already has what of a case: told from the timeline, which keeps links that are gone, and from the audit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, select

from vigilancia.access import policy
from vigilancia.access.models import AuditRow
from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.consents import answers
from vigilancia.complaints.consents.answers import CaseAnswers
from vigilancia.complaints.consents.schemas import Publication, SharedExport, SharedWith, Sharing
from vigilancia.complaints.consents.scripts import Purpose
from vigilancia.complaints.consents.stopping import COUNSEL
from vigilancia.complaints.models import TimelineRow
from vigilancia.core.errors import ForbiddenError
from vigilancia.core.work import Work

_RANK = {"none": 0, "alerts": 1, "read": 2, "write": 3}
_TOLD = ("complaint_logged", "complaint_changed", "link_recorded", "link_changed", "link_accepted", "link_removed")
_Line = Row[*tuple[Any, ...]]


async def read(work: Work, complaint_id: UUID) -> Sharing:
    """Return who already has what of a case, to those who record in it.

    Raises:
        NotFoundError: For this caller the case does not exist.
        ForbiddenError: It does, but the caller does not record in it.
    """
    door = await open_complaint(work, complaint_id, to="see")
    if not policy.may_record(work.caller, door.standing):
        raise ForbiddenError
    return await gather(work, complaint_id)


async def gather(work: Work, complaint_id: UUID) -> Sharing:
    """Return the same, of a case that was opened before."""
    columns = TimelineRow.__table__.c
    query = (
        select(columns.type, columns.at, columns.subject_id, columns.before, columns.after)
        .where(columns.complaint_id == complaint_id, columns.type.in_(_TOLD))
        .order_by(columns.seq)
    )
    entries = (await work.session.execute(query)).all()
    case = await answers.read(work, complaint_id)
    return Sharing(
        organizations=list(_shared(work, entries, case)),
        exports=await _exports(work, complaint_id),
        publications=_publications(entries),
    )


class _Link:
    """What a link gave over time."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        self.most = "none"
        self.since: datetime | None = None
        self.ended: datetime | None = None

    def see(self, entry: _Line) -> None:
        self.facts |= entry.after or {}
        given = "none" if entry.type == "link_removed" else _given(self.facts)
        if _RANK[given] > _RANK[self.most]:
            self.most = given
        if given != "none":
            self.since = self.since or entry.at
            self.ended = None
        elif self.since is not None and self.ended is None:
            self.ended = entry.at

    @property
    def until(self) -> datetime | None:
        named = self.facts.get("expires_at")
        expires = msgspec.convert(named, datetime) if named is not None else None
        ends = [instant for instant in (self.ended, expires) if instant is not None]
        return min(ends) if ends else None


def _shared(work: Work, entries: Sequence[_Line], case: CaseAnswers) -> Iterable[SharedWith]:
    links: dict[UUID, _Link] = {}
    for entry in entries:
        if entry.type.startswith("link_"):
            links.setdefault(entry.subject_id, _Link()).see(entry)
    today = work.today(case.zone)
    for link_id, link in links.items():
        if link.since is None:
            continue
        receiver = UUID(link.facts["organization_id"])
        purpose: Purpose = "counsel" if link.facts["role"] == COUNSEL else "share"
        yield SharedWith(
            link_id=link_id,
            organization_id=receiver,
            role=link.facts["role"],
            access=link.most,
            since=link.since,
            until=link.until,
            stands=link.until is None or link.until > work.now,
            consent=answers.weigh(case.answers, purpose, receiver_id=receiver, today=today).state,
        )


def _given(facts: dict[str, Any]) -> str:
    """Return what a link gave with these facts: `read` and `write` once accepted, alerts to whom they are due."""
    if facts["access"] in ("read", "write") and facts.get("accepted_at") is not None:
        return str(facts["access"])
    alerted = facts["role"] in policy.ALERT_ROLES or facts.get("alerts_approved_by") is not None
    return "alerts" if facts["access"] != "none" and alerted else "none"


async def _exports(work: Work, complaint_id: UUID) -> list[SharedExport]:
    query = (
        select(AuditRow.at, AuditRow.organization_id, AuditRow.what, AuditRow.subject_id)
        .where(AuditRow.complaint_id == complaint_id, AuditRow.action == "export")
        .order_by(AuditRow.seq)
    )
    rows = await work.session.execute(query)
    return [SharedExport(**row._mapping) for row in rows]  # noqa: SLF001 - the public accessor, underscored by SQLAlchemy


def _publications(entries: Sequence[_Line]) -> list[Publication]:
    found: list[Publication] = []
    public = False
    for entry in entries:
        said = (entry.after or {}).get("confidentiality")
        if entry.type.startswith("complaint_") and said is not None and (said == "public") != public:
            public = said == "public"
            if public:
                found.append(Publication(since=entry.at, until=None))
            else:
                found[-1] = msgspec.structs.replace(found[-1], until=entry.at)
    return found
