"""Formula injection: 200 payloads through the whole export, and what harmless cells look like."""

import itertools

from tests.builders import a_complaint
from tests.conftest import Api, People
from tests.rooms.reports.files import cells, complaints_called, objects
from vigilancia.core.work import Desk

_SIGNS = ["=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
_BEFORE = [
    "",
    " ",
    "\t",
    "\r",
    "\n",
    "\ufeff",
    "\u00a0",
    "\u200b",
    "\u0001",
    "\u2028",
    "\u3000",
    "\x1b",
    " \t\ufeff ",
    "\x7f",
    "\u202e",
]
_TAILS = ["1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://x.example","y")', "SUM(A1:A9)"]


def payloads() -> list[str]:
    """Return 200 titles that a spreadsheet might carry out."""
    every = [f"{before}{sign}{tail}" for before, sign, tail in itertools.product(_BEFORE, _SIGNS, _TAILS)]
    return every[:: len(every) // 200][:200]


def harmful(cell: str) -> bool:
    """Tell whether a spreadsheet might take a cell for a formula, by its first visible sign."""
    seen = next((char for char in cell if char.isprintable() and not char.isspace() and char not in "\u200b\ufeff"), "")
    return seen in _SIGNS


async def test_no_payload_of_200_leaves_as_a_formula(api: Api, desk: Desk, people: People) -> None:
    assert len(payloads()) == 200
    assert all(harmful(title) for title in payloads())
    await complaints_called(desk, people, payloads())
    rows = await cells(api, desk, profile="full")
    assert len(rows) == 200
    assert [cell for row in rows for cell in row.values() if harmful(cell)] == []
    assert sorted(row["title"] for row in rows) == sorted("'" + title for title in payloads())
    assert sorted(row["title"] for row in await objects(api, desk, profile="full")) == sorted(payloads())


async def test_formulas_in_lists_are_disarmed_too(api: Api, desk: Desk) -> None:
    await a_complaint(api, tags=["=1+1", "dos"])
    (row,) = await cells(api, desk, profile="full")
    assert row["tags"] == "'=1+1;dos"


async def test_harmless_words_stay_as_they_are(api: Api, desk: Desk) -> None:
    for title in ("a=1", "¿Qué pasó?", "'ya citado", "3 - 2", 'José «El Ñandú», S.A. de C.V.; "x"'):
        case = await a_complaint(api, title=title)
        rows = await cells(api, desk, profile="full")
        assert title in [row["title"] for row in rows if row["id"] == case["id"]]
