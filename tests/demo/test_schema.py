"""The published schemas accept what is published and refuse what is not."""

import json
from datetime import date
from importlib.resources import files
from typing import Any

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from vigilancia.core import vocabularies
from vigilancia.demo.dataset import unknown_codes
from vigilancia.demo.records import Case

DATA = files("vigilancia.demo").joinpath("data")
CASE_FILES = sorted(path.name for path in DATA.joinpath("cases").iterdir())


def schema(name: str) -> dict[str, Any]:
    """Return one published schema, having checked that it is a schema."""
    loaded: dict[str, Any] = json.loads(DATA.joinpath("schema", f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(loaded)
    return loaded


def faults(name: str, value: Any) -> list[str]:
    """Return what a stranger's validator says of a value; formats of dates count."""
    validator = Draft202012Validator(schema(name), format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(value)]


def document(name: str) -> Any:
    """Return a file as a reader outside Python would see it: dates as text."""
    loaded = yaml.safe_load(DATA.joinpath(name).read_text(encoding="utf-8"))
    return json.loads(json.dumps(loaded, default=date.isoformat))


def refuse(case: Case) -> None:
    """Do with a case what reading the set does after its types fit.

    Raises:
        msgspec.ValidationError: A code is in no vocabulary.
    """
    for fault in unknown_codes(case):
        raise msgspec.ValidationError(fault)


@pytest.mark.parametrize("name", CASE_FILES)
def test_every_case_fits_the_published_schema(name: str) -> None:
    """A stranger validates with the schema, not with our types."""
    assert faults("case", document(f"cases/{name}")) == []


@pytest.mark.parametrize("name", ["organizations", "facilities", "dataset"])
def test_every_other_file_fits_its_schema(name: str) -> None:
    """The head, the organisations and the facilities are published with schemas too."""
    assert faults(name, document(f"{name}.yaml")) == []


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"received_on": "2021-02-30"},
        {"received_on": "12/05/2021"},
        {"self_initiated": None},
        {"allegations": ["no_such_code"]},
        {"sources": []},
        {"sources": ["ustr.gov/page"]},
        {"status": "archived"},
        {"links": [{"organization": "lsom", "role": "petitioner", "adverse": False, "colour": "red"}]},
    ],
)
def test_a_case_that_strays_is_refused_by_schema_and_by_type(change: dict[str, Any]) -> None:
    """Both doors refuse the same things; `self_initiated: null` is not a second way of not knowing."""
    strayed = document("cases/us-01-gm-silao.yaml") | change
    assert faults("case", strayed)
    if change != {"self_initiated": None}:
        with pytest.raises(msgspec.ValidationError):
            refuse(msgspec.convert(strayed, Case))


def test_a_petitioner_may_be_adverse() -> None:
    """A union that petitions may itself be at fault; the shape must not rule that out."""
    odd = document("cases/us-01-gm-silao.yaml")
    odd["links"] = [{"organization": "lsom", "role": "petitioner", "adverse": True}]
    assert faults("case", odd) == []
    assert msgspec.convert(odd, Case).links[0].adverse


@pytest.mark.parametrize(
    ("record", "field", "name"),
    [
        ("Incident", "allegation", "allegation"),
        ("CaseLink", "role", "link_role"),
        ("Finding", "result", "finding"),
        ("CaseOutcome", "outcome", "outcome"),
        ("CaseOutcome", "stage", "outcome_stage"),
        ("Related", "kind", "relation"),
    ],
)
def test_the_schema_lists_the_codes_of_the_vocabularies(record: str, field: str, name: str) -> None:
    """A code that only one of the two knows would load in one place and fail in the other."""
    properties = schema("case")["$defs"][record]["properties"]
    assert set(properties[field]["enum"]) == vocabularies.codes(name)


def test_the_schema_and_the_types_require_the_same_fields() -> None:
    """A field that is required in one place only is a trap for whoever adds a case."""
    required = {field.encode_name for field in msgspec.structs.fields(Case) if field.required}
    assert set(schema("case")["required"]) == required
