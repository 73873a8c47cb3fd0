"""The public cases hold together: shapes, references, codes, days, and the counts they were collected with."""

from collections import Counter
from importlib.resources import files

import msgspec
import pytest

from vigilancia.core import vocabularies
from vigilancia.core.strictyaml import DataFileError, parse
from vigilancia.demo import dataset
from vigilancia.demo.records import Case, CaseEvent, CaseFacility, CaseOrganization, Happening, Incident

DATA = files("vigilancia.demo").joinpath("data")

# The state numbers of INEGI's catalogue, which the municipalities' codes begin with.
STATES = {
    "MX-AGU": "01",
    "MX-COA": "05",
    "MX-CMX": "09",
    "MX-GUA": "11",
    "MX-JAL": "14",
    "MX-MEX": "15",
    "MX-MOR": "17",
    "MX-QUE": "22",
    "MX-SLP": "24",
    "MX-SON": "26",
    "MX-TAM": "28",
    "MX-VER": "30",
    "MX-ZAC": "32",
}
# What was collected from public pages: every matter is a case, every dated row an event, a happening or an incident.
COLLECTED_CASES = 32
COLLECTED_DATES = 130
# Days that stand in the cases' own remarks or in the study of the rules, and not among the collected dates.
ADDED_DATES = {("us-06-vu-2", "petition_received"), ("us-11-san-martin", "panel_constituted")}
# An incident known by its month only; its day is no collected date either.
ADDED_INCIDENTS = {("us-12-yazaki-1", "month")}
COLLECTED_BY_TYPE = {
    "petition_received": 26,
    "review_requested": 28,
    "settlement_delayed": 18,
    "resolved": 11,
    "review_accepted": 7,
    "remediation_agreed": 7,
    "union_vote": 7,
    "settlement_resumed": 6,
    "panel_requested": 3,
    "facility_closed": 2,
    "ilc_determined_insufficient": 2,
    "panel_found_no_denial": 2,
    "review_reported_denial": 2,
    "review_reported_no_denial": 2,
    "claim_accepted": 1,
    "company_undertaking": 1,
    "remediation_completed": 1,
    "review_refused": 1,
    "workers_reinstated": 1,
}


class TestCases:
    """Each case by itself."""

    @pytest.mark.parametrize("case", dataset.read().cases, ids=lambda case: case.key)
    def test_every_code_is_in_its_vocabulary(self, case: Case) -> None:
        """Codes are shared with everybody's complaints."""
        assert list(dataset.unknown_codes(case)) == []

    @pytest.mark.parametrize("case", dataset.read().cases, ids=lambda case: case.key)
    def test_events_stand_in_the_order_of_their_days(self, case: Case) -> None:
        """The file reads as the case went."""
        assert [event.on for event in case.events] == sorted(event.on for event in case.events)

    @pytest.mark.parametrize("case", dataset.read().cases, ids=lambda case: case.key)
    def test_no_day_lies_after_the_day_of_the_edition(self, case: Case) -> None:
        """What happened had happened when the set was published."""
        edition = dataset.read().about.on
        days = [event.on for event in case.events] + [finding.on for finding in case.findings if finding.on]
        assert max(days) <= edition

    @pytest.mark.parametrize("case", dataset.read().cases, ids=lambda case: case.key)
    def test_the_day_received_is_that_of_the_event_it_claims(self, case: Case) -> None:
        """No day is invented: it is the petition's, the request's, or that of the first event on record."""
        first = {event.type: event.on for event in reversed(case.events)}
        days = {
            "petition": first.get("petition_received"),
            "request": first.get("review_requested"),
            "first_record": case.events[0].on,
        }
        assert case.received_on == days[case.received_on_basis]
        assert case.received_on_basis != "first_record" or not {"petition_received", "review_requested"} & first.keys()

    @pytest.mark.parametrize("case", dataset.read().cases, ids=lambda case: case.key)
    def test_every_event_names_its_page_or_says_why_not(self, case: Case) -> None:
        """A day without a page of its own carries a note that says where it comes from."""
        assert all(set(event.sources) <= set(case.sources) for event in case.events)
        assert all(event.note and event.note_en for event in case.events if not event.sources)

    @pytest.mark.parametrize("case", dataset.read().cases, ids=lambda case: case.key)
    def test_every_remark_stands_in_both_languages(self, case: Case) -> None:
        """The set is published in Spanish and in English."""
        records: list[CaseEvent | Happening | Incident] = [*case.events, *case.happenings, *case.incidents]
        for record in records:
            assert (record.note is None) == (record.note_en is None)

    @pytest.mark.parametrize("case", dataset.read().cases, ids=lambda case: case.key)
    def test_a_company_that_is_accused_is_on_the_other_side(self, case: Case) -> None:
        """`adverse` decides who may ever see a case, so it must not be forgotten on the obvious."""
        assert [link for link in case.links if link.role == "accused"]
        assert all(link.adverse for link in case.links if link.role in {"accused", "owner", "incumbent_union"})

    @pytest.mark.parametrize("case", dataset.read().cases, ids=lambda case: case.key)
    def test_no_organisation_holds_one_role_twice_in_a_case(self, case: Case) -> None:
        """The register refuses a second link of the same role."""
        roles = Counter((link.organization, link.role) for link in case.links)
        assert [role for role, number in roles.items() if number > 1] == []

    @pytest.mark.parametrize("case", dataset.read().cases, ids=lambda case: case.key)
    def test_an_agreed_day_belongs_to_a_plan_and_lies_after_it(self, case: Case) -> None:
        """Only a remediation plan carries an agreed day."""
        for event in case.events:
            assert event.due_on is None or (event.type == "remediation_agreed" and event.due_on > event.on)

    @pytest.mark.parametrize("case", dataset.read().cases, ids=lambda case: case.key)
    def test_a_gap_does_not_end_before_it_begins(self, case: Case) -> None:
        """Bounds of an unknown day are in order."""
        assert all(gap.not_before <= gap.not_after for gap in case.gaps if gap.not_before and gap.not_after)


class TestWhole:
    """The set as a whole."""

    def test_all_collected_cases_are_there(self) -> None:
        """A case that fell out would not be missed otherwise."""
        whole = dataset.read()
        assert len(whole.cases) == whole.about.coverage.cases == COLLECTED_CASES

    def test_all_collected_dates_are_there_and_no_others(self) -> None:
        """Each collected date became an event, a happening or an incident; the few others are named above."""
        cases = dataset.read().cases
        events = Counter(event.type for case in cases for event in case.events)
        for _, type_ in ADDED_DATES:
            events[type_] -= 1
        assert +events == COLLECTED_BY_TYPE
        happenings = sum(len(case.happenings) for case in cases)
        incidents = sum(len(case.incidents) for case in cases) - len(ADDED_INCIDENTS)
        assert sum(events.values()) + happenings + incidents == COLLECTED_DATES

    def test_every_added_date_is_where_it_is_said_to_be(self) -> None:
        """The list of additions is true of the data."""
        cases = {case.key: case for case in dataset.read().cases}
        assert all(type_ in {event.type for event in cases[key].events} for key, type_ in ADDED_DATES)
        assert all(how in {incident.precision for incident in cases[key].incidents} for key, how in ADDED_INCIDENTS)

    def test_coverage_is_that_of_the_events(self) -> None:
        """The head says from when to when; the events prove it."""
        whole = dataset.read()
        days = [event.on for case in whole.cases for event in case.events]
        assert (whole.about.coverage.from_, whole.about.coverage.until) == (min(days), max(days))

    def test_keys_are_unique(self) -> None:
        """A key is the name under which other sets will point here."""
        whole = dataset.read()
        for records in (whole.cases, whole.organizations, whole.facilities):
            keys = [record.key for record in records]
            assert len(keys) == len(set(keys))

    def test_every_organisation_and_every_facility_is_used(self) -> None:
        """A record nobody points to is left over from an earlier edition."""
        whole = dataset.read()
        used = {link.organization for case in whole.cases for link in case.links}
        used |= {finding.by for case in whole.cases for finding in case.findings}
        used |= {outcome.by for case in whole.cases for outcome in case.outcomes if outcome.by}
        used |= {event.stated_by for case in whole.cases for event in case.events if event.stated_by}
        used |= {organization.parent for organization in whole.organizations if organization.parent}
        used |= {facility.company for facility in whole.facilities}
        assert {organization.key for organization in whole.organizations} - used == set()
        sites = {key for case in whole.cases for key in case.facilities}
        assert {facility.key for facility in whole.facilities} - sites == set()

    def test_a_company_that_owns_a_facility_is_the_parent_of_the_one_that_runs_it(self) -> None:
        """The two ways of saying who owns whom agree."""
        whole = dataset.read()
        parents = {organization.key: organization.parent for organization in whole.organizations}
        assert all(parents[site.company] == site.parent_company for site in whole.facilities)

    @pytest.mark.parametrize("record", dataset.read().organizations, ids=lambda record: record.key)
    def test_every_kind_of_organisation_is_in_its_vocabulary(self, record: CaseOrganization) -> None:
        """Kinds are shared with everybody's organisations."""
        assert record.kind in vocabularies.codes("organization_kind")

    @pytest.mark.parametrize("record", dataset.read().facilities, ids=lambda record: record.key)
    def test_every_facility_lies_in_a_known_place_and_sector(self, record: CaseFacility) -> None:
        """Subdivision and sector have labels; an INEGI code begins with its state's number."""
        assert record.sector in vocabularies.codes("sector")
        assert record.subdivision in vocabularies.codes("place")
        assert (record.municipality is None) == (record.municipality_code is None)
        assert record.municipality_code is None or record.municipality_code.startswith(STATES[record.subdivision])
        assert len(record.products) == len(record.products_en)


class TestOddities:
    """What real cases hold, by name: the shapes that must fit."""

    def case(self, key: str) -> Case:
        """Return one case."""
        return next(case for case in dataset.read().cases if case.key == key)

    def test_two_plants_in_one_case(self) -> None:
        """Tornel has plants in two states."""
        assert len(self.case("us-32-tornel").facilities) == 2

    @pytest.mark.parametrize("facility", ["manufacturas-vu", "yazaki-leon"])
    def test_two_cases_at_one_facility_point_at_each_other(self, facility: str) -> None:
        """VU and Yazaki came back."""
        there = [case for case in dataset.read().cases if facility in case.facilities]
        assert len(there) == 2
        for one, other in ((there[0], there[1]), (there[1], there[0])):
            assert ("same_facility", other.key) in {(related.kind, related.case) for related in one.related}

    def test_a_case_born_of_another(self) -> None:
        """Fujikura began when VU shut."""
        assert [(related.kind, related.case) for related in self.case("us-18-fujikura").related] == [
            ("born_of", "us-06-vu-2")
        ]

    def test_two_governments_state_different_results(self) -> None:
        """Both stand beside each other; none is taken for the truth."""
        results = {finding.by: finding.result for finding in self.case("us-33-aludyne").findings}
        assert results == {"gov-mx": "no_denial", "gov-us": "denial_remedied"}

    def test_self_initiated_cases_have_no_petition(self) -> None:
        """GM and Draxton: nobody petitioned, so no clock of the committee runs."""
        started = {case.key for case in dataset.read().cases if case.self_initiated}
        assert started == {"us-01-gm-silao", "us-09-draxton"}
        assert not any(event.type == "petition_received" for key in started for event in self.case(key).events)

    def test_a_plant_that_closed_and_one_whose_closure_is_only_announced(self) -> None:
        """An announcement is not the fact."""
        kinds = {
            case.key: event.kind
            for case in dataset.read().cases
            for event in case.events
            if event.type == "facility_closed"
        }
        assert kinds == {"us-06-vu-2": "happened", "us-41-yazaki-2": "announced"}

    def test_a_case_under_a_mechanism_of_its_own(self) -> None:
        """The Canadian case has a step that the others do not have."""
        case = self.case("ca-01-frankische")
        assert case.mechanism == "usmca-31b-ca-mx"
        assert [event.type for event in case.events] == ["petition_received", "claim_accepted", "union_vote"]

    def test_people_who_petition_are_counted_and_never_named(self) -> None:
        """Two dismissed workers petitioned against Corporación de Occidente."""
        case = self.case("us-42-corp-occidente")
        assert case.individual_petitioners is not None
        assert case.individual_petitioners.count == 2
        assert "petitioner" not in {link.role for link in case.links}


def test_a_reference_that_leads_nowhere_is_told() -> None:
    """Reading refuses a set in which a case names a party that has no record."""
    whole = dataset.read()
    cut = msgspec.structs.replace(whole, organizations=whole.organizations[1:])
    assert any("gov-us" in fault for fault in dataset.dangling(cut))
    assert list(dataset.dangling(whole)) == []


def test_a_case_file_with_a_key_given_twice_is_refused() -> None:
    """A second `status` would otherwise silently win."""
    text = DATA.joinpath("cases", "us-01-gm-silao.yaml").read_text(encoding="utf-8")
    with pytest.raises(DataFileError, match="'status' given twice"):
        parse(text + "status: open\n", Case, name="us-01-gm-silao.yaml")
