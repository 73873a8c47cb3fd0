"""One of everything: a case of the centre's own with all that hangs on it, and the ids by the names paths give them."""

from tests.builders import a_complaint, a_contact, a_facility, an_organization
from tests.conftest import Api
from tests.rooms.climbing import a_case, a_day_goes_by, ledger, the_deadline, the_run
from tests.rooms.filing import a_file
from vigilancia.core.work import Desk
from vigilancia.keeping import erasing
from vigilancia.proceedings.proposals.proposing import propose

CLOSED = {
    "starts_on": "2026-03-03",
    "labels": {"es": "Luto nacional", "en": "National mourning", "fr": "Deuil national"},
    "source": "Decreto de ejemplo",
}
LADDER = {"name": "Escalera", "rungs": [{"at": "-3d", "audiences": ["linked"]}]}
SEARCH = {"name": "canarysearch", "filter": {"q": "canarytitle"}}
PERSON = {
    "role": "affected",
    "name": "canaryname",
    "contact": [{"kind": "phone", "value": "canaryphone"}],
    "contact_safe": "canarysafe",
    "notes": "canaryremark",
}
HOLD = {"reason": "canaryhold", "review_on": "2027-03-02"}
EXPORT = {"dataset": "complaints", "format": "csv", "purpose": "Informe mensual"}


async def a_world(api: Api, desk: Desk, *, linked: bool = True) -> dict[str, str]:
    """Record one of everything as staff, and let a day's notices go out.

    Args:
        api: The application.
        desk: Of the same test.
        linked: Whether the union is linked to the case and gets its notices; else the case is the centre's alone.

    Returns:
        Ids by the names that paths give them.
    """
    plant = await a_facility(api, visibility="private")
    case = await a_case(api, facility_id=plant["id"], narrative="canarynarrative", title="canarytitle", linked=linked)
    await a_day_goes_by(desk)
    organization = await an_organization(api, visibility="private", name="canaryorganization")
    contact = await a_contact(api, organization["id"], visibility="private", name="canarycontact")
    link = await api.post(
        f"/v1/complaints/{case['id']}/links", json={"organization_id": organization["id"], "role": "supporter"}
    )
    policy = await api.post("/v1/escalation-policies", json=LADDER)
    export = await api.post("/v1/exports", json=EXPORT)
    closure = await api.post("/v1/calendars/us-federal/closures", role="admin", json=CLOSED)
    body = {"code": "prepare_meeting", "due_on": "2026-03-20", "title": "canarytitle"}
    task = await api.post(f"/v1/complaints/{case['id']}/tasks", json=body)
    person = await api.post(f"/v1/complaints/{case['id']}/people", json=PERSON)
    file = await a_file(api, case["id"], title="canarytitle", name="canaryfile.pdf")
    run = await the_run(api, case["id"])
    ana = await a_contact(api, api.people.centre_id, name="canarycontact", desk=False)
    offered = await api.post(f"/v1/escalations/{run['id']}/assign", json={"contact_id": ana["id"]})
    await propose(desk)
    (proposal,) = (await api.get("/v1/proposals")).json()["items"]
    feed = await api.post("/v1/calendar-feeds", json={"complaint_id": case["id"]})
    desks = await api.get(f"/v1/organizations/{api.people.centre_id}/contacts", params={"desk": "true"})
    told = {"contact_id": desks.json()["items"][0]["id"]}
    search = await api.post("/v1/saved-searches", json=SEARCH | told)
    endpoint = await api.post("/v1/webhook-endpoints", json={"url": "https://example.org/", "events": ["*"]})
    wall = await api.post(
        f"/v1/complaints/{case['id']}/walls", json={"contact_id": ana["id"], "reason": "canaryreason"}
    )
    approval = await api.post(
        "/v1/approvals", json={"kind": "close", "complaint_id": case["id"], "reason": "canaryreason"}
    )
    hold = (await api.post(f"/v1/complaints/{case['id']}/holds", json=HOLD)).json()
    await api.post(f"/v1/complaints/{case['id']}/holds/{hold['id']}/release", json={"reason": "canaryrelease"})
    going = await a_complaint(api)
    confirmed = {"reason": "canaryreason", "confirm": going["reference"]}
    erasure = await api.post(f"/v1/complaints/{going['id']}/erasure", json=confirmed)
    await erasing.work_off(desk)
    tokens = (await api.get("/v1/tokens", role="admin", params={"role": "analyst"})).json()["items"]
    return {
        "complaint_id": case["id"],
        "proceeding_id": case["proceeding_id"],
        "event_id": case["event_id"],
        "deadline_id": (await the_deadline(api, case["id"]))["id"],
        "escalation_id": run["id"],
        "assignment_id": offered.json()["id"],
        "person_id": person.json()["id"],
        "file_id": file["id"],
        "task_id": task.json()["id"],
        "notice_id": (await ledger(api))[0]["id"],
        "facility_id": plant["id"],
        "organization_id": organization["id"],
        "contact_id": contact["id"],
        "wall_id": wall.json()["id"],
        "approval_id": approval.json()["id"],
        "link_id": link.json()["id"],
        "policy_id": policy.json()["id"],
        "export_id": export.json()["id"],
        "feed_id": feed.json()["id"],
        "search_id": search.json()["id"],
        "token_id": tokens[0]["id"],
        "proposal_id": proposal["id"],
        "hold_id": hold["id"],
        "erasure_id": erasure.json()["id"],
        "endpoint_id": endpoint.json()["id"],
        "closure_id": closure.json()["id"],
        "calendar_id": "us-federal",
        "mechanism_id": "usmca-31a-us-mx",
        "name": "allegation",
    }
