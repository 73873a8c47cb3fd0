"""The one question that whatever gives something away asks: was this consented to?"""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from vigilancia.access import audit, policy, privacy
from vigilancia.complaints import timeline
from vigilancia.complaints.consents import answers
from vigilancia.complaints.consents.override import ConsentOverride
from vigilancia.complaints.consents.scripts import Purpose
from vigilancia.core import clock
from vigilancia.core.errors import ConsentRequiredError, ForbiddenError
from vigilancia.core.work import Work
from vigilancia.registry import safeguards


class Permit(Struct, frozen=True, kw_only=True):
    """That something may be given away.

    Attributes:
        ends_at: The first instant at which the consent it rests on holds no more; none: it rests on none.
        overridden: Whether a consent was wanted, and somebody went without.
    """

    ends_at: datetime | None = None
    overridden: bool = False

    def capped(self, wanted: datetime | None) -> datetime | None:
        """Return the end of what is given away: the one wanted, and never later than the consent's."""
        ends = [instant for instant in (wanted, self.ends_at) if instant is not None]
        return min(ends) if ends else None


async def require(
    work: Work,
    complaint_id: UUID,
    purpose: Purpose,
    *,
    receiver_id: UUID | None = None,
    country: str | None = None,
    override: ConsentOverride | None = None,
    subject_id: UUID | None = None,
) -> Permit:
    """Refuse to give something away that nobody consented to.

    A consent is asked where the owner chose `always`, where the case holds a person or something of one, and where any
    answer about consent is on record. A no is on record for good reason: nobody overrides it.

    Args:
        work: The transaction; the caller was let into the case before, which is locked.
        complaint_id: The case.
        purpose: What for.
        receiver_id: The organisation that would be given something.
        country: Of the government it would be filed with; none: of whichever.
        override: The reason to go without, of the owner's own people with the scope `consents:override`.
        subject_id: What would be given, such as a link; none: the case.

    Returns:
        Until when, and whether it was overridden.

    Raises:
        ConsentRequiredError: It was not consented to.
        ForbiddenError: An override by who may not.
    """
    case = await answers.read(work, complaint_id)
    weighed = answers.weigh(
        case.answers, purpose, receiver_id=receiver_id, country=country, today=work.today(case.zone)
    )
    if weighed.state == "yes" and weighed.until is not None:
        return Permit(ends_at=clock.start_of_day(weighed.until + timedelta(days=1), case.zone))
    if weighed.state == "missing":
        if not case.answers and not case.holds and (await safeguards.of(work, case.owner_id)).consent != "always":
            return Permit()
        if override is not None:
            await _override(work, case.owner_id, complaint_id, purpose, receiver_id, country, override, subject_id)
            return Permit(overridden=True)
    raise ConsentRequiredError(purpose=purpose, receiver_id=receiver_id, receiver_country=country)


async def _override(
    work: Work,
    owner_id: UUID,
    complaint_id: UUID,
    purpose: Purpose,
    receiver_id: UUID | None,
    country: str | None,
    override: ConsentOverride,
    subject_id: UUID | None,
) -> None:
    policy.require(work.caller, "consents:override")
    if work.caller.organization_id != owner_id:
        raise ForbiddenError
    subject = subject_id or complaint_id
    told = {"purpose": purpose, "receiver_id": receiver_id and str(receiver_id), "receiver_country": country}
    await timeline.note(work, complaint_id, "consent_overridden", subject_id=subject, after={"purpose": purpose})
    await audit.note(
        work,
        "override",
        "consent",
        complaint_id=complaint_id,
        subject_id=subject,
        why=override.reason,
        facts={name: value for name, value in told.items() if value is not None},
    )
    await privacy.raise_alert(
        work,
        owner_id,
        "consent_overridden",
        subject,
        complaint_id=complaint_id,
        occasion=work.now.isoformat(),
    )
