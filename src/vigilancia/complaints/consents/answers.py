"""The answers of a case about consent, read at once, and what they come to."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select

from vigilancia.complaints.consents.asked import holds_something
from vigilancia.complaints.consents.models import ConsentRow
from vigilancia.complaints.consents.scripts import Purpose
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.tickets import errand
from vigilancia.core.work import Work
from vigilancia.registry.contacts import rounds
from vigilancia.registry.models import OrganizationRow

State = Literal["given", "refused", "withdrawn", "expired"]


class Answer(Struct, frozen=True, kw_only=True):
    """One answer on record.

    Attributes:
        id: Of the row.
        seq: In which order it was written.
        person_id: Whose; none: the workers of the case as a whole.
        purpose: What for.
        receiver_id: The organisation that is given something.
        receiver_country: The government that is.
        country: Of whichever of the two, as far as it is known.
        answer: `given` or `refused`.
        given_on: The day of the answer.
        until: The last day it holds.
        withdrawn_on: The day it was withdrawn.
    """

    id: UUID
    seq: int
    person_id: UUID | None
    purpose: str
    receiver_id: UUID | None
    receiver_country: str | None
    country: str | None
    answer: str
    given_on: date
    until: date | None
    withdrawn_on: date | None

    @property
    def key(self) -> tuple[UUID | None, str, UUID | None, str | None]:
        """Whose answer to what: of these the latest counts."""
        return self.person_id, self.purpose, self.receiver_id, self.receiver_country

    def state(self, today: date) -> State:
        """Tell what it is worth on a day."""
        if self.answer == "refused":
            return "refused"
        if self.withdrawn_on is not None:
            return "withdrawn"
        return "expired" if self.until is not None and self.until < today else "given"

    def serves(self, receiver_id: UUID | None, country: str | None) -> bool:
        """Tell whether it speaks of a receiver; a government is met by its country, none named: by any."""
        if self.purpose == "file":
            return country is None or self.country == country
        return self.receiver_id == receiver_id


class CaseAnswers(Struct, frozen=True, kw_only=True):
    """What a case has on record.

    Attributes:
        owner_id: Whose case it is.
        zone: In which its days are counted: at the owner's seat.
        holds: Whether it holds something of somebody who must be asked.
        answers: All of them, in the order they were written.
    """

    owner_id: UUID
    zone: str
    holds: bool
    answers: Sequence[Answer]


async def read(work: Work, complaint_id: UUID) -> CaseAnswers:
    """Read what a case has on record; who asks was let into the case before, and is told no more than yes or no."""
    async with errand(work.session):  # nobody is spared the question because somebody else's record is hidden from him
        return await _read(work, complaint_id)


async def _read(work: Work, complaint_id: UUID) -> CaseAnswers:
    query = (
        select(ComplaintRow.owner_id, OrganizationRow.timezone, holds_something(complaint_id).label("holds"))
        .join(OrganizationRow, OrganizationRow.id == ComplaintRow.owner_id)
        .where(ComplaintRow.id == complaint_id)
    )
    case = (await work.session.execute(query)).one()
    columns = ConsentRow.__table__.c
    named = [columns[name] for name in Answer.__struct_fields__ if name != "country"]
    country = func.coalesce(columns.receiver_country, OrganizationRow.country).label("country")
    found = (
        select(*named, country)
        .outerjoin(OrganizationRow, OrganizationRow.id == columns.receiver_id)
        .where(columns.complaint_id == complaint_id)
        .order_by(columns.seq)
    )
    rows = (await work.session.execute(found)).all()
    return CaseAnswers(
        owner_id=case.owner_id,
        zone=rounds.zone_of(case.timezone),
        holds=case.holds,
        answers=[Answer(**row._mapping) for row in rows],  # noqa: SLF001 - the public accessor, underscored by SQLAlchemy
    )


def latest(answers: Iterable[Answer]) -> list[Answer]:
    """Return of each person's answers to one thing the latest: by the day it was given or withdrawn, then as written.

    What was answered before a withdrawal and comes in on paper afterwards does not undo it.
    """
    newest: dict[tuple[object, ...], Answer] = {}
    for answer in sorted(answers, key=lambda each: (each.withdrawn_on or each.given_on, each.seq)):
        newest[answer.key] = answer
    return list(newest.values())


class Weighed(Struct, frozen=True, kw_only=True):
    """What the answers of a case come to for one purpose and receiver.

    Attributes:
        state: `no`: somebody refused or withdrew; `yes`: all who answered gave it, and it holds; `missing`: nobody
            did, or it ran out.
        until: Of a yes the last day it holds.
    """

    state: Literal["yes", "no", "missing"]
    until: date | None = None


def weigh(
    answers: Iterable[Answer],
    purpose: Purpose,
    *,
    receiver_id: UUID | None = None,
    country: str | None = None,
    today: date,
) -> Weighed:
    """Weigh the answers of a case: one no outweighs everything, and a yes must be everybody's who was asked.

    Args:
        answers: All of the case.
        purpose: What for.
        receiver_id: The organisation that would be given something.
        country: Of the government it would be filed with; none: of whichever.
        today: At the owner's seat.
    """
    of_purpose = [each for each in latest(answers) if each.purpose == purpose]
    mine = [each for each in of_purpose if each.serves(receiver_id, country)]
    # A no to a government whose country nobody recorded may mean this one.
    unsure = [each for each in of_purpose if purpose == "file" and each.country is None]
    if {each.state(today) for each in (*mine, *unsure)} & {"refused", "withdrawn"}:
        return Weighed(state="no")
    until = [each.until for each in mine if each.until is not None and each.until >= today]
    return Weighed(state="yes", until=min(until)) if mine and len(until) == len(mine) else Weighed(state="missing")
