"""Which gates of a mechanism a facility passes, as far as what is recorded of it says; no word on the whole.

A gate is `met` or `unmet` only where a recorded fact says so; everything else is `unknown`, with what is missing. How a
gate is tested is one of four verbs; which sectors, facts and countries they are put to is said in `mechanism.yaml`:

* `located_in`: the facility lies in a party's country;
* `sector_limb`: its sector belongs to one of the treaty's branches;
* `any_fact`: one of some recorded facts holds towards a party's country;
* `unrecorded`: nothing recorded of a facility can answer it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Literal

from msgspec import Struct, field

from vigilancia.law.lists import FacilityFact, Gate
from vigilancia.law.mechanism import Mechanism

State = Literal["met", "unmet", "unknown"]


class RecordedFact(Struct, frozen=True, kw_only=True):
    """A fact that somebody recorded of a facility, towards one country: that it holds, or that it does not."""

    fact: FacilityFact
    country: str  # ISO 3166
    holds: bool
    on: date | None = None
    by: str | None = None
    source_url: str | None = None


class FacilityFacts(Struct, frozen=True, kw_only=True):
    """What is recorded of a facility that a gate may ask about."""

    country: str
    sector: str | None = None
    limb: str | None = None  # the treaty's branch the sector belongs to; none: no branch, or not known
    facts: Sequence[RecordedFact] = ()


class Ground(Struct, frozen=True, kw_only=True):
    """What was recorded and looked at: a field of the facility with its value, or one of its facts."""

    field: Literal["country", "sector", "coverage_facts"]
    value: str | None = None
    fact: RecordedFact | None = None


class GateState(Struct, frozen=True, kw_only=True):
    """How a facility stands to one gate, why, and what that rests on."""

    gate: str
    state: State
    code: str  # of the reason; its words are the caller's to find
    params: dict[str, str] = field(default_factory=dict)
    facts: list[FacilityFact] = field(default_factory=list)  # those the reason speaks of
    rests_on: list[Ground] = field(default_factory=list)


def states(mechanism: Mechanism, facility: FacilityFacts) -> list[GateState]:
    """Return the state of every gate of a mechanism, in the order of its file.

    Args:
        mechanism: With its gates; without any the answer is empty, which says nothing about the facility.
        facility: What is recorded, and nothing that is only likely.
    """
    return [
        _VERBS[gate.test](name, gate, mechanism.parties.get(gate.party or "", ""), facility)
        for name, gate in mechanism.gates.items()
    ]


def _located_in(name: str, _: Gate, country: str, facility: FacilityFacts) -> GateState:
    here = facility.country == country
    return GateState(
        gate=name,
        state="met" if here else "unmet",
        code="located" if here else "located_elsewhere",
        params={"country": country, "other": facility.country},
        rests_on=[Ground(field="country", value=facility.country)],
    )


def _sector_limb(name: str, gate: Gate, _: str, facility: FacilityFacts) -> GateState:
    if facility.sector is None:
        return GateState(gate=name, state="unknown", code="sector_not_recorded")
    state: State = "unknown"
    code = "sector_undecided"
    if facility.limb in gate.limbs:
        state, code = "met", "sector_in"
    elif facility.limb is not None or facility.sector in gate.sectors_out:
        state, code = "unmet", "sector_out"
    return GateState(
        gate=name,
        state=state,
        code=code,
        params={"sector": facility.sector, "limb": facility.limb or ""},
        rests_on=[Ground(field="sector", value=facility.sector)],
    )


def _any_fact(name: str, gate: Gate, country: str, facility: FacilityFacts) -> GateState:
    """One fact that holds is enough; that none does takes a record against each of them."""
    told = {
        fact: [each for each in facility.facts if (each.fact, each.country) == (fact, country)] for fact in gate.facts
    }
    said = {fact: {each.holds for each in records} for fact, records in told.items()}
    holding = [fact for fact in gate.facts if said[fact] == {True}]
    disputed = [fact for fact in gate.facts if said[fact] == {True, False}]
    missing = [fact for fact in gate.facts if not said[fact]]
    state: State = "unknown"
    if holding:
        state, code, facts = "met", "fact_holds", holding
    elif disputed:
        code, facts = "facts_contradict", disputed
    elif missing:
        code, facts = "facts_missing", missing
    else:
        state, code, facts = "unmet", "facts_denied", gate.facts
    spoken = gate.facts if state == "unknown" else facts
    return GateState(
        gate=name,
        state=state,
        code=code,
        params={"country": country},
        facts=list(facts),
        rests_on=[Ground(field="coverage_facts", fact=each) for fact in spoken for each in told[fact]],
    )


def _unrecorded(name: str, *_: object) -> GateState:
    return GateState(gate=name, state="unknown", code="not_about_facility")


_VERBS: Mapping[str, Callable[[str, Gate, str, FacilityFacts], GateState]] = {
    "located_in": _located_in,
    "sector_limb": _sector_limb,
    "any_fact": _any_fact,
    "unrecorded": _unrecorded,
}
