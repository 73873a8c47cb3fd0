"""What is not known: a report that is silent about its holes reads as if it had none."""

from collections.abc import Iterator

from vigilancia.core import i18n
from vigilancia.reports.schemas_report import Coded, Report, ReportProceeding

_STATED_ONLY = ("announced", "published")


def gaps(report: Report) -> list[Coded]:
    """Return what the record lacks or leaves open, as sentences; nothing that the profile merely hides."""
    codes = dict.fromkeys((*_of_case(report), *_of_steps(report)))
    return [Coded(code=code, label=i18n.t(f"reports.unknown.{code}", report.locale)) for code in codes]


def _of_case(report: Report) -> Iterator[str]:
    if report.view == "alerts":
        return
    case = report.case
    if not report.places:
        yield "no_place"
    if not case.allegations and not case.incidents:
        yield "no_allegation"
    if case.affected_min is None and case.affected_max is None:
        yield "no_number_of_workers"
    if any(each.on is None for each in case.incidents):
        yield "incident_without_date"
    if not report.parties and report.view != "deidentified":
        yield "no_party"
    if report.findings_differ:
        yield "findings_differ"
    if case.status.code == "closed" and not report.findings and not report.outcomes:
        yield "closed_without_result"


def _of_steps(report: Report) -> Iterator[str]:
    if not report.proceedings:
        yield "no_proceeding"
    for proceeding in report.proceedings:
        yield from _of_proceeding(proceeding, sources_shown=report.view in ("full", "shared", "public"))


def _of_proceeding(proceeding: ReportProceeding, *, sources_shown: bool) -> Iterator[str]:
    types = {event.type for event in proceeding.events}
    if not types:
        yield "no_event"
    elif "petition_received" not in types:
        yield "no_petition_date"
    acts = {event.type for event in proceeding.events if event.kind.code not in _STATED_ONLY}
    if types - acts:
        yield "only_announced"
    if sources_shown and any(not event.sources for event in proceeding.events):
        yield "event_without_source"
    if any(day.latest_due_on != day.due_on for day in proceeding.deadlines):
        yield "readings_differ"
    if any(day.confidence.code == "unverified" for day in proceeding.deadlines):
        yield "unverified_rule"
    if any(day.status.code in ("met", "met_late") and day.met_on is None for day in proceeding.deadlines):
        yield "met_without_date"
