"""The computed last day of the committee's determination beside the day on which the review was requested.

The law's engine computes from the petition alone what it computes for everybody; nothing here knows a number of days.
`python -m vigilancia.demo.table docs/public-cases.md` writes the table anew into its marked place.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import msgspec

from vigilancia.demo.dataset import read
from vigilancia.demo.records import Case
from vigilancia.law import engine
from vigilancia.law.loader import mechanisms
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Event

MECHANISM = "usmca-31a-us-mx"
RULE = "ilc_determination"
OPENS = f"<!-- table: {RULE} -->"
CLOSES = f"<!-- end of table: {RULE} -->"

WHY = {
    "early": "acted before the last day",
    "announcement": "only the day of the announcement is known",
    "source_doubtful": "the source's petition date is doubtful",
    "sources_differ": "sources give different days",
    "unexplained": "unexplained",
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One case of the table; every day is a civil date in Washington."""

    case: str
    petition_on: date
    raw_due_on: date  # where the count ends, before any roll
    due_on: date  # the last day, as the engine computes it
    requested_on: date
    requested_kind: str  # happened, or only announced or published
    why: str | None  # a code of `records.Difference`; none: not explained in the data set
    source_url: str | None

    @property
    def days(self) -> int:
        """Calendar days from the computed last day to the request; negative: the request came before it."""
        return (self.requested_on - self.due_on).days


def rows(cases: Iterable[Case], mechanism: Mechanism) -> list[Row]:
    """Compute the table for every case of that mechanism that has a petition and a request with a date.

    Args:
        cases: Any cases; those of another mechanism, without a petition or without a request are passed over.
        mechanism: The published rules, as the law's loader returns them.
    """
    table = []
    for case in cases:
        petition = next((event for event in case.events if event.type == "petition_received"), None)
        request = next((event for event in case.events if event.type == "review_requested"), None)
        if case.mechanism != mechanism.id or petition is None or request is None:
            continue
        trigger = Event(id=case.key, type=petition.type, on=petition.on, kind=petition.kind)
        deadline = next(due for due in engine.run(mechanism, [trigger]).deadlines if due.rule == RULE)
        explained = next((said for said in case.differences if said.rule == RULE), None)
        table.append(
            Row(
                case=case.key,
                petition_on=petition.on,
                raw_due_on=deadline.raw_due_on,
                due_on=deadline.due_on,
                requested_on=request.on,
                requested_kind=request.kind,
                why=explained.why if explained else None,
                source_url=explained.source_url if explained else None,
            )
        )
    return sorted(table, key=lambda row: (row.petition_on, row.case))


def markdown(table: list[Row]) -> str:
    """Return the table as Markdown, with the sums that follow from it in a sentence above."""
    lines = [
        _sums(table),
        "",
        "| case | petition | day counted to | computed last day | request made | days apart | why |",
        "|---|---|---|---|---|---:|---|",
    ]
    for row in table:
        why = "" if row.days == 0 else WHY[row.why or "unexplained"]
        if row.days and row.source_url:
            why = f"[{why}]({row.source_url})"
        requested = _day(row.requested_on) + ("" if row.requested_kind == "happened" else f", {row.requested_kind}")
        days = f"{row.days:+d}" if row.days else "0"
        lines.append(
            f"| {row.case} | {_day(row.petition_on)} | {_day(row.raw_due_on)} | {_day(row.due_on)} | {requested}"
            f" | {days} | {why} |"
        )
    return "\n".join(lines)


def fill(text: str, table: list[Row]) -> str:
    """Return the text with the table between its two marks, whatever stood there before.

    Raises:
        ValueError: One of the marks is missing.
    """
    return place(text, OPENS, markdown(table), CLOSES)


def place(text: str, opens: str, body: str, closes: str) -> str:
    """Return the text with something else between two marks.

    Raises:
        ValueError: One of the marks is missing.
    """
    before, _, rest = text.partition(opens)
    _, found, after = rest.partition(closes)
    if not found:
        message = f"the text lacks {opens} or {closes}"
        raise ValueError(message)
    return f"{before}{opens}\n{body}\n{closes}{after}"


def _sums(table: list[Row]) -> str:
    apart = Counter(row.days for row in table)
    rolled = sum(row.raw_due_on != row.due_on for row in table)
    return (
        f"{len(table)} cases. The request was made on the computed last day in {apart[0]}, before it in"
        f" {sum(number for days, number in apart.items() if days < 0)} and after it in"
        f" {sum(number for days, number in apart.items() if days > 0)};"
        f" the count ended on a day off and was carried forward in {rolled}."
    )


def _day(day: date) -> str:
    return f"{day.isoformat()} {day:%a}"


def main(path: Path) -> None:
    """Write the table of the shipped cases under the shipped rules into a document."""
    text = path.read_text(encoding="utf-8")
    path.write_text(fill(text, rows(read().cases, mechanisms()[MECHANISM])), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
