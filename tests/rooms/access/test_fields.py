"""The table of fields: it knows every field of every answer about a case, and every answer follows it."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest

from tests.builders import a_complaint, a_facility, a_link, a_proceeding, an_event
from tests.conftest import Api
from tests.rooms.complaints.cases import everything, granted
from tests.rooms.complaints.conftest import people
from vigilancia.access import fields
from vigilancia.access.policy import View
from vigilancia.access.pseudonyms import Pseudonyms
from vigilancia.access.telling import spans
from vigilancia.complaints.links.schemas import Link
from vigilancia.complaints.schemas import Complaint, Incident, Outcome, ShownFinding
from vigilancia.complaints.schemas_timeline import Entry
from vigilancia.core.work import Desk
from vigilancia.proceedings.schemas import Event, EventRevision, EventState, HistoryEntry, Proceeding
from vigilancia.proceedings.schemas_deadlines import Deadline, DeadlineRevision, DeadlineState
from vigilancia.reports import datasets
from vigilancia.reports.columns import Column

__all__ = ["people"]  # a fixture: more people than the usual ones

# Types of answers by the table that speaks of them.
TYPES: dict[str, type] = {
    "complaint": Complaint,
    "incident": Incident,
    "finding": ShownFinding,
    "outcome": Outcome,
    "link": Link,
    "entry": Entry,
    "event": Event,
    "event_state": EventState,
    "event_revision": EventRevision,
    "proceeding": Proceeding,
    "deadline": Deadline,
    "deadline_state": DeadlineState,
    "deadline_revision": DeadlineRevision,
    "history_entry": HistoryEntry,
}
# Answers about a case that no table speaks of, and why not.
ONE_KIND = "only one kind of reader is shown it at all"
OWN_RULES = "its room has rules of its own, in `proceedings.sight`, and tests of them in tests/api/test_new_exits.py"
WITHOUT: dict[str, str] = {
    "Approval": ONE_KIND,
    "Wall": ONE_KIND,
    "Task": ONE_KIND,
    "Offer": ONE_KIND,
    "Assignment": ONE_KIND,
    "Notice": ONE_KIND,
    "Escalation": "who reads, gets alerts or owns, in `escalation.queries`",
    "CalendarFeed": ONE_KIND,
    "SearchMatch": ONE_KIND,
    "Suspension": OWN_RULES,
    "SuspensionRevision": OWN_RULES,
    "DeadlineOverride": OWN_RULES,
    "Proposal": OWN_RULES,
    "Clock": OWN_RULES,
    "FindingOccasion": OWN_RULES,
    "Petition": ONE_KIND,
    "Report": "made of the answers of other rooms",
    "EventRecorded": "an event, as who records it is answered",
    "LoggedComplaint": "a complaint, as who logs it is answered",
    "PossibleDuplicates": ONE_KIND,
    "TaskOffers": ONE_KIND,
    "EscalationPlan": ONE_KIND,
    "Delivery": ONE_KIND,
    "Message": ONE_KIND,
    "CustodyEntry": ONE_KIND,
    "ComplaintPage": "pages of complaints, and ids of erased ones",
    "WithdrawnConsent": ONE_KIND,
    "Transcript": ONE_KIND,
    "AuditEntry": ONE_KIND,
    "Consent": OWN_RULES,
    "Sharing": ONE_KIND,
    "Person": ONE_KIND,
    "Identity": ONE_KIND,
    "IdentityRequest": ONE_KIND,
    "Evidence": ONE_KIND,
    "UnmaskRequest": ONE_KIND,
    "Messages": ONE_KIND,
    "Hold": ONE_KIND,
    "Retained": ONE_KIND,
    "Erasure": "a receipt: nothing of a case",
    "Preview": "nothing of a case: what was supposed",
}


def answers(document: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the schemas that addresses about a case answer with."""
    about = (
        "/complaints",
        "/proceedings",
        "/deadlines",
        "/approvals",
        "/tasks",
        "/notices",
        "/escalations",
        "/proposals",
    )
    for path, item in document["paths"].items():
        if not path.startswith(tuple(f"/v1{start}" for start in about)) and not path.endswith("/history"):
            continue
        for operation in item.values():
            if isinstance(operation, dict):
                for status, answer in operation.get("responses", {}).items():
                    if status.startswith("2"):
                        yield from named(
                            answer.get("content", {}).get("application/json", {}).get("schema", {}), document
                        )


def named(schema: dict[str, Any], document: dict[str, Any]) -> Iterator[str]:
    """Yield the schema's name; of a page that of its items."""
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    if not name:
        return
    found = document["components"]["schemas"][name].get("properties", {})
    if set(found) == {"items", "next"}:
        yield from named(found["items"]["items"], document)
    else:
        yield name


async def test_every_answer_about_a_case_is_in_the_table_or_says_why_not(api: Api) -> None:
    document = (await api.get("/schema/openapi.json", role=None)).json()
    known = {type_.__name__ for type_ in TYPES.values()}
    assert {name for name in answers(document) if name not in known} <= set(WITHOUT)


@pytest.mark.parametrize("resource", list(TYPES))
def test_every_field_of_an_answer_has_its_line(resource: str) -> None:
    assert {field.encode_name for field in msgspec.structs.fields(TYPES[resource])} == set(fields.TABLE[resource])


@pytest.mark.parametrize("name", ["complaints", "deadlines", "notices"])
async def test_every_column_of_a_file_has_its_line(desk: Desk, name: str, api: Api) -> None:
    work = desk.begin(api.people.staff)
    async with work.session:
        columns: list[Column] = datasets.DATASETS[name].columns(work)  # type: ignore[index]
    assert [column.name for column in columns] == list(fields.TABLE[f"{name}_file"])


def test_a_line_that_does_not_fit_its_heading_stops_the_program() -> None:
    for text in ("[x]\n full shared\nid yes", "[x]\n full\nid perhaps", "[x]\n full\nid yes\nid no"):
        with pytest.raises(ValueError, match="does not fit"):
            fields.read(text)


def test_all_five_views_have_their_column() -> None:
    for resource in TYPES:
        heading = set(next(iter(fields.TABLE[resource].values())))
        assert heading == set(get_args(View)) or resource == "link"


def expected(resource: str, reader: str, truth: dict[str, Any], names: Pseudonyms) -> dict[str, Any]:
    """Return what the table says a reader is told of a record, from what its owner is told."""

    def coarser(way: str, name: str, value: Any) -> Any:
        if value is None or way in ("yes", "each"):
            return value
        ways: dict[str, Callable[[], Any]] = {
            "no": lambda: None,
            "month": lambda: value[:8] + "01" + ("T00:00:00Z" if "T" in value else ""),
            "pseudonym": lambda: pseudonym(name, value),
            "range": lambda: {"min": span(value["min"])[0], "max": span(value["max"])[1]},
            "code": lambda: value if len(value) == 2 else None,
            "coarse": lambda: value if value == "year" else "month",
        }
        return ways[way]()

    def pseudonym(name: str, value: str) -> str:
        if name == "reference":
            return names.of_case(UUID(truth["id"]))
        return str(names.of("organization", UUID(value)))

    lines = fields.TABLE[resource]
    told = {
        name: [] if lines[name][reader] == "empty" else coarser(lines[name][reader], name, value)
        for name, value in truth.items()
    }
    for name, nested in (("incidents", "incident"), ("findings", "finding"), ("outcomes", "outcome")):
        if name in lines and told[name] is not None:
            told[name] = [expected(nested, reader, one, names) for one in told[name]]
    return told


def span(number: int) -> tuple[int, int | None]:
    """Return the span of a number of workers."""
    return next((least, most) for least, most in spans() if least <= number and (most is None or number <= most))


async def a_case(api: Api, view: str) -> tuple[str, str]:
    """Record a case with everything; return its id, and the role that sees it in a view."""
    plant = await a_facility(api, visibility="public", workforce=4000)
    level = "public" if view == "public" else "restricted"
    # Nothing that lets another mechanism be suggested: warnings that rest on what is alleged go with `suggestions`.
    incident = {"allegation": "blacklisting", "on": "2026-01-29", "until": "2026-02-11", "precision": "day"}
    alleged = {"incidents": [incident, incident | {"precision": "year"}], "allegations": ["blacklisting"]}
    case = await a_complaint(api, **everything(facility_id=plant["id"], confidentiality=level, **alleged))
    if view == "alerts":
        await a_link(api, case["id"], api.people.union_id)
    roles = {"full": "staff", "shared": "admin", "deidentified": "analyst", "alerts": "partner", "public": "stranger"}
    proceeding = await a_proceeding(api, case["id"])
    words: dict[str, Any] = {
        "note": "canarynote",
        "stated_by": "canarystater",
        "sources": ["https://example.org/canary"],
    }
    event = await an_event(api, proceeding["id"], **words)
    path = f"/v1/proceedings/{proceeding['id']}/events"
    correction = {"on": "2026-02-03", "reason": "canaryreason"}
    assert (await api.patch(f"{path}/{event['id']}", json=correction, version=1)).status_code == 200
    await an_event(api, proceeding["id"], type="review_requested", on="2026-02-20")
    return case["id"], roles[view]


async def _complaint(api: Api, case_id: str, role: str) -> list[dict[str, Any]]:
    return [(await api.get(f"/v1/complaints/{case_id}", role=role)).json()]


def _list(path: str) -> Callable[[Api, str, str], Awaitable[list[dict[str, Any]]]]:
    async def read(api: Api, case_id: str, role: str) -> list[dict[str, Any]]:
        proceedings = (await api.get(f"/v1/complaints/{case_id}/proceedings")).json()["items"]
        deadlines = (await api.get("/v1/deadlines", params={"complaint_id": case_id})).json()["items"]
        events = (await api.get(f"/v1/proceedings/{proceedings[0]['id']}/events")).json()["items"]
        moved = next(each["id"] for each in deadlines if each["revision"] > 1)
        corrected = next(each["id"] for each in events if each["version"] > 1)
        place = {"case": case_id, "proceeding": proceedings[0]["id"], "deadline": moved, "event": corrected}
        answer = await api.get(path.format(**place), role=role)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    return read


READ: dict[str, Callable[[Api, str, str], Awaitable[list[dict[str, Any]]]]] = {
    "complaint": _complaint,
    "proceeding": _list("/v1/complaints/{case}/proceedings"),
    "event": _list("/v1/proceedings/{proceeding}/events"),
    "event_revision": _list("/v1/proceedings/{proceeding}/events/{event}/revisions"),
    "deadline": _list("/v1/deadlines?complaint_id={case}"),
    "deadline_revision": _list("/v1/deadlines/{deadline}/revisions"),
}


@pytest.mark.parametrize("view", get_args(View))
async def test_every_answer_follows_the_table(api: Api, desk: Desk, view: str) -> None:
    case_id, role = await a_case(api, view)
    names = Pseudonyms(desk.keys)
    for resource, read in READ.items():
        truth = {each["id"]: each for each in await read(api, case_id, "staff")}
        shown = {each["id"]: each for each in await read(api, case_id, role)}
        assert set(shown) == set(truth), resource
        for id_, each in shown.items():
            told = (
                expected(resource, view, truth[id_] | {"view": view}, names)
                if resource == "complaint"
                else expected(resource, view, truth[id_], names)
            )
            if "was" in told:
                told["was"] = expected(resource.replace("revision", "state"), view, truth[id_]["was"], names)
            assert each == told, resource


@pytest.mark.parametrize("reader", ["owner", "reader", "receiver", "public", "deidentified"])
async def test_links_follow_the_table(api: Api, desk: Desk, reader: str) -> None:
    roles = {
        "owner": "admin",
        "reader": "partner",
        "receiver": "partner",
        "public": "stranger",
        "deidentified": "analyst",
    }
    case = await a_complaint(api, confidentiality="public" if reader == "public" else "restricted")
    body = {"role": "supporter", "valid_from": "2023-05-09", "source": "canarysource", "purpose": "canarypurpose"}
    body |= {"access": "alerts", "alerts_approved_by": "canaryperson", "expires_at": "2027-01-01T00:00:00Z"}
    party = api.people.union_id
    if reader != "receiver":
        made = await api.post(
            "/v1/organizations", json={"kind": "union", "name": "S", "country": "MX", "visibility": "public"}
        )
        party = made.json()["id"]
    recorded = await api.post(f"/v1/complaints/{case['id']}/links", json={"organization_id": str(party), **body})
    link = recorded.json()
    if reader == "reader":
        await granted(api, case["id"], "read")
    path = f"/v1/complaints/{case['id']}/links/{link['id']}"
    truth = (await api.get(path)).json()
    shown = (await api.get(path, role=roles[reader])).json()
    assert shown == expected("link", reader, truth, Pseudonyms(desk.keys))


@pytest.mark.parametrize("view", get_args(View))
async def test_the_timeline_follows_the_table(api: Api, view: str) -> None:
    case_id, role = await a_case(api, view)
    path = f"/v1/complaints/{case_id}/timeline"
    truth = {each["id"]: each for each in (await api.get(path)).json()["items"]}
    shown = (await api.get(path, role=role)).json()["items"]
    assert shown
    for each in shown:
        for name, way in ((name, line[view]) for name, line in fields.TABLE["entry"].items()):
            was = truth[each["id"]][name]
            if way == "no" or was is None:
                assert each[name] is None, name
            elif way == "month":
                assert each[name] == was[:8] + "01T00:00:00Z"
            elif name not in ("actor", "before", "after") or view in ("full", "shared"):
                assert each[name] == was


def test_days_in_answers_are_days() -> None:
    """Keep the test above honest: what it cuts by text is a day or an instant."""
    assert date.fromisoformat("2026-02-03"[:8] + "01") == date(2026, 2, 1)
    assert datetime.fromisoformat("2026-02-03T10:00:00Z"[:8] + "01T00:00:00+00:00").day == 1
