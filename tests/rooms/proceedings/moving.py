"""A procedure whose panel must be drawn within three business days, closures on the way, and what is proposed."""

import hashlib
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import update

from tests.builders import a_complaint, a_proceeding, an_event
from tests.conftest import Api
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.law import loader
from vigilancia.law.mechanism import Mechanism
from vigilancia.proceedings import rulesets
from vigilancia.proceedings.models import ProceedingRow
from vigilancia.proceedings.proposals.proposing import propose

MECHANISM = loader.mechanism("usmca-31a-us-mx")
CALENDAR = "mx-lft"
CLOSED_ON = "2026-03-03"  # the Tuesday after the tests' Monday
SOURCE = "DOF, 27 de febrero de 2026"
MOURNING = {"es": "Luto nacional", "en": "National mourning", "fr": "Deuil national"}
EVERYWHERE = ("mx-lft", "us-federal", "us-federal-offices")


async def a_draw(api: Api, *, on: str = "2026-03-02", role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Open a procedure in which a panel was requested: three business days to draw the panelists, until Thursday."""
    complaint = await a_complaint(api, role=role, **changes)
    proceeding = await a_proceeding(api, complaint["id"], role=role)
    event = await an_event(api, proceeding["id"], role=role, type="panel_requested", on=on)
    return {**complaint, "proceeding_id": proceeding["id"], "event_id": event["id"]}


async def a_closure(api: Api, *, calendar: str = CALENDAR, **changes: Any) -> dict[str, Any]:
    """Record that offices close on Tuesday 3 March 2026."""
    body = {"starts_on": CLOSED_ON, "labels": MOURNING, "source": SOURCE, **changes}
    answer = await api.post(f"/v1/calendars/{calendar}/closures", role="admin", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def closed_everywhere(api: Api, **changes: Any) -> list[dict[str, Any]]:
    """Record the closure on every calendar that may be meant, so that no reading counts the day."""
    return [await a_closure(api, calendar=calendar, **changes) for calendar in EVERYWHERE[:2]]


async def withdraw(api: Api, closure: dict[str, Any]) -> dict[str, Any]:
    """Take a closure back."""
    url = f"/v1/calendars/{closure['calendar']}/closures/{closure['id']}/withdraw"
    answer = await api.post(url, role="admin", json={"reason": "Se publicó por error"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def pending(api: Api, *, role: str = "staff", **params: str) -> list[dict[str, Any]]:
    """List what waits for a decision."""
    answer = await api.get("/v1/proposals", role=role, params={"status": "pending", **params})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def proposed(api: Api, desk: Desk) -> dict[str, Any]:
    """Let the workers compare, and return the one proposal that waits."""
    await propose(desk)
    (found,) = await pending(api)
    return found


async def deadlines(api: Api, proceeding_id: str) -> dict[str, dict[str, Any]]:
    """Return the deadlines of a procedure by rule."""
    answer = await api.get("/v1/deadlines", params={"proceeding_id": proceeding_id})
    return {item["rule"]: item for item in answer.json()["items"]}


async def accept(api: Api, proposal: dict[str, Any], *, role: str = "staff", **body: str) -> dict[str, Any]:
    """Accept a proposal."""
    answer = await api.post(f"/v1/proposals/{proposal['id']}/accept", role=role, json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def decline(api: Api, proposal: dict[str, Any]) -> dict[str, Any]:
    """Decline a proposal."""
    answer = await api.post(f"/v1/proposals/{proposal['id']}/decline", json={"reason": "No nos alcanza"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def altered(**rules: Any) -> Mechanism:
    """Return the mechanism with rules replaced, added or (None) left out: what files of another day said."""
    changed = {name: rule for name, rule in {**MECHANISM.rules, **rules}.items() if rule is not None}
    versions = {name: MECHANISM.versions.get(name, MECHANISM.versions["review_answer"]) for name in changed}
    found = msgspec.structs.replace(MECHANISM, rules=changed, versions=versions, digest="")
    digest = hashlib.sha256(msgspec.json.encode(found)).hexdigest()
    return msgspec.structs.replace(found, digest=digest)


def longer(rule: str, count: int) -> Any:
    """Return a rule of the mechanism with another count."""
    known = MECHANISM.rules[rule]
    versions = [
        msgspec.structs.replace(each, term=msgspec.structs.replace(each.term, count=count)) for each in known.versions
    ]
    return msgspec.structs.replace(known, versions=versions)


async def pinned_to(desk: Desk, proceeding_id: str, mechanism: Mechanism) -> None:
    """Pin a procedure to a rule set of its own, as one opened under earlier files is; today's are then the change."""
    async with desk.work(SYSTEM) as work:
        await rulesets.keep(work, [mechanism])
        pin = {"rules_digest": mechanism.digest, "seen_digest": mechanism.digest}
        await work.session.execute(update(ProceedingRow).where(ProceedingRow.id == UUID(proceeding_id)).values(pin))


def days(proposal: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the changes of a proposal: what, which rule, from which day to which."""
    found = []
    for change in proposal["changes"]:
        before, after = change["before"] or {}, change["after"] or {}
        found.append((change["change"], change["rule"], before.get("due_on"), after.get("due_on")))
    return found


async def timeline(api: Api, complaint_id: str, role: str = "staff") -> list[dict[str, Any]]:
    """Return a case's timeline."""
    items: list[dict[str, Any]] = (await api.get(f"/v1/complaints/{complaint_id}/timeline", role=role)).json()["items"]
    return items
