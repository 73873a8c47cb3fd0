"""The differences as tables for people, and the command that writes them and their picture.

`python -m vigilancia.demo.summary docs/public-cases.md` writes the tables anew into their marked place and the picture
beside the document.
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from vigilancia.demo import picture
from vigilancia.demo.dataset import read
from vigilancia.demo.differences import TELLING, Comparison, Line, compare, lines
from vigilancia.demo.table import WHY, place
from vigilancia.law.loader import mechanisms
from vigilancia.law.mechanism import Mechanism

OPENS = "<!-- tables: differences -->"
CLOSES = "<!-- end of tables: differences -->"
PICTURE = "public-cases-differences.svg"


def markdown(comparisons: Sequence[Comparison], known: Mapping[str, Mechanism]) -> str:
    """Return all tables as Markdown, mechanism by mechanism, the telling differences last.

    Args:
        comparisons: As `differences.compare` returns them.
        known: The mechanisms they were computed with.
    """
    parts = [_whole(comparisons)]
    for mechanism in known.values():
        gathered = lines(comparisons, mechanism)
        if gathered:
            parts += [f"### {mechanism.labels['en']}", *_mechanism(mechanism, gathered)]
    parts += [f"### Differences of more than {TELLING} days", _telling(comparisons)]
    return "\n\n".join(parts)


def fill(text: str, comparisons: Sequence[Comparison], known: Mapping[str, Mechanism]) -> str:
    """Return the text with the tables between their two marks, whatever stood there before.

    Raises:
        ValueError: One of the marks is missing.
    """
    return place(text, OPENS, f"\n{markdown(comparisons, known)}\n", CLOSES)


def spread(days: Sequence[int]) -> str:
    """Return differences as one reads them out: each once, with how often it occurs where that is more than once."""
    return ", ".join(
        _signed(each) + (f" ({number} times)" if number > 1 else "") for each, number in sorted(Counter(days).items())
    )


def _whole(comparisons: Sequence[Comparison]) -> str:
    days = [abs(each.days) for each in comparisons if each.act is not None]
    near = sum(each <= TELLING for each in days)
    return (
        f"{len(days)} computed days are set beside an act: {days.count(0)} of the acts were on the day itself,"
        f" {near - days.count(0)} up to {TELLING} days away, {len(days) - near} further away."
    )


def _mechanism(mechanism: Mechanism, gathered: Sequence[Line]) -> list[str]:
    last_days = [line for line in gathered if line.compared and not line.floor]
    floors = [line for line in gathered if line.floor]
    idle = [f"`{rule}`" for rule in sorted(mechanism.rules.keys() - {line.rule for line in gathered})]
    parts = [_figures(last_days)] if last_days else ["No last day of this mechanism has an act with a known day."]
    reached = [line for line in floors if line.compared]
    if reached:
        parts += ["Floors, the first day allowed; days after it:", _figures(reached)]
    elif floors:
        parts.append("No case has an act on record after a floor, which is the first day allowed.")
    parts += ["What was computed, and how much of it could be compared:", _left_out(gathered)]
    if idle:
        parts.append(f"No case sets these rules going: {', '.join(idle)}.")
    return parts


def _figures(gathered: Sequence[Line]) -> str:
    rows = [
        "| rule | dates | only announced | on the day | before | after | median | smallest | largest | each, in days |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for line in gathered:
        days = line.days
        announced = sum(not each.known for each in line.compared)
        before, after = sum(each < 0 for each in days), sum(each > 0 for each in days)
        rows.append(
            f"| {_named(line)} | {len(days)} | {announced} | {days.count(0)} | {before} | {after}"
            f" | {_signed(line.middle)} | {_signed(days[0])} | {_signed(days[-1])} | {spread(days)} |"
        )
    return "\n".join(rows)


def _left_out(gathered: Sequence[Line]) -> str:
    rows = [
        "| rule | days computed | compared | implied by a later step | ended without the act | nothing on record |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for line in gathered:
        if line.stand_in is None:
            left = [line.left_out.get(why, 0) for why in ("implied", "ended", "nothing")]
            computed = len(line.compared) + sum(left)
            floor = ", a floor" if line.floor else ""
            cells = " | ".join(str(number) for number in (computed, len(line.compared), *left))
            rows.append(f"| `{line.rule}`{floor} | {cells} |")
    return "\n".join(rows)


def _telling(comparisons: Sequence[Comparison]) -> str:
    telling = [each for each in comparisons if each.act is not None and abs(each.days) > TELLING]
    rows = [
        "| case | rule | computed day | what happened | days apart | why |",
        "|---|---|---|---|---:|---|",
    ]
    for each in sorted(telling, key=lambda each: (-abs(each.days), each.case)):
        happened = f"`{each.act.type}` {each.act.on:%Y-%m-%d %a}" if each.act else ""
        kind = "" if each.known or each.act is None else f", {each.act.kind}"
        rows.append(
            f"| {each.case} | `{each.rule}` | {each.due_on:%Y-%m-%d %a} | {happened}{kind} | {_signed(each.days)}"
            f" | {_why(each)} |"
        )
    return "\n".join(rows)


def _why(each: Comparison) -> str:
    said = each.said
    if said is None:
        return WHY["unexplained"]
    why = WHY[said.why] + (f": {said.note_en}" if said.note_en else "")
    return f"{why} [Source]({said.source_url})" if said.source_url else why


def _named(line: Line) -> str:
    stand_in = f", measured by the step after it: {line.stand_in}" if line.stand_in else ""
    return f"{line.title}{stand_in}<br>`{line.rule}`"


def _signed(days: float) -> str:
    return f"{days:+g}" if days else "0"


def main(document: Path) -> None:
    """Write the tables of the shipped cases under the shipped rules into a document, and the picture beside it."""
    known = mechanisms()
    comparisons = compare(read().cases, known)
    text = document.read_text(encoding="utf-8")
    document.write_text(fill(text, comparisons, known), encoding="utf-8")
    document.with_name(PICTURE).write_text(picture.draw(comparisons, known), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
