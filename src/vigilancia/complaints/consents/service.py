"""Recording an answer about consent, and withdrawing one."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from vigilancia.access import policy, privacy
from vigilancia.complaints.access import OpenComplaint, open_complaint
from vigilancia.complaints.consents import answers, queries, scripts, sharing, stopping
from vigilancia.complaints.consents.answers import Answer
from vigilancia.complaints.consents.asked import is_person_of
from vigilancia.complaints.consents.models import ConsentRow
from vigilancia.complaints.consents.schemas import ConsentIn, WithdrawConsentIn, WithdrawnConsent
from vigilancia.complaints.links.parties import is_known
from vigilancia.complaints.models import ComplaintRow
from vigilancia.complaints.timeline import note
from vigilancia.core import clock
from vigilancia.core.errors import ConflictError, Fault, ForbiddenError, InvalidError, NotFoundError
from vigilancia.core.ids import new_id
from vigilancia.core.tickets import errand
from vigilancia.core.work import Work
from vigilancia.law.arithmetic import months_from
from vigilancia.registry.contacts import queries as contacts
from vigilancia.registry.contacts import rounds

_ONE_DAY = timedelta(days=1)
_TO_ORGANIZATIONS = ("share", "counsel")


async def record(work: Work, complaint_id: UUID, data: ConsentIn) -> UUID:
    """Record an answer; a no ends at once what rested on an earlier yes.

    Raises:
        NotFoundError: For this caller the case does not exist.
        ForbiddenError: The caller does not record in it.
        ConflictError: It is merged into another.
        InvalidError: Fields that do not fit, all of them.
    """
    door = await open_complaint(work, complaint_id, to="record")
    zone = rounds.zone_of(await _timezone(work, door.owner_id))
    faults = [*_own_faults(data, work.today(zone)), *await _foreign_faults(work, complaint_id, data)]
    if faults:
        raise InvalidError(faults=faults)
    made = new_id()
    row = {name: getattr(data, name) for name in data.__struct_fields__}
    row |= {
        "id": made,
        "complaint_id": complaint_id,
        "until": _until(data),
        "taken_by": data.taken_by or work.caller.holder_id,
        "token_id": work.caller.token_id,
        "note": data.note and await work.vault.seal(complaint_id, data.note, field=f"{queries.NOTE}/{made}"),
        "version": 1,
        "created_at": work.now,
        "updated_at": work.now,
    }
    await work.session.execute(insert(ConsentRow).values(row))
    told = {"purpose": data.purpose, "answer": data.answer, "until": row["until"]}
    await note(work, complaint_id, "consent_recorded", subject_id=made, after=told)
    await _follow(work, door, made)
    return made


async def withdraw(work: Work, complaint_id: UUID, consent_id: UUID, data: WithdrawConsentIn) -> WithdrawnConsent:
    """Withdraw a consent, and with it every other yes of the same person to the same thing; again changes nothing.

    Whoever withdraws the consent to keep the case withdraws all that was consented to. A case that is closed or merged
    can be withdrawn from too.

    Raises:
        NotFoundError: For this caller the case does not exist, or has no such answer.
        ForbiddenError: The caller does not record in it.
        ConflictError: The answer is a refusal: there is nothing to withdraw.
    """
    door = await open_complaint(work, complaint_id, to="see")
    if not policy.may_record(work.caller, door.standing):
        raise ForbiddenError
    lock = select(ComplaintRow.id).where(ComplaintRow.id == complaint_id)
    await work.session.execute(lock.with_for_update(key_share=True))
    case = await answers.read(work, complaint_id)
    chosen = next((each for each in case.answers if each.id == consent_id), None)
    if chosen is None:
        raise NotFoundError
    if chosen.answer != "given":
        raise ConflictError(faults=[Fault(pointer="/answer", code="not_allowed")])
    # The caller may lose the case by it, and is told all the same what was done in its name.
    async with errand(work.session):
        if chosen.withdrawn_on is None:
            gone = [each for each in case.answers if _falls_with(each, chosen)]
            await _write(work, complaint_id, consent_id, gone, work.today(case.zone), data)
            await stopping.stop(work, complaint_id, gone)
            await privacy.raise_alert(
                work, door.owner_id, "consent_withdrawn", consent_id, complaint_id=complaint_id, occasion="withdrawn"
            )
        after = await answers.read(work, complaint_id)
        return WithdrawnConsent(
            consent=await queries.one(work, complaint_id, consent_id, after, whole=True),
            already_shared=await sharing.gather(work, complaint_id),
        )


def _falls_with(answer: Answer, chosen: Answer) -> bool:
    if answer.answer != "given" or answer.withdrawn_on is not None:
        return False
    return answer.key == chosen.key or (chosen.purpose == "store" and answer.person_id == chosen.person_id)


async def _write(
    work: Work, complaint_id: UUID, consent_id: UUID, gone: Sequence[Answer], today: date, data: WithdrawConsentIn
) -> None:
    sealed: dict[UUID, bytes] = {}
    if data.note is not None:
        field = f"{queries.WITHDRAWN_NOTE}/{consent_id}"
        sealed[consent_id] = await work.vault.seal(complaint_id, data.note, field=field)
    for each in gone:
        values: dict[str, Any] = {"withdrawn_at": work.now, "withdrawn_on": today, "updated_at": work.now}
        values |= {"withdrawn_by": work.caller.token_id, "withdrawn_note": sealed.get(each.id)}
        await work.session.execute(
            update(ConsentRow)
            .where(ConsentRow.id == each.id)
            .values(**values, version=ConsentRow.version + 1)
            .execution_options(synchronize_session=False)
        )
        await note(work, complaint_id, "consent_withdrawn", subject_id=each.id, after={"purpose": each.purpose})


async def _follow(work: Work, door: OpenComplaint, made: UUID) -> None:
    """Do what an answer brings about: a no ends what stands, a yes ends no later than itself what rests on it."""
    case = await answers.read(work, door.id)
    answer = next(each for each in answers.latest(case.answers) if _same(each, case.answers, made))
    today = work.today(case.zone)
    if answer.state(today) == "refused":
        if await stopping.stop(work, door.id, [answer]):
            await privacy.raise_alert(
                work, door.owner_id, "consent_withdrawn", made, complaint_id=door.id, occasion="refused"
            )
        return
    if answer.purpose not in _TO_ORGANIZATIONS or answer.receiver_id is None:
        return
    purpose: scripts.Purpose = "counsel" if answer.purpose == "counsel" else "share"
    weighed = answers.weigh(case.answers, purpose, receiver_id=answer.receiver_id, today=today)
    if weighed.until is not None:
        ends_at = clock.start_of_day(weighed.until + _ONE_DAY, case.zone)
        await stopping.tighten(work, door.id, purpose, answer.receiver_id, ends_at)


def _same(answer: Answer, every: Sequence[Answer], made: UUID) -> bool:
    """Tell whether an answer is the one that counts where another was written."""
    return answer.key == next(each.key for each in every if each.id == made)


def _until(data: ConsentIn) -> date | None:
    if data.answer == "refused":
        return None
    return data.until or _longest(data)


def _longest(data: ConsentIn) -> date | None:
    text = scripts.load().get(data.text_id)
    version = text.version(data.text_version) if text else None
    return months_from(data.given_on, version.lasts_months) if version else None


def _own_faults(data: ConsentIn, today: date) -> Iterator[Fault]:
    yield from _receiver_faults(data)
    text = scripts.load().get(data.text_id)
    if text is None:
        yield Fault(pointer="/text_id", code="not_found")
    elif text.purpose != data.purpose:
        yield Fault(pointer="/text_id", code="not_allowed")
    elif text.version(data.text_version) is None:
        yield Fault(pointer="/text_version", code="not_found")
    if data.given_on > today:
        yield Fault(pointer="/given_on", code="future")
        return
    if data.until is None:
        return
    longest = _longest(data)
    if data.answer == "refused":
        yield Fault(pointer="/until", code="not_allowed")
    elif data.until < data.given_on:
        yield Fault(pointer="/until", code="range", params={"expected": "≥ given_on"})
    elif longest is not None and data.until > longest:
        yield Fault(pointer="/until", code="range", params={"expected": f"≤ {longest.isoformat()}"})


def _receiver_faults(data: ConsentIn) -> Iterator[Fault]:
    names = "receiver_id, receiver_country"
    if data.purpose in _TO_ORGANIZATIONS:
        if data.receiver_id is None:
            yield Fault(pointer="/receiver_id", code="required")
        if data.receiver_country is not None:
            yield Fault(pointer="/receiver_country", code="not_allowed")
    elif data.purpose == "file":
        if (data.receiver_id is None) == (data.receiver_country is None):
            yield Fault(pointer="", code="one_of", params={"names": names})
    else:
        for name in ("receiver_id", "receiver_country"):
            if getattr(data, name) is not None:
                yield Fault(pointer=f"/{name}", code="not_allowed")


async def _foreign_faults(work: Work, complaint_id: UUID, data: ConsentIn) -> list[Fault]:
    faults = []
    if data.person_id is not None and not await is_person_of(work, complaint_id, data.person_id):
        faults.append(Fault(pointer="/person_id", code="not_found"))
    if data.receiver_id is not None and not await is_known(work, data.receiver_id):
        faults.append(Fault(pointer="/receiver_id", code="not_found"))
    mine = work.caller.organization_id
    if data.taken_by is not None and (mine is None or not await contacts.is_colleague(work, data.taken_by, mine)):
        faults.append(Fault(pointer="/taken_by", code="not_found"))
    return faults


async def _timezone(work: Work, organization_id: UUID) -> str | None:
    zone: str | None = await work.session.scalar(select(func.public.zone_of_organization(organization_id)))
    return zone
