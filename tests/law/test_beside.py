"""What may be said to run beside a mechanism: another one that exists, from an event it counts from, with a source."""

import shutil
from pathlib import Path

import pytest

from tests.law.spoiling import the_fault
from vigilancia.law.check import check_folder
from vigilancia.law.loader import DATA, load_folder, mechanisms
from vigilancia.law.proof import faults_of_company
from vigilancia.law.yamlfile import Document

EXAMPLE = Path(__file__).parent / "example"
BESIDE = """
beside:
  - mechanism: usmca-31a-us-mx
    event: petition_received
    allegations: [wages]
    labels: {es: el hecho, en: the fact, fr: le fait}
    why: {es: Corre otro plazo., en: Another clock runs., fr: Un autre délai court.}
    confidence: primary
    cites: [{source: example-act, locator: art. 30}]
"""


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The fictional mechanism, with one of the package beside it."""
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "mechanism"))
    head = folder / "mechanism.yaml"
    head.write_text(head.read_text("utf-8") + BESIDE.lstrip(), "utf-8")
    return folder


def test_a_mechanism_of_the_package_may_stand_beside_one_of_an_organisation(example: Path) -> None:
    assert check_folder(example) == []
    mechanism, _ = load_folder(example)
    assert mechanism is not None
    assert [beside.mechanism for beside in mechanism.beside] == ["usmca-31a-us-mx"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mechanism: usmca-31a-us-mx", "mechanism: usmca-31a-us-xx", "no mechanism 'usmca-31a-us-xx'"),
        ("mechanism: usmca-31a-us-mx", "mechanism: example-inspection", "a mechanism does not run beside itself"),
        ("event: petition_received", "event: petition_sent", "no rule there starts from 'petition_sent'"),
        ("allegations: [wages]", "allegations: []", "no allegation is named"),
        ("source: example-act, locator: art. 30", "source: act, locator: art. 30", "no source 'act' in sources.yaml"),
        ("cites: [{source: example-act, locator: art. 30}]", "cites: []", "nothing is cited"),
        (", fr: Un autre délai court.", "", "words must be given in es, en and fr, and in nothing else"),
        ("confidence: primary\n    cites", "sure: primary\n    cites", "Object contains unknown field `sure`"),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(example: Path, old: str, new: str, message: str) -> None:
    head = example / "mechanism.yaml"
    text = head.read_text("utf-8")
    start = text.index("beside:")
    assert old in text[start:]
    head.write_text(text[:start] + text[start:].replace(old, new, 1), "utf-8")
    file, line, told = the_fault(example)
    assert (file, told) == ("mechanism.yaml", message)
    assert line > text[:start].count("\n")


def test_a_mechanism_may_stand_beside_another_of_the_same_folder(example: Path) -> None:
    other = Path(shutil.copytree(EXAMPLE, example.parent / "other"))
    (other / "mechanism.yaml").write_text(
        (other / "mechanism.yaml").read_text("utf-8").replace("id: example-inspection", "id: example-other"), "utf-8"
    )
    head = example / "mechanism.yaml"
    text = head.read_text("utf-8")
    start = text.index("beside:")
    named = text[start:].replace("usmca-31a-us-mx", "example-other").replace("petition_received", "report_notified")
    head.write_text(text[:start] + named, "utf-8")
    assert check_folder(example.parent) == []


def test_every_mechanism_said_to_run_beside_one_of_ours_exists_and_counts_from_that_event() -> None:
    for mechanism in mechanisms().values():
        document = Document(file=mechanism.id, data=None, lines={})
        assert faults_of_company(document, mechanism, mechanisms()) == []
    assert check_folder(DATA / "mechanisms") == []


def test_what_it_rests_on_is_among_the_sources(example: Path) -> None:
    head = example / "mechanism.yaml"
    head.write_text(
        head.read_text("utf-8").replace("source: example-act, locator: art. 30", "source: mx-lft, locator: art. 30"),
        "utf-8",
    )
    mechanism, faults = load_folder(example)
    assert faults == []
    assert mechanism is not None
    assert "mx-lft" in mechanism.sources


def test_a_dismissed_worker_is_warned_wherever_the_workers_may_be_in_mexico_and_not_where_mexico_asks() -> None:
    warned = {name for name, each in mechanisms().items() if any(it.mechanism == "mx-dismissal" for it in each.beside)}
    asked = {name for name, each in mechanisms().items() if each.parties.get("respondent") == "MX"}
    assert warned == asked | {"usmca-23-us", "mx-representation"}
    assert asked == {"usmca-31a-us-mx", "usmca-31b-ca-mx"}


def test_where_the_country_is_not_fixed_the_words_name_mexico() -> None:
    [beside] = mechanisms()["usmca-23-us"].beside
    for words in (beside.labels, beside.why):
        assert ["en México" in words["es"], "in Mexico" in words["en"], "au Mexique" in words["fr"]] == [True] * 3
