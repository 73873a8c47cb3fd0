"""What came of a run: the ledger held against the mailbox."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from msgspec import Struct

from tests.chaos.ledger import OPEN, Entry, notice_of
from tests.chaos.sink import Copy

_HONEST = ("failed", "suppressed")
_SLACK = 3.0  # seconds between a kill and its being seen at the mail server's end, on a busy machine


class Kill(Struct, frozen=True, kw_only=True):
    """Something killed: `worker`, `beat`, `database`, `broker` or `clock`; both instants on the monotonic clock."""

    what: str
    begun: float
    ended: float


class Result(Struct, frozen=True, kw_only=True):
    """One row of the table.

    Attributes:
        broker: By name.
        restarted: Whether the broker was killed too.
        planned: Notices that fell due.
        in_ledger: Rows.
        delivered: Rows that say so.
        refused: Rows that ended failed because the server said 5xx.
        otherwise: Rows that ended failed or suppressed for another reason; here there is none.
        unended: Rows that had not ended when the time was over.
        ledger_duplicates: Rows too many for what may be told once.
        heard_twice: Second copies after the server stored a message and hung up before its 250.
        killed_twice: Second copies after a kill between the server's 250 and our commit.
        unexplained: Second copies with neither reason.
        lost: Due, and neither in the mailbox nor ended as failed or suppressed.
        seconds: The whole took.
        kills: By kind.
        faults: What the mail server did, by kind.
    """

    broker: str
    restarted: bool
    planned: int
    in_ledger: int
    delivered: int
    refused: int
    otherwise: int
    unended: int
    ledger_duplicates: int
    heard_twice: int
    killed_twice: int
    unexplained: int
    lost: int
    seconds: float
    kills: dict[str, int]
    faults: dict[str, int]

    @property
    def holds(self) -> bool:
        """Whether nothing was lost and nothing doubled that need not be."""
        return not (self.lost or self.ledger_duplicates or self.unexplained or self.unended or self.otherwise)


class Doubles(Struct, frozen=True, kw_only=True):
    """Second copies in the mailbox, by their reason."""

    heard: int = 0
    killed: int = 0
    unexplained: list[str] = []


def doubles(ledger: Sequence[Entry], copies: Sequence[Copy], kills: Sequence[Kill]) -> Doubles:
    """Sort the second copies by why they were sent.

    A copy with a later one is explained if its 250 never left, or if it was the last of its connection, a worker or
    the database died about then, and the ledger holds an attempt whose end was never written down.
    """
    cut_off = {entry.notice: entry.cut_off for entry in ledger}
    by_notice: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        by_notice[notice_of(copy.message_id)].append(copy)
    heard = killed = 0
    unexplained = []
    for notice, stored in by_notice.items():
        for copy in sorted(stored, key=lambda copy: copy.at)[:-1]:
            if cut_off.get(notice, 0) > 0 and _died(copy, kills):
                cut_off[notice] -= 1
                killed += 1
            elif not copy.answered:
                heard += 1
            else:
                unexplained.append(notice)
    return Doubles(heard=heard, killed=killed, unexplained=unexplained)


def _died(copy: Copy, kills: Sequence[Kill]) -> bool:
    last = copy.place == copy.line.copies and copy.line.closed_at is not None
    return last and any(
        kill.begun - _SLACK <= copy.at <= kill.ended + _SLACK
        for kill in kills
        if kill.what in ("worker", "clock", "database")
    )


def lost(planned: int, ledger: Sequence[Entry], copies: Sequence[Copy]) -> int:
    """Count what was due and reached neither the mailbox nor an honest end."""
    stored = {notice_of(copy.message_id) for copy in copies}
    good = {entry.deadline for entry in ledger if entry.notice in stored or entry.status in _HONEST}
    return planned - len(good)


def summary(
    broker: str,
    planned: int,
    ledger: Sequence[Entry],
    copies: Sequence[Copy],
    kills: Sequence[Kill],
    **rest: object,
) -> Result:
    """Hold ledger and mailbox against each other."""
    double = doubles(ledger, copies, kills)
    refused = sum(entry.status == "failed" and entry.reason == "refused" for entry in ledger)
    statuses = Counter(entry.status for entry in ledger)
    return Result(
        broker=broker,
        planned=planned,
        in_ledger=len(ledger),
        delivered=statuses["delivered"],
        refused=refused,
        otherwise=sum(statuses[status] for status in _HONEST) - refused,
        unended=sum(statuses[status] for status in OPEN),
        ledger_duplicates=len(ledger) - len({entry.key for entry in ledger}),
        heard_twice=double.heard,
        killed_twice=double.killed,
        unexplained=len(double.unexplained),
        lost=lost(planned, ledger, copies),
        kills=dict(Counter(kill.what for kill in kills)),
        **rest,  # type: ignore[arg-type]
    )


def table(results: Sequence[Result]) -> str:
    """Return the results for people."""
    rows = [_cells(result) for result in results]
    heads = dict.fromkeys(head for row in rows for head in row)
    lines = [f"{head:<36}" + "".join(f"{row.get(head, 0)!s:>24}" for row in rows) for head in heads]
    if not all(result.restarted for result in results):
        lines.append("* not killed by itself: the queue on the database dies with it, another's server is left alone")
    return "\n".join(lines)


def _cells(result: Result) -> dict[str, object]:
    return {
        "broker": result.broker + ("" if result.restarted else "*"),
        "planned": result.planned,
        "in ledger": result.in_ledger,
        "delivered": result.delivered,
        "refused (5xx)": result.refused,
        "failed or suppressed otherwise": result.otherwise,
        "unended": result.unended,
        "twice in ledger": result.ledger_duplicates,
        "twice in mailbox: cut before 250": result.heard_twice,
        "... killed before our commit": result.killed_twice,
        "... unexplained": result.unexplained,
        "lost": result.lost,
        "seconds": f"{result.seconds:.0f}",
        **{f"killed: {kind}": result.kills.get(kind, 0) for kind in ("worker", "beat", "database", "broker", "clock")},
        **{f"mail server: {kind}": count for kind, count in sorted(result.faults.items())},
    }
