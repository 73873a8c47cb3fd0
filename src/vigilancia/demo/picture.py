"""The differences as a picture: one row a rule, one mark a case, the computed day as a line.

Days up to a week from the computed day stand on an even scale. What lies further away stands apart, behind a dashed
line, with its number of days written beside it, so that one long delay does not press all others together.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from textwrap import wrap

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from vigilancia.demo.differences import TELLING, Comparison, Line, lines
from vigilancia.law.mechanism import Mechanism

WEEK = 7
# In units of the drawing: the even scale, the space for what lies outside it, the margin, and one mark above another.
_SCALE, _FAR, _MARGIN, _DOT = 326, 126, 14, 10
_LINE, _HEAD, _SHORTEST = 16, 156, 34  # a line of text, the legend, the lowest row
_LETTERS = 58  # in a title
_COUNTED = 5  # marks on one another that are easier read than counted


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """Where a difference stands between the left and the right edge."""

    before: bool  # whether there is anything more than a week before its day
    after: bool

    @property
    def left(self) -> int:
        """Where the even scale begins."""
        return _MARGIN + _FAR * self.before

    @property
    def right(self) -> int:
        """Where the even scale ends."""
        return self.left + _SCALE

    @property
    def width(self) -> int:
        """The width of the whole drawing."""
        return self.right + _FAR * self.after + _MARGIN

    def x(self, days: float) -> float:
        """Return the place of a difference, or the middle of the space for what lies more than a week away."""
        if abs(days) > WEEK:
            return self.left - _FAR / 2 if days < 0 else self.right + _FAR / 2
        return round(self.left + (days + WEEK + 0.5) * _SCALE / (2 * WEEK + 1), 1)


class Dot(msgspec.Struct, frozen=True, kw_only=True):
    """One case's mark."""

    x: float
    y: float
    known: bool
    said: str


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A word or a number beside a mark."""

    x: float
    y: float
    text: str
    strong: bool


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: its name, its marks, and from where to where it reaches down the drawing."""

    y: int
    top: int
    base: int
    title: list[str]
    note: list[str]
    dots: list[Dot]
    labels: list[Label]


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """One mechanism with its rows."""

    y: int
    title: list[str]
    rows: list[Row]


def draw(comparisons: Sequence[Comparison], known: Mapping[str, Mechanism]) -> str:
    """Return the picture as SVG, complete in itself: no script, no font, nothing from elsewhere.

    Args:
        comparisons: As `differences.compare` returns them.
        known: The mechanisms they were computed with.
    """
    days = [each.days for each in comparisons if each.act is not None]
    scale = Scale(before=min(days, default=0) < -WEEK, after=max(days, default=0) > WEEK)
    panels, said, y = [], [], _HEAD
    for mechanism in known.values():
        gathered = [line for line in lines(comparisons, mechanism) if line.compared]
        if gathered:
            panel, y = _panel(mechanism, gathered, scale, y)
            panels.append(panel)
            said += [_said(line) for line in gathered]
    page = _environment().get_template("differences.svg")
    return page.render(panels=panels, scale=scale, height=y, said=said, telling=TELLING, week=WEEK)


def _panel(mechanism: Mechanism, gathered: Sequence[Line], scale: Scale, y: int) -> tuple[Panel, int]:
    title = wrap(mechanism.labels["en"], _LETTERS)
    rows, below = [], y + _LINE * len(title) + 14
    for line in gathered:
        row = _row(line, scale, below)
        rows.append(row)
        below = row.base + 48
    return Panel(y=y, title=title, rows=rows), below - 14


def _row(line: Line, scale: Scale, y: int) -> Row:
    title, note = wrap(line.title, _LETTERS), wrap(_note(line), _LETTERS + 14)
    top = y + _LINE * (len(title) + len(note)) - 4
    stacks: dict[float, list[Comparison]] = defaultdict(list)
    for each in sorted(line.compared, key=lambda each: (each.days, not each.known, each.case)):
        stacks[scale.x(each.days)].append(each)
    marks, labels = [], []
    for x, stack in stacks.items():
        found, beside = _far(x, stack) if abs(stack[0].days) > WEEK else _near(x, stack)
        marks += found
        labels += beside
    highest = max([-mark.y for mark in marks] + [-label.y + 10 for label in labels])
    base = top + max(int(highest) + 6, _SHORTEST)
    return Row(
        y=y,
        top=top,
        base=base,
        title=title,
        note=note,
        dots=[msgspec.structs.replace(mark, y=base + mark.y) for mark in marks],
        labels=[msgspec.structs.replace(label, y=base + label.y) for label in labels],
    )


def _near(x: float, stack: Sequence[Comparison]) -> tuple[list[Dot], list[Label]]:
    """Pile the cases of one day on one another; above, their number, or which they are where they ask for a reason."""
    dots = [_dot(x, -_DOT * place - 8, each) for place, each in enumerate(stack)]
    over, labels = dots[-1].y - 10, []
    if abs(stack[0].days) > TELLING:
        labels = [Label(x=x, y=over, text=_in_days(stack[0].days), strong=True)]
        labels += [
            Label(x=x, y=over - 14 * place, text=each.case, strong=False) for place, each in enumerate(stack, start=1)
        ]
    elif len(stack) >= _COUNTED:
        labels = [Label(x=x, y=over, text=f"{len(stack)} cases", strong=True)]
    return dots, labels


def _far(x: float, stack: Sequence[Comparison]) -> tuple[list[Dot], list[Label]]:
    """Set what lies far away one above the other, each with its number of days and its case."""
    dots, labels = [], []
    for place, each in enumerate(stack):
        y = -46 * place - 8
        dots.append(_dot(x, y, each))
        labels.append(Label(x=x, y=y - 10, text=_in_days(each.days), strong=True))
        labels.append(Label(x=x, y=y - 24, text=each.case, strong=False))
    return dots, labels


def _dot(x: float, y: float, each: Comparison) -> Dot:
    kind = "" if each.known or each.act is None else f", {each.act.kind}"
    return Dot(x=x, y=y, known=each.known, said=f"{each.case}: {_in_days(each.days)}{kind}")


def _note(line: Line) -> str:
    number = f"{len(line.compared)} case" + ("s" if len(line.compared) > 1 else "")
    if line.stand_in:
        return f"{number}. No day of the act is known; the mark is the step after it: {line.stand_in}"
    if line.floor:
        return f"{number}. Here the line is the first day allowed"
    return number


def _said(line: Line) -> str:
    stand_in = f" (measured by the step after it: {line.stand_in})" if line.stand_in else ""
    days = line.days
    return (
        f"{line.title}{stand_in}: {len(days)} compared, {days.count(0)} on the computed day,"
        f" from {_in_days(days[0])} to {_in_days(days[-1])}."
    )


def _in_days(days: int) -> str:
    sign = "\N{MINUS SIGN}" if days < 0 else "+" if days > 0 else ""
    return f"{sign}{abs(days)} day" + ("" if abs(days) == 1 else "s")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("vigilancia.demo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        keep_trailing_newline=True,
    )
