"""Which gates of a mechanism a facility passes, in words: the law's pure answer over what the registry records."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from vigilancia.access import policy
from vigilancia.core import i18n, vocabularies
from vigilancia.core.errors import BadParameterError, Fault
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.law import coverage as law
from vigilancia.law import loader
from vigilancia.law.deadlines import cited
from vigilancia.law.mechanism import Mechanism
from vigilancia.proceedings import words
from vigilancia.proceedings.facilities.schemas import Coverage, CoverageGate, CoverageGround
from vigilancia.registry.coverage_facts import CoverageFact
from vigilancia.registry.facilities import queries as facilities
from vigilancia.registry.facilities.schemas import Facility


def asked_for(name: str) -> Mechanism:
    """Return the mechanism a parameter names.

    Raises:
        BadParameterError: There is none of that id.
    """
    found = loader.mechanisms().get(name)
    if found is None:
        fault = Fault(pointer="?mechanism", code="code", params={"vocabulary": ", ".join(sorted(loader.mechanisms()))})
        raise BadParameterError(faults=[fault])
    return found


async def of_facility(work: Work, facility_id: UUID, mechanism_id: str) -> Coverage:
    """Say of each gate whether the facility passes it, as far as the caller is told what is recorded.

    Raises:
        ForbiddenError: The caller's token does not read the registry, which this tells from.
        NotFoundError: For this caller the facility does not exist.
        BadParameterError: There is no such mechanism.
    """
    policy.require(work.caller, "registry:read")
    plant = await facilities.read(work, facility_id)
    mechanism = asked_for(mechanism_id)
    states = law.states(mechanism, _facts(plant))
    return Coverage(
        facility_id=plant.id,
        mechanism=mechanism.id,
        title=words.label(mechanism.labels, work.locale),
        note=i18n.t("coverage.note" if states else "coverage.no_gates", work.locale),
        gates=[_gate(mechanism, state, work.locale) for state in states],
    )


def _facts(plant: Facility) -> law.FacilityFacts:
    sectors = vocabularies.load()["sector"].codes
    return law.FacilityFacts(
        country=plant.country,
        sector=plant.sector,
        limb=next((entry.limb for entry in sectors if entry.code == plant.sector), None),
        facts=msgspec.convert(msgspec.to_builtins(plant.coverage_facts), list[law.RecordedFact]),
    )


def _gate(mechanism: Mechanism, state: law.GateState, locale: Locale) -> CoverageGate:
    gate = mechanism.gates[state.gate]
    return CoverageGate(
        gate=state.gate,
        label=words.label(gate.labels, locale),
        state=state.state,
        code=state.code,
        why=_why(state, locale),
        rests_on=[_ground(ground, locale) for ground in state.rests_on],
        remark=words.label(gate.remark, locale) if gate.remark else None,
        citation=cited(gate.cites, mechanism),
        confidence=gate.confidence,
        last_verified_on=gate.last_verified_on,
    )


def _why(state: law.GateState, locale: Locale) -> str:
    places = {
        "country": i18n.country(state.params.get("country", ""), locale),
        "other": i18n.country(state.params.get("other", ""), locale),
        "sector": words.code_label("sector", state.params.get("sector"), locale),
        "limb": words.code_label("sector", state.params.get("limb"), locale),  # each branch is a sector too
        "facts": _listed(state.facts, locale),
    }
    return i18n.t(f"coverage.why.{state.code}", locale, **places)


def _listed(facts: Sequence[str], locale: Locale) -> str:
    return "; ".join(str(words.code_label("coverage_fact", fact, locale)) for fact in facts)


def _ground(ground: law.Ground, locale: Locale) -> CoverageGround:
    label: str | None
    if ground.field == "country":
        label = i18n.country(ground.value or "", locale)
    elif ground.field == "sector":
        label = words.code_label("sector", ground.value, locale)
    else:
        label = words.code_label("coverage_fact", ground.fact.fact if ground.fact else None, locale)
    fact = msgspec.convert(msgspec.to_builtins(ground.fact), CoverageFact | None)
    return CoverageGround(field=ground.field, value=ground.value, label=label, fact=fact)
