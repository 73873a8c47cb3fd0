"""The code lists are complete, strict and labelled in three languages."""

import pytest

from vigilancia.core import vocabularies
from vigilancia.core.strictyaml import DataFileError, parse

# The number of codes in each list; a list may grow, and then this figure grows with it in the same change.
SIZES = {
    "allegation": 35,
    "channel": 16,
    "complaint_status": 3,
    "confidentiality": 3,
    "coverage_fact": 3,
    "employment": 5,
    "evidence": 20,
    "finding": 6,
    "group": 11,
    "language": 44,
    "link_access": 4,
    "link_role": 18,
    "organization_kind": 19,
    "outcome": 21,
    "outcome_stage": 4,
    "person_role": 9,
    "place": 97,
    "relation": 3,
    "risk_level": 4,
    "sector": 30,
    "suspension_basis": 8,
    "task": 12,
}


def test_every_list_is_there_with_all_its_codes() -> None:
    """A list that lost a code would orphan the rows that use it."""
    assert {name: len(vocabulary.codes) for name, vocabulary in vocabularies.load().items()} == SIZES


@pytest.mark.parametrize("name", sorted(SIZES))
def test_every_code_has_a_label_in_each_language(name: str) -> None:
    """An empty label would show as a blank cell to a person."""
    vocabulary = vocabularies.load()[name]
    for labels in (vocabulary.titles, *(entry.labels for entry in vocabulary.codes)):
        assert all(text.strip() for text in (labels.es, labels.en, labels.fr))


def test_every_list_admits_that_its_french_is_unchecked() -> None:
    """Nobody has read the French yet; the day somebody did, this test changes with the file."""
    assert all(vocabulary.needs_native_check for vocabulary in vocabularies.load().values())


def test_every_sector_names_its_limb_save_those_no_limb_fits() -> None:
    """The treaty reaches goods, services and mining; agriculture and `other` are in none of them by themselves."""
    sectors = vocabularies.load()["sector"].codes
    assert {entry.code for entry in sectors if entry.limb is None} == {"agriculture", "other"}
    assert {entry.limb for entry in sectors if entry.limb} == {"manufactured_goods", "services", "mining"}


def test_a_limb_belongs_to_sectors_only() -> None:
    """A limb on any other list would be a slip."""
    others = [vocabulary for name, vocabulary in vocabularies.load().items() if name != "sector"]
    assert not [entry.code for vocabulary in others for entry in vocabulary.codes if entry.limb or entry.scian]


def test_worker_center_is_never_called_a_workplace() -> None:
    """`centro de trabajo` is a workplace; the two are mixed up easily."""
    labels = {entry.code: entry.labels.es for entry in vocabularies.load()["organization_kind"].codes}
    assert labels["worker_center"] == "centro de trabajadores"


def test_codes_of_a_list_that_does_not_exist_is_an_error() -> None:
    """A typo in a list's name must not read as an empty list."""
    with pytest.raises(KeyError):
        vocabularies.codes("allegations")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("id: a\nid: b\n", "given twice"),
        ("id: a\nwrong: 1\n", "unknown field"),
        ("id: [\n", "expected the node content"),
        ("id: 3\n", "Expected `str`"),
    ],
)
def test_a_data_file_that_does_not_fit_is_refused_by_name(text: str, reason: str) -> None:
    """Equal keys, unknown fields, broken YAML and wrong types are refused, and the file is named."""
    with pytest.raises(DataFileError, match=reason) as refusal:
        parse(text, vocabularies.Vocabulary, name="some.yaml")
    assert str(refusal.value).startswith("some.yaml: ")
