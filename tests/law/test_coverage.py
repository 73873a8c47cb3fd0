"""The gates of a facility, case by case; what a gate says is in the rule files, how it is put is one of four verbs."""

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from tests.law.spoiling import spoil, the_fault
from vigilancia.core import vocabularies
from vigilancia.law.coverage import FacilityFacts, State, states
from vigilancia.law.lists import FacilityFact, Gate
from vigilancia.law.loader import load_folder, mechanism, mechanisms
from vigilancia.law.yamlfile import read_yaml


class GateCase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One case: facts, a gate, and what must be said."""

    name: str
    gate: str
    facility: FacilityFacts
    state: State
    code: str
    because: str
    facts: list[str] | None = None
    rests_on: int | None = None
    mechanism: str = "usmca-31a-us-mx"


HERE = Path(__file__).parent
CASES = read_yaml(HERE / "gates.yaml", "gates.yaml").shaped(list[GateCase])

BOARD = """
gates:
  enforced_order:
    labels: {es: a, en: a, fr: a}
    test: any_fact
    party: complainant
    facts: [enforced_order]
    last_verified_on: 2026-11-25
    confidence: unverified
    cites: [{source: usmca-31a, locator: a}]
"""


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_gate(case: GateCase) -> None:
    [said] = [each for each in states(mechanism(case.mechanism), case.facility) if each.gate == case.gate]
    assert (said.state, said.code) == (case.state, case.code)
    assert case.facts is None or said.facts == case.facts
    assert case.rests_on is None or len(said.rests_on) == case.rests_on


def test_every_gate_has_a_case_and_every_case_a_gate() -> None:
    named = {(case.mechanism, case.gate) for case in CASES}
    ours = {("usmca-31a-us-mx", gate) for gate in mechanism("usmca-31a-us-mx").gates}
    assert ours <= named
    assert all(gate in mechanism(name).gates for name, gate in named)


def test_gates_speak_of_sectors_branches_and_facts_that_the_code_lists_have() -> None:
    sectors = vocabularies.load()["sector"].codes
    gates = [gate for each in mechanisms().values() for gate in each.gates.values()]
    assert {limb for gate in gates for limb in gate.limbs} <= {entry.limb for entry in sectors}
    out = {sector for gate in gates for sector in gate.sectors_out}
    assert out <= {entry.code for entry in sectors if entry.limb is None}
    assert vocabularies.codes("coverage_fact") == set(get_args(FacilityFact))


def test_an_order_is_a_fact_of_its_own_and_a_mechanism_without_gates_says_nothing(folder: Path) -> None:
    path = folder / "mechanism.yaml"
    text = path.read_text(encoding="utf-8")
    start = text.index("# What must be so of a facility")
    path.write_text(text[:start], encoding="utf-8")
    bare, faults = load_folder(folder)
    assert (faults, states(bare, FacilityFacts(country="US")) if bare else None) == ([], [])
    path.write_text(text[:start] + BOARD, encoding="utf-8")
    loaded, faults = load_folder(folder)
    assert faults == []
    assert loaded is not None
    order = {"fact": "enforced_order", "country": "US", "holds": True, "by": "NLRB"}
    facility = msgspec.convert({"country": "US", "facts": [order]}, FacilityFacts)
    assert [(each.state, each.code) for each in states(loaded, facility)] == [("met", "fact_holds")]
    assert states(loaded, FacilityFacts(country="US"))[0].state == "unknown"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    test: located_in\n    party: respondent", "    test: located_in", "needs 'party'"),
        ("    party: complainant\n    facts", "    party: canada\n    facts", "no party 'canada'"),
        ("    facts: [traded, competing]", "    facts: []", "needs 'facts'"),
        ("    limbs: [manufactured_goods, services, mining]\n", "", "needs 'limbs'"),
        ("    facts: [traded, competing]", "    facts: [exported]", "Invalid enum value"),
        ("  counts: [panel_found_denial]", "  counts: []", "no event counts"),
        ("  counts: [panel_found_denial]", "  counts: [panel_found]", "no event 'panel_found'"),
        ("    review_reported_denial:\n      es: M", "    review_said:\n      es: M", "no event 'review_said'"),
        ('{source: usmca-31a, locator: "Art. 31-A.10.3"}', "", "nothing is cited"),
        (
            '{source: usmca-31a, locator: "Art. 31-A.10 (',
            '{source: nobody, locator: "Art. 31-A.10 (',
            "no source 'nobody'",
        ),
    ],
)
def test_spoiled_gate_or_count_is_refused(folder: Path, old: str, new: str, message: str) -> None:
    line = spoil(folder, "mechanism.yaml", old, new)
    file, told, said = the_fault(folder)
    assert message in said
    assert file == "mechanism.yaml"
    table = (folder / file).read_text(encoding="utf-8").splitlines().index("gates:") + 1
    assert abs(told - line) <= 10 or (told == table and "enum" in said)  # a wrong word is blamed on its table


def test_every_gate_says_when_it_was_last_checked() -> None:
    assert {"last_verified_on", "confidence", "cites"} <= {field.name for field in msgspec.structs.fields(Gate)}
    assert all(each.last_verified_on for known in mechanisms().values() for each in known.gates.values())
