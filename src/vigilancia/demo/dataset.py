"""The public cases as a data set, read strictly and as a whole.

The files under `data/` are a publication of their own; `docs/public-cases.md` says how each field is to be read, and
`records` what each may hold.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from vigilancia.core import vocabularies
from vigilancia.core.strictyaml import DataFileError, parse
from vigilancia.demo.records import About, Case, CaseEvent, CaseFacility, CaseOrganization, Record

__all__ = ["Case", "CaseEvent", "CaseFacility", "CaseOrganization", "DataSet", "dangling", "read", "unknown_codes"]


class DataSet(Record, frozen=True, kw_only=True):
    """All records, in the order of their keys, and what the publication says about itself."""

    about: About
    cases: tuple[Case, ...]
    organizations: tuple[CaseOrganization, ...]
    facilities: tuple[CaseFacility, ...]


class _Organizations(Record, frozen=True, kw_only=True):
    organizations: tuple[CaseOrganization, ...]


class _Facilities(Record, frozen=True, kw_only=True):
    facilities: tuple[CaseFacility, ...]


@cache
def read() -> DataSet:
    """Read the whole data set from the package; the files are read once for each process.

    Raises:
        DataFileError: A file does not fit its type, its name is not its key, a code is in no vocabulary, or a
            reference leads nowhere.
    """
    folder = files(__package__).joinpath("data")

    def text(name: str) -> str:
        return folder.joinpath(name).read_text(encoding="utf-8")

    cases = []
    for path in sorted(folder.joinpath("cases").iterdir(), key=lambda entry: entry.name):
        case = parse(path.read_text(encoding="utf-8"), Case, name=path.name)
        if path.name != f"{case.key}.yaml":
            raise DataFileError(path.name, f"holds the case {case.key!r}")
        for fault in unknown_codes(case):
            raise DataFileError(path.name, fault)
        cases.append(case)
    dataset = DataSet(
        about=parse(text("dataset.yaml"), About, name="dataset.yaml"),
        cases=tuple(cases),
        organizations=parse(text("organizations.yaml"), _Organizations, name="organizations.yaml").organizations,
        facilities=parse(text("facilities.yaml"), _Facilities, name="facilities.yaml").facilities,
    )
    for fault in dangling(dataset):
        raise DataFileError("data", fault)
    return dataset


def unknown_codes(case: Case) -> Iterator[str]:
    """Yield each code of a case that its vocabulary does not have, as a sentence."""
    used: dict[str, list[str]] = {
        "allegation": [*case.allegations, *(incident.allegation for incident in case.incidents)],
        "link_role": [link.role for link in case.links],
        "finding": [finding.result for finding in case.findings],
        "outcome": [outcome.outcome for outcome in case.outcomes],
        "outcome_stage": [outcome.stage for outcome in case.outcomes],
        "complaint_status": [case.status],
        "confidentiality": [case.confidentiality],
        "channel": [case.channel],
        "relation": [related.kind for related in case.related],
    }
    for name, codes in used.items():
        yield from (f"{code!r} is no code of {name}" for code in codes if code not in vocabularies.codes(name))


def dangling(dataset: DataSet) -> Iterator[str]:
    """Yield each reference of the data set that leads to no record, as a sentence."""
    cases = {case.key for case in dataset.cases}
    organizations = {organization.key for organization in dataset.organizations}
    facilities = {facility.key for facility in dataset.facilities}
    for case in dataset.cases:
        named = [link.organization for link in case.links] + [finding.by for finding in case.findings]
        named += [outcome.by for outcome in case.outcomes if outcome.by]
        named += [event.stated_by for event in case.events if event.stated_by]
        yield from (f"{case.key} names no organisation {key!r}" for key in named if key not in organizations)
        yield from (f"{case.key} names no facility {key!r}" for key in case.facilities if key not in facilities)
        yield from (f"{case.key} names no case {other.case!r}" for other in case.related if other.case not in cases)
    for facility in dataset.facilities:
        companies = [key for key in (facility.company, facility.parent_company) if key]
        yield from (f"{facility.key} names no organisation {key!r}" for key in companies if key not in organizations)
    for organization in dataset.organizations:
        if organization.parent and organization.parent not in organizations:
            yield f"{organization.key} names no parent {organization.parent!r}"
