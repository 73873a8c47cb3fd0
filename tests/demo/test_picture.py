"""The picture of the differences: true to the numbers, up to date, and readable without colour, script or network."""

import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec

from vigilancia.demo import picture, summary
from vigilancia.demo.dataset import read
from vigilancia.demo.differences import Comparison, compare
from vigilancia.law.loader import mechanisms

DOCUMENT = Path(__file__).parents[2] / "docs" / "public-cases.md"
SVG = "{http://www.w3.org/2000/svg}"
KNOWN = mechanisms()
COMPARISONS = [each for each in compare(read().cases, KNOWN) if each.act]
DRAWN = picture.draw(COMPARISONS, KNOWN)
ROOT = ET.fromstring(DRAWN)  # noqa: S314 - our own text


def marks(root: ET.Element) -> dict[str, ET.Element]:
    """Return each mark under what its title says; a case has several where it has several acts."""
    found = {}
    for place, group in enumerate(root.iter(f"{SVG}g")):
        title = group.find(f"{SVG}title")
        if title is not None:
            found[f"{title.text} #{place}"] = group
    return found


def one(root: ET.Element, said: str) -> ET.Element:
    """Return the only mark of which something is said."""
    (mark,) = [group for title, group in marks(root).items() if title.startswith(f"{said} #")]
    return mark


def x(group: ET.Element) -> float:
    """Return how far to the right a mark stands."""
    circle, path = group.find(f"{SVG}circle"), group.find(f"{SVG}path")
    if circle is not None:
        return float(circle.attrib["cx"])
    assert path is not None
    return float(path.attrib["d"].removeprefix("M").split()[0])


def far_before() -> list[Comparison]:
    """Return all comparisons with one act moved to more than a week before its day."""
    first = next(each for each in COMPARISONS if each.case == "us-26-pirelli" and each.rule == "review_answer")
    assert first.act is not None
    early = msgspec.structs.replace(first, act=msgspec.structs.replace(first.act, on=date(2024, 8, 24)))
    return [early if each is first else each for each in COMPARISONS]


def test_the_picture_beside_the_document_is_that_of_today() -> None:
    """A change that moves a day must show in the picture in the same change."""
    assert DOCUMENT.with_name(summary.PICTURE).read_text(encoding="utf-8") == DRAWN
    assert f"]({summary.PICTURE})" in DOCUMENT.read_text(encoding="utf-8")


def test_every_comparison_is_one_mark() -> None:
    """Nothing is left out of the picture that is in the tables, and nothing added."""
    assert len(marks(ROOT)) == len(COMPARISONS)


def test_an_act_and_an_announcement_have_marks_of_different_shape() -> None:
    """Who sees no colours tells them apart all the same."""
    shapes = [("circle" if group.find(f"{SVG}circle") is not None else "path") for group in marks(ROOT).values()]
    assert shapes.count("circle") == sum(each.known for each in COMPARISONS)
    assert one(ROOT, "us-06-vu-2: +5 days, announced").find(f"{SVG}path") is not None


def test_days_stand_in_their_order_and_alike_days_on_one_another() -> None:
    """Left is before, right is after; no mark covers another."""
    scale = picture.Scale(before=False, after=True)
    places = [scale.x(days) for days in [*range(-7, 8), 36]]
    assert places == sorted(places)
    assert scale.x(36) == scale.x(210)
    spots = [ET.tostring(group[1]) for group in marks(ROOT).values()]
    assert len(set(spots)) == len(spots)


def test_what_lies_far_away_has_its_days_and_its_case_in_words() -> None:
    """Outside the even scale a place says nothing; the number does."""
    words = [text.text for text in ROOT.iter(f"{SVG}text")]
    for said in ("+210 days", "us-11-san-martin", "+36 days", "us-27-camino-rojo", "over a week after"):
        assert said in words
    assert "over a week before" not in words


def test_what_lies_far_before_gets_a_space_of_its_own() -> None:
    """A mechanism whose acts come early must not run out of the picture."""
    root = ET.fromstring(picture.draw(far_before(), KNOWN))  # noqa: S314
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert "over a week before" in words
    assert "\N{MINUS SIGN}9 days" in words
    assert x(one(root, "us-26-pirelli: \N{MINUS SIGN}9 days")) < x(one(root, "us-30-vdo: \N{MINUS SIGN}4 days"))
    assert float(root.attrib["viewBox"].split()[2]) > float(ROOT.attrib["viewBox"].split()[2])


def test_nothing_is_drawn_outside_the_picture() -> None:
    """What is cut off is not read."""
    for comparisons in (COMPARISONS, far_before()):
        root = ET.fromstring(picture.draw(comparisons, KNOWN))  # noqa: S314
        _, _, width, height = (float(edge) for edge in root.attrib["viewBox"].split())
        for text in root.iter(f"{SVG}text"):
            assert 0 < float(text.attrib["x"]) < width
            assert 0 < float(text.attrib["y"]) < height
        assert all(0 < x(group) < width for group in marks(root).values())


def test_a_screen_reader_hears_title_and_figures() -> None:
    """The picture says in words what it shows."""
    assert ROOT.attrib["role"] == "img"
    named = {element.attrib["id"]: element.text for element in ROOT.iter() if "id" in element.attrib}
    assert ROOT.attrib["aria-labelledby"].split() == ["title", "desc"]
    assert "Mexico answers whether it will review: 8 compared, 2 on the computed day" in (named["desc"] or "")


def test_the_picture_is_complete_in_itself() -> None:
    """No script, no font or image from elsewhere, and a ground of its own for dark pages."""
    assert not re.search(r"<script|<image|<foreignObject|href|@import|@font-face|url\(|\bon\w+=", DRAWN)
    assert DRAWN.count("http") == 1  # the name of the SVG language itself
    ground = ROOT.find(f"{SVG}rect")
    assert ground is not None
    assert ground.attrib["fill"] == "#ffffff"


def test_nothing_to_compare_draws_an_empty_picture() -> None:
    """A data set without acts is no error."""
    assert marks(ET.fromstring(picture.draw([], KNOWN))) == {}  # noqa: S314


def test_the_command_writes_tables_and_picture(tmp_path: Path) -> None:
    """What a person runs does what the tests of the document check."""
    copy = tmp_path / "public-cases.md"
    copy.write_text(f"{summary.OPENS}\n{summary.CLOSES}\n", encoding="utf-8")
    summary.main(copy)
    assert "`panel_determination`" in copy.read_text(encoding="utf-8")
    assert (tmp_path / summary.PICTURE).read_text(encoding="utf-8") == DRAWN
