"""Walking a chain from its first place to its last: what does not hold, at which place, of which row.

Nothing here knows where the places come from; what is kept of them does not grow with their number.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from vigilancia.access.chain.heads import Head, holds
from vigilancia.access.chain.rows import FIRST, link

Kind = Literal[
    "edited",
    "removed",
    "swapped",
    "inserted",
    "place_missing",
    "unprovable",
    "digest_edited",
    "unchained",
    "content_edited",
    "content_removed",
    "head_broken",
    "head_differs",
    "truncated",
]
MOST = 1_000  # faults told one by one; all are counted
_SUSPECTS = 200
_CONTENT: Mapping[str, Kind] = {"edited": "content_edited", "removed": "content_removed"}


class Place(Struct, frozen=True, kw_only=True):
    """One place of a chain.

    Attributes:
        position: Counted from 1.
        digest: As the chain has it.
        row_id: Of the row that stands there.
        row: The row as `rows.plain` returns it; none where it is gone.
        content: `kept`, `none`, `forgotten`, or `edited`, `removed`; none where that cannot be told.
        heads: Heads that speak of this place.
    """

    position: int
    digest: bytes
    row_id: str
    row: Mapping[str, Any] | None
    content: str | None = None
    heads: Sequence[Head] = ()


class Fault(Struct, kw_only=True):
    """Something that does not hold.

    Attributes:
        kind: What is wrong.
        position: Where; the first place, where several are missing.
        row_id: Of which row, where one is known.
        until: The last of several places; of a swapped row the place where it belongs.
    """

    kind: Kind
    position: int | None
    row_id: str | None = None
    until: int | None = None


class Report(Struct, kw_only=True):
    """What a walk found.

    Attributes:
        rows: Places walked.
        heads: Heads that hold.
        forgotten: Rows whose content erasure took.
        waiting: Rows that wait to be sealed.
        count: Faults, all of them.
        faults: The first of them, by place.
    """

    rows: int = 0
    heads: int = 0
    forgotten: int = 0
    waiting: int = 0
    count: int = 0
    faults: list[Fault]

    @property
    def good(self) -> bool:
        """Whether nothing was found."""
        return self.count == 0


class _Suspect(Struct, frozen=True):
    fault: Fault
    before: bytes
    digest: bytes
    row: Mapping[str, Any]


class Walk:
    """One walk along a chain."""

    def __init__(self, known: Collection[str], outside: Iterable[Head] = ()) -> None:
        """Stand before the first place.

        Args:
            known: Public keys that may have signed heads.
            outside: Heads that were kept elsewhere than with the chain.
        """
        self.report = Report(faults=[])
        self._known = frozenset(known)
        self._outside = sorted(outside, key=lambda head: head.position, reverse=True)
        self._position = 0
        self._digest = self._before = FIRST
        self._sure = True  # whether the digest before is known
        self._other: tuple[bytes, Fault] | None = None  # what the last digest would be, and the fault it was found by
        self._suspects: list[_Suspect] = []

    def step(self, place: Place) -> None:
        """Look at the next place."""
        if place.position != self._position + 1:
            self._tell("place_missing", self._position + 1, until=place.position - 1)
            self._sure = False
        self._look(place)
        self._position = place.position
        self.report.rows += 1
        if place.content == "forgotten":
            self.report.forgotten += 1
        elif place.content is not None and place.content in _CONTENT:
            self._tell(_CONTENT[place.content], place.position, place.row_id)
        while self._outside and self._outside[-1].position <= place.position:
            head = self._outside.pop()
            if head.position == place.position:
                self._agree(head, place)
        for head in place.heads:
            self._agree(head, place)

    def end(self, *, last: int = 0) -> Report:
        """Stand behind the last place, and tell what was found.

        Args:
            last: The position of the newest head beside the chain, which the chain must have reached.
        """
        reach = [head.position for head in self._outside if holds(head, self._known)]
        furthest = max([*reach, last], default=0)
        if furthest > self._position:
            self._tell("truncated", self._position + 1, until=furthest)
        for head in self._outside:
            if not holds(head, self._known):
                self._tell("head_broken", head.position)
        self._match_suspects()
        self.report.faults.sort(key=lambda fault: fault.position or 0)
        return self.report

    def tell(self, kind: Kind, position: int | None, row_id: str | None = None) -> None:
        """Add something that was found beside the way."""
        self._tell(kind, position, row_id)

    def _look(self, place: Place) -> None:
        before, other = self._digest, self._other
        self._other = None
        if place.row is None:
            self._tell("removed", place.position, place.row_id)
        elif not self._sure:
            self._tell("unprovable", place.position, place.row_id)
        elif (made := link(before, place.row)) != place.digest:
            if other is not None and link(other[0], place.row) == place.digest:
                other[1].kind = "digest_edited"  # the row before is as it was, its digest is not
            elif link(self._before, place.row) == place.digest:
                self._tell("inserted", self._position, None)
            else:
                fault = self._tell("edited", place.position, place.row_id)
                self._other = (made, fault)
                if len(self._suspects) < _SUSPECTS:
                    self._suspects.append(_Suspect(fault, before, place.digest, place.row))
        self._before, self._digest, self._sure = before, place.digest, True

    def _agree(self, head: Head, place: Place) -> None:
        if not holds(head, self._known):
            self._tell("head_broken", head.position, place.row_id)
        elif head.digest != place.digest.hex():
            self._tell("head_differs", head.position, place.row_id)
        else:
            self.report.heads += 1

    def _match_suspects(self) -> None:
        """Find rows that stand in each other's place."""
        for one in self._suspects:
            for another in self._suspects:
                if one is not another and link(one.before, another.row) == one.digest:
                    another.fault.kind = "swapped"
                    another.fault.until = one.fault.position

    def _tell(self, kind: Kind, position: int | None, row_id: str | None = None, *, until: int | None = None) -> Fault:
        fault = Fault(kind=kind, position=position, row_id=row_id, until=until)
        self.report.count += 1
        if len(self.report.faults) < MOST:
            self.report.faults.append(fault)
        return fault
