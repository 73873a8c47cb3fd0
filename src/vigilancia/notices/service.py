"""What is done to the ledger: notices are put once, and rest when somebody acknowledged."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import case, update
from sqlalchemy.dialects.postgresql import insert

from vigilancia.core.ids import new_id
from vigilancia.core.work import Work
from vigilancia.notices.addresses import EMAIL
from vigilancia.notices.channels import queues
from vigilancia.notices.models import ACKNOWLEDGED, OPEN, NoticeRow


class Planned(Struct, frozen=True, kw_only=True):
    """A notice to be put into the ledger; subject, revision, rung, contact, channel and resend make it single.

    Attributes:
        kind: What it is about: a deadline's or task's rung, or one of the other kinds of the ledger.
        subject_id: The deadline, task, complaint, contact, endpoint or search.
        complaint_id: Of the case; none: it is of no single case.
        run_id: Of the ladder; none: it is no rung.
        revision: Of the subject.
        rung: Its name; of other kinds the occasion.
        organization_id: Whose contact it speaks to.
        contact_id: To whom.
        channel: By which it goes.
        place: To which of the contact's addresses of that kind.
        locale: Language.
        due_at: When it fell due.
        late: It is planned long after that.
        at_once: It does not wait for the recipient's working hours, quiet hours or digest.
        suppressed: Why it is written down and not sent, as a code; none: send it.
        resend: 0 for the first by its channel.
        after_id: The notice it repeats or stands in for.
        after_why: `resend` or `fallback`.
    """

    kind: str = "deadline"
    subject_id: UUID
    complaint_id: UUID | None
    run_id: UUID | None
    revision: int
    rung: str
    organization_id: UUID
    contact_id: UUID
    channel: str = EMAIL
    place: int = 0
    locale: str
    due_at: datetime
    late: bool
    at_once: bool = False
    suppressed: str | None = None
    resend: int = 0
    after_id: UUID | None = None
    after_why: str | None = None


async def put_all_once(work: Work, planned: Sequence[Planned]) -> int:
    """Write notices with one statement, and the work of delivering them with another.

    A notice that is in the ledger already is left as it is: the unique key decides, not who came first.

    Returns:
        How many are new.
    """
    if not planned:
        return 0
    rows = [
        {
            "id": new_id(),
            "kind": notice.kind,
            "subject_id": notice.subject_id,
            "deadline_id": notice.subject_id if notice.kind == "deadline" else None,
            "complaint_id": notice.complaint_id,
            "run_id": notice.run_id,
            "revision": notice.revision,
            "rung": notice.rung,
            "organization_id": notice.organization_id,
            "contact_id": notice.contact_id,
            "channel": notice.channel,
            "place": notice.place,
            "resend": notice.resend,
            "after_id": notice.after_id,
            "after_why": notice.after_why,
            "locale": notice.locale,
            "status": "suppressed" if notice.suppressed else "planned",
            "reason": notice.suppressed,
            "due_at": notice.due_at,
            "late": notice.late,
            "planned_at": work.now,
            "ended_at": work.now if notice.suppressed else None,
            "updated_at": work.now,
        }
        for notice in planned
    ]
    connection = await work.session.connection()
    fresh = insert(NoticeRow.__table__).on_conflict_do_nothing()  # type: ignore[arg-type]
    put = await connection.execute(fresh.returning(NoticeRow.id, NoticeRow.status, NoticeRow.channel), rows)
    new = put.all()
    await queues.enqueue(work, [(row.id, row.channel) for row in new if row.status == "planned"])
    return len(new)


async def rest(work: Work, *, run_id: UUID, organization_id: UUID, rungs: Collection[str]) -> None:
    """Suppress what was planned for an organisation and not sent yet, now that it acknowledged.

    What is in flight this moment is only marked: it may arrive, but is not tried again, nor does another stand in.

    Args:
        work: The transaction.
        run_id: Whose run.
        organization_id: Who acknowledged.
        rungs: Those that do not speak always.
    """
    unsent = NoticeRow.status == "planned"
    await work.session.execute(
        update(NoticeRow)
        .where(
            NoticeRow.run_id == run_id,
            NoticeRow.organization_id == organization_id,
            NoticeRow.status.in_(OPEN),
            NoticeRow.rung.in_(rungs),
        )
        .values(
            status=case((unsent, "suppressed"), else_=NoticeRow.status),
            reason=ACKNOWLEDGED,
            ended_at=case((unsent, work.now), else_=None),
            updated_at=work.now,
        )
        .execution_options(synchronize_session=False)
    )
