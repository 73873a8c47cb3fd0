"""What was refused, noted in one place: not recognised, not allowed, not there for the caller, too often.

Whoever knocks without a token can make no end of rows: of those only so many a minute are written by one process, the
others counted in the next.
"""

from dataclasses import dataclass
from datetime import datetime

from litestar.types import Scope

from vigilancia.access import audit
from vigilancia.access.audit import Entry
from vigilancia.api.reads import operation_of, subject
from vigilancia.core.actor import act
from vigilancia.core.identity import Caller
from vigilancia.core.work import Desk, Work

UNKNOWN, FORBIDDEN, MISSING, TOO_OFTEN = 401, 403, 404, 429
A_MINUTE = 60


@dataclass
class _Sieve:
    """How many of the unrecognised were written in this minute, and how many were not since."""

    minute: str = ""
    written: int = 0
    passed_over: int = 0

    def let_through(self, now: datetime) -> bool:
        minute = now.strftime("%Y%m%d%H%M")
        if minute != self.minute:
            self.minute, self.written = minute, 0
        if self.written >= A_MINUTE:
            self.passed_over += 1
            return False
        self.written += 1
        return True


_sieve = _Sieve()


def entry(scope: Scope, status: int, now: datetime) -> Entry | None:
    """Return what is to be noted of a refusal; none of any other answer.

    Args:
        scope: Of the request, routed.
        status: Of the answer.
        now: When.
    """
    named, way, thing = subject(scope)
    caller = _caller(scope)
    if status == MISSING and thing is None:
        return None  # a word of a vocabulary, nobody's data
    if status not in {UNKNOWN, FORBIDDEN, MISSING, TOO_OFTEN}:
        return None
    facts = {"operation": operation_of(scope), "status": status}
    if caller is None:
        if not _sieve.let_through(now):
            return None
        if _sieve.passed_over:
            facts["passed_over"], _sieve.passed_over = _sieve.passed_over, 0
    what = "complaint" if way is not None else "token" if status == UNKNOWN else "other"
    return Entry(action="refused", what=what, way=way, thing=named, subject_id=thing, facts=facts)


async def note(desk: Desk, scope: Scope, work: Work | None, refused: Entry) -> None:
    """Write a refusal down, in a transaction of its own.

    Args:
        desk: Of the process.
        scope: Of the request.
        work: The request's unit of work, if one began: what it did is rolled back first.
        refused: What to note.
    """
    caller = _caller(scope)
    if work is not None:
        await work.session.rollback()  # and gives its connection back: two at once for one request would run dry
        await audit.note_all(work, [refused])
        await work.session.commit()
        return
    if caller is None:
        await _note_stranger(desk, refused)
        return
    async with desk.work(caller) as fresh:
        await audit.note_all(fresh, [refused])


async def _note_stranger(desk: Desk, refused: Entry) -> None:
    now = desk.now()
    async with desk.sessions() as session:
        act(session, None, now)
        await audit.add(session, [refused])
        await session.commit()


def _caller(scope: Scope) -> Caller | None:
    caller = scope.get("user")
    return caller if isinstance(caller, Caller) else None
