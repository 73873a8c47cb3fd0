"""A case with a word of its own in every free text, behind every address of the law of several mechanisms."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import httpx
import psycopg

from tests.builders import GO, a_complaint, a_contact, a_facility, a_link, a_proceeding, an_event, an_organization
from tests.conftest import Api, Clock, Database
from tests.rooms.complaints.cases import everything
from tests.rooms.proceedings.moving import a_closure, a_draw, closed_everywhere
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.proceedings.proposals.proposing import propose

MECHANISM = "usmca-31a-us-mx"
LATER = datetime(2026, 4, 15, 12, tzinfo=UTC)  # silence was heard, and the link that ends has ended
ENDS = "2026-03-05T00:00:00Z"
DAY = {"due_on": "2026-05-04", "authority": "Juez", "reason": "Auto"}
STOP = {"starts_on": "2026-02-20", "ends_on": "2026-02-21", "basis": "court_order", "citation": "Auto"}

# Words of the case and of its contacts: at no new address, for nobody. The table of the tests has all others.
NOWHERE = (
    *("canarytitle", "canarysummary", "canarynarrative", "canarytag", "canaryexternal", "canarysource"),
    *("canarycontact", "canarylinksource"),
)


async def _nobody(_: Api, __: str) -> None:
    """Give nobody a place in the case."""


def _linked(*, accepted: bool = False, **link: Any) -> Callable[[Api, str], Awaitable[None]]:
    async def give(api: Api, case_id: str) -> None:
        body = {"organization_id": str(api.people.union_id), "role": "petitioner", "consent_override": GO, **link}
        made = await _done(api, "POST", f"/v1/complaints/{case_id}/links", body)
        if accepted:
            await _done(api, "POST", f"/v1/complaints/{case_id}/links/{made['id']}/accept", {}, role="partner")

    return give


# How a caller may stand to the case: whose token asks, and what place its organisation was given.
STANDINGS: dict[str, tuple[str, Callable[[Api, str], Awaitable[None]]]] = {
    "owner": ("staff", _nobody),
    "admin": ("admin", _nobody),
    "writer": ("partner", _linked(accepted=True, access="write")),
    "reader": ("partner", _linked(accepted=True, access="read")),
    "reader_admin": ("union_admin", _linked(accepted=True, access="read")),
    "alerts": ("partner", _linked(access="alerts")),
    "invited": ("partner", _linked(access="write")),  # not accepted: a petitioner gets alerts all the same
    "analyst": ("analyst", _nobody),
    "reader_analyst": ("union_analyst", _linked(accepted=True, access="read")),
    "observer": ("partner", _linked(access="read", role="election_observer")),  # not accepted, and no alerts
    "ended": ("partner", _linked(accepted=True, access="read", expires_at=ENDS)),
    "accused": ("partner", _linked(access="none", role="accused")),
    "stranger": ("stranger", _nobody),
    "other_analyst": ("union_analyst", _nobody),
    "other_admin": ("union_admin", _nobody),
}
INSIDE = ("owner", "admin", "writer", "reader", "reader_admin")
ALERTS = ("alerts", "invited")
MONTHS = ("analyst", "reader_analyst")
NOBODY = ("observer", "ended", "accused", "stranger", "other_analyst", "other_admin")


async def a_told_case(api: Api, desk: Desk, clock: Clock, standing: str, **changes: Any) -> dict[str, str]:
    """Record a case with everything, give a standing its place, and let six weeks go by.

    Args:
        api: The application.
        desk: Of the same test.
        clock: Of the same test.
        standing: Whose place to give.
        changes: Of the complaint; `visibility` is the facility's.

    Returns:
        What the paths name.
    """
    visibility = changes.pop("visibility", "linked")
    plant, sister = await _plants(api, visibility)
    case = await a_complaint(api, **everything(facility_id=plant, **changes))
    union = await an_organization(api, name="Sindicato de la planta", visibility="private")
    await a_contact(api, union["id"], name="canarycontact", desk=False, visibility="private")
    await a_link(api, case["id"], union["id"], access="none", source="canarylinksource")
    await STANDINGS[standing][1](api, case["id"])
    ids = {"case": case["id"], "plant": plant, **await _procedure(api, case["id"])}
    ids |= await _suspensions(api, ids["proceeding"])
    ids |= await _override(api, ids["proceeding"])
    ids |= await _proposal(api, desk, case["id"])
    other = await a_complaint(api, facility_id=sister)
    await an_event(api, (await a_proceeding(api, other["id"]))["id"], type="panel_found_denial", on="2025-05-10")
    clock.set(LATER)
    await sweep(desk)
    return ids


async def _plants(api: Api, visibility: str) -> tuple[str, str]:
    fact = {"fact": "traded", "country": "US", "holds": True, "on": "2026-01-20"}
    fact |= {"by": "canaryboard", "source_url": "https://example.org/canaryfile"}
    owner: dict[str, Any] = {"company": "canarycompany", "hs_codes": ["8544.30"]}
    plant = await a_facility(api, name="canaryplant", visibility=visibility, coverage_facts=[fact], **owner)
    sister = await a_facility(api, name="canarysister", visibility="private", **owner)
    return plant["id"], sister["id"]


async def _procedure(api: Api, case_id: str) -> dict[str, str]:
    proceeding = (await a_proceeding(api, case_id))["id"]
    told: dict[str, Any] = {
        "note": "canarynote",
        "stated_by": "canarystater",
        "sources": ["https://example.org/canaryproof"],
    }
    await an_event(api, proceeding, on="2026-02-04", **told)
    await an_event(api, proceeding, type="review_requested", on="2026-02-26", **told)
    return {"proceeding": proceeding}


async def _suspensions(api: Api, proceeding: str) -> dict[str, str]:
    path = f"/v1/proceedings/{proceeding}/suspensions"
    body = {"starts_on": "2026-02-11", "ends_on": "2026-02-13", "basis": "court_order"}
    body |= {"citation": "canarycitation", "source_url": "https://example.org/canaryaddress"}
    kept = (await _done(api, "POST", path, body))["id"]
    await _done(api, "PATCH", f"{path}/{kept}", {"ends_on": "2026-02-12", "reason": "canarystopped"}, version=1)
    wrong = (await _done(api, "POST", path, body | {"citation": "canarymistake", "source_url": None}))["id"]
    await _done(api, "POST", f"{path}/{wrong}/withdraw", {"reason": "canaryresumed"})
    return {"suspension": kept, "withdrawn": wrong}


async def _override(api: Api, proceeding: str) -> dict[str, str]:
    found = (await api.get("/v1/deadlines", params={"proceeding_id": proceeding, "rule": "ilc_determination"})).json()
    deadline = found["items"][0]["id"]
    path = f"/v1/deadlines/{deadline}/override"
    body = {"due_on": "2026-03-19", "authority": "canaryauthority", "reason": "canaryreason"}
    await _done(api, "POST", path, body)
    await _done(api, "POST", f"{path}/withdraw", {"reason": "canarywithdrawal"})
    await _done(api, "POST", path, body | {"due_on": "2026-03-24"})
    return {"deadline": deadline}


async def _proposal(api: Api, desk: Desk, case_id: str) -> dict[str, str]:
    """Let a closure propose a change, decline it, and take one closure back."""
    draw = (await a_proceeding(api, case_id))["id"]
    await an_event(api, draw, type="panel_requested", on="2026-03-02")
    labels = dict.fromkeys(("es", "en", "fr"), "canaryclosure")
    closures = await closed_everywhere(api, source="canarydecree", labels=labels)
    await propose(desk)
    pending = await api.get("/v1/proposals", params={"proceeding_id": draw, "status": "pending"})
    (proposal,) = pending.json()["items"]
    await _done(api, "POST", f"/v1/proposals/{proposal['id']}/decline", {"reason": "canarydecision"})
    path = f"/v1/calendars/{closures[0]['calendar']}/closures/{closures[0]['id']}"
    await _done(api, "POST", f"{path}/withdraw", {"reason": "canaryrevoked"}, role="admin")
    return {"draw": draw, "proposal": proposal["id"], "calendar": closures[0]["calendar"], "closure": closures[0]["id"]}


async def _done(api: Api, method: str, path: str, body: dict[str, Any], **rest: Any) -> dict[str, Any]:
    answer = await api.request(method, path, json=body, **rest)
    assert answer.status_code in (200, 201), f"{method} {path}: {answer.text}"
    made: dict[str, Any] = answer.json()
    return made


async def days_of(api: Api, ids: dict[str, str]) -> set[date]:
    """Return every day of a case but those that begin a month."""
    found: set[str] = set()
    for proceeding in (ids["proceeding"], ids["draw"]):
        for path in (f"/v1/proceedings/{proceeding}/events", f"/v1/proceedings/{proceeding}/suspensions"):
            for item in (await api.get(path)).json()["items"]:
                found |= {item[key] for key in ("on", "starts_on", "ends_on") if item.get(key)}
        for item in (await api.get("/v1/deadlines", params={"proceeding_id": proceeding})).json()["items"]:
            found |= {item[key] for key in ("due_on", "latest_due_on", "raw_due_on", "met_on") if item[key]}
            found |= {day["on"] for day in item["computation"]["skipped"]}
    found |= {item["due_on"] for item in (await api.get(f"/v1/deadlines/{ids['deadline']}/overrides")).json()["items"]}
    return {date.fromisoformat(day) for day in found if not day.endswith("-01")}


def told(answer: httpx.Response) -> tuple[int, Any, str | None]:
    """Return what an answer tells but for the request's own id."""
    body = answer.json()
    return answer.status_code, {key: body[key] for key in body if key != "instance"}, answer.headers.get("etag")


def rows(database: Database) -> dict[str, str]:
    """Return a digest of every table's rows; that a token was used, or something refused, may be noted."""
    with psycopg.connect(database.owner_url) as connection:
        names = connection.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND table_name NOT IN ('token', 'audit', 'audit_queue', 'audit_content')"
        ).fetchall()
        query = "SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM {} t"
        found = {name: connection.execute(query.format(name).encode()).fetchone() for (name,) in names}
    return {name: str(row[0]) for name, row in found.items() if row}


async def several(api: Api, desk: Desk, ids: dict[str, str], name: str, count: int = 2) -> None:
    """Record more of what an address lists."""
    bodies = {
        "suspensions": (f"/v1/proceedings/{ids['proceeding']}/suspensions", STOP),
        "overrides": (f"/v1/deadlines/{ids['deadline']}/override", DAY),
    }
    for number in range(count):
        if name in bodies:
            path, body = bodies[name]
            assert (await api.post(path, json=body)).status_code == 201
        elif name == "closures":
            await a_closure(api, calendar=ids["calendar"], starts_on=f"2026-06-{number + 1:02}")
        elif name == "proposals":
            await a_draw(api, on="2026-04-13")
        else:
            await an_event(api, (await a_proceeding(api, ids["case"]))["id"])
    if name == "proposals":
        await closed_everywhere(api, starts_on="2026-04-14")
        await propose(desk)
        assert len((await api.get("/v1/proposals", params={"status": "pending"})).json()["items"]) >= count
