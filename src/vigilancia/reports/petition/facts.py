"""The verbs of content lists: what of the record each of them tells, and what it leaves to be written.

A fact that no field holds is missing and says where to write it; nothing is concluded from anything else.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from vigilancia.core import i18n
from vigilancia.law.lists import PetitionFact
from vigilancia.law.mechanism import Mechanism
from vigilancia.reports import dates, labels
from vigilancia.reports.petition.record import Party, Plant, Record
from vigilancia.reports.petition.schemas import State

_PETITIONERS = ("petitioner", "co_petitioner")
_UNIONS = ("challenger_union", "contract_holder", "incumbent_union")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How far the record tells a fact.

    Attributes:
        state: As the answer says it.
        said: Paragraphs for the draft.
        note: Which note says what is left to be written; none: nothing is.
        where: The field that holds it or is to hold it; none: only the draft.
    """

    state: State
    said: tuple[str, ...] = ()
    note: str | None = None
    where: str | None = None


def find(fact: PetitionFact, record: Record) -> Found:
    """Tell how far the record tells a fact."""
    return _FINDERS[fact](record)


def _text(record: Record, key: str, **places: object) -> str:
    return i18n.t(f"petition.said.{key}", record.locale, **places)


def _label(record: Record, vocabulary: str, code: str) -> str:
    """Return the label of a code, as a line of its own begins."""
    label = labels.coded(vocabulary, code, record.locale).label
    return label[:1].upper() + label[1:]


def _case(record: Record, field: str) -> str:
    return f"/v1/complaints/{record.complaint_id}#/{field}"


def _links(record: Record) -> str:
    return f"/v1/complaints/{record.complaint_id}/links"


def _unwritten(note: str) -> Callable[[Record], Found]:
    """Return the verb of a fact that no field holds."""
    return lambda _: Found(state="missing", note=note)


def _withheld(note: str) -> Callable[[Record], Found]:
    """Return the verb of what is about persons: without a recorded consent nothing of it goes in."""
    return lambda _: Found(state="withheld", note=note)


def _of_plant(field: str, tell: Callable[[Record, Plant], Found]) -> Callable[[Record], Found]:
    """Return the verb of a fact of the place of work; without one it is missing, and so is the place."""

    def told(record: Record) -> Found:
        if record.plant is None:
            return Found(state="missing", note="facility", where=_case(record, "facility_id"))
        found = tell(record, record.plant)
        where = f"/v1/facilities/{record.plant.id}#/{field}"
        return Found(state=found.state, said=found.said, note=found.note, where=where)

    return told


def _named(record: Record, parties: Iterable[Party]) -> tuple[str, ...]:
    return tuple(
        _text(record, "party", name=party.name, role=labels.coded("link_role", party.role, record.locale).label)
        for party in parties
        if party.name is not None
    )


def _petitioner(record: Record) -> Found:
    parties = [party for party in record.parties if party.role in _PETITIONERS]
    said = _named(record, parties)
    if not parties:
        return Found(state="missing", note="petitioner", where=_links(record))
    if len(said) == len(parties):
        return Found(state="present", said=said, where=_links(record))
    return Found(state="partial" if said else "withheld", said=said, note="petitioner_hidden", where=_links(record))


def _filer_of_party(record: Record) -> Found:
    """Tell which petitioner has its seat in the country that the procedure is brought by."""
    country = record.mechanism.parties.get("complainant")
    parties = [party for party in record.parties if party.role in _PETITIONERS]
    here = [party for party in parties if party.country is not None and party.country == country]
    if not here:
        return Found(state="missing", note="filer", where=_links(record))
    name = labels.country(str(country), record.locale).label
    return Found(
        state="present",
        said=tuple(_text(record, "filer", name=party.name, country=name) for party in here),
        where=f"/v1/organizations/{here[0].id}#/country",
    )


def _name(_: Record, plant: Plant) -> Found:
    return Found(state="present", said=(plant.name,))


def _address(record: Record, plant: Plant) -> Found:
    """Tell the place as finely as it is kept, which is the municipality; a street is never kept."""
    subdivision = labels.maybe("place", plant.subdivision, record.locale)
    parts = (plant.municipality, subdivision and subdivision.label, labels.country(plant.country, record.locale).label)
    return Found(state="partial", said=(", ".join(part for part in parts if part),), note="address")


def _owner(record: Record, plant: Plant) -> Found:
    parent = (_text(record, "parent", name=plant.parent_company),) if plant.parent_company else ()
    if plant.company:
        return Found(state="present", said=(plant.company, *parent))
    return Found(state="partial" if parent else "missing", said=parent, note="operator")


def _sector(record: Record, plant: Plant) -> Found:
    if plant.sector is None:
        return Found(state="missing", note="sector")
    return Found(state="present", said=(_label(record, "sector", plant.sector),))


def _goods(record: Record, plant: Plant) -> Found:
    codes = (_text(record, "hs_codes", codes=", ".join(plant.hs_codes)),) if plant.hs_codes else ()
    if plant.products:
        return Found(state="present", said=("; ".join(plant.products), *codes))
    return Found(state="partial" if codes else "missing", said=codes, note="goods")


def _workers(record: Record) -> Found:
    where = _case(record, "affected_workers")
    least, most = (record.workers.min, record.workers.max) if record.workers else (None, None)
    if least is None and most is None:
        return Found(state="missing", note="workers", where=where)
    kind = "least" if most is None else "most" if least is None else "exactly" if least == most else "range"
    return Found(state="present", said=(_text(record, f"workers_{kind}", least=least, most=most),), where=where)


def _acts(record: Record) -> Found:
    """Tell what is said to have been done, each act no more precisely than it is known."""
    where = _case(record, "incidents")
    told = {each.allegation for each in record.incidents}
    acts = [(each.allegation, dates.incident(record.locale, each)) for each in record.incidents]
    acts += [(code, "") for code in record.allegations if code not in told]
    if not acts:
        return Found(state="missing", note="acts", where=where)
    said = tuple(
        _text(record, "act" if when else "act_undated", act=_label(record, "allegation", code), when=when)
        for code, when in acts
    )
    if all(when for _, when in acts):
        return Found(state="present", said=said, note="acts_story", where=where)
    return Found(state="partial", said=said, note="acts_dates", where=where)


def _unions(record: Record) -> Found:
    parties = [party for party in record.parties if party.role in _UNIONS]
    said = _named(record, parties)
    if said:
        return Found(state="partial", said=said, note="contract", where=_links(record))
    if parties:
        return Found(state="withheld", note="unions_hidden", where=_links(record))
    return Found(state="missing", note="unions", where=_links(record))


def _evidence(record: Record) -> Found:
    """Tell whether sources are on record; their addresses may hold names, so a person picks those that are evidence."""
    where = _case(record, "source_urls")
    if record.has_sources:
        return Found(state="partial", note="evidence_sources", where=where)
    return Found(state="missing", note="evidence", where=where)


def _is_at_home(ours: Mechanism, other: Mechanism) -> bool | None:
    """Tell whether another procedure is one of the country complained of alone; nothing, where it names no country."""
    countries = set(other.parties.values())
    if not countries:
        return None
    respondent = ours.parties.get("respondent")  # some mechanisms leave open which country it is
    if respondent is not None:
        return countries == {respondent}
    return len(countries) == 1 and ours.parties.get("complainant") not in countries


def _steps(*, at_home: bool) -> Callable[[Record], Found]:
    """Return the verb of the case's other procedures: those of the country complained of, or all the rest."""

    def told(record: Record) -> Found:
        found = [each for each in record.others if _is_at_home(record.mechanism, each) is at_home]
        return Found(
            state="partial" if found else "missing",
            said=tuple(each.labels[record.locale] for each in found),
            note="domestic" if at_home else "international",
            where=f"/v1/complaints/{record.complaint_id}/proceedings",
        )

    return told


_FINDERS: Mapping[PetitionFact, Callable[[Record], Found]] = {
    "petitioner": _petitioner,
    "contact": _withheld("contact"),
    "confidentiality_wish": _unwritten("confidentiality"),
    "filer_of_party": _filer_of_party,
    "facility_name": _of_plant("name", _name),
    "facility_address": _of_plant("municipality", _address),
    "facility_owner": _of_plant("company", _owner),
    "sector": _of_plant("sector", _sector),
    "goods": _of_plant("products", _goods),
    "trade": _unwritten("trade"),
    "workers_concerned": _workers,
    "acts_with_dates": _acts,
    "persons_involved": _withheld("persons"),
    "law_breached": _unwritten("law"),
    "obligation_breached": _unwritten("obligation"),
    "union_and_contract": _unions,
    "evidence_list": _evidence,
    "domestic_steps": _steps(at_home=True),
    "international_steps": _steps(at_home=False),
    "outcome_wanted": _unwritten("outcome"),
}
