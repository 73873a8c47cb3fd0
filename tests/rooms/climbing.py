"""A case whose committee must decide by Tuesday 3 March 2026, and what the tests of ladders and notices do with it."""

from typing import Any

from tests.builders import a_complaint, a_link, a_proceeding, an_event
from tests.conftest import Api
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.delivery import deliver_all

DUE_ON = "2026-03-03"  # thirty days after 1 February, a Tuesday


async def a_case(api: Api, *, linked: bool = True, petition_on: str = "2026-02-01", **changes: Any) -> dict[str, Any]:
    """Log a complaint, link the union for alerts, and record a petition received 29 days before the tests' Monday."""
    complaint = await a_complaint(api, **changes)
    if linked:
        await a_link(api, complaint["id"], api.people.union_id)
    proceeding = await a_proceeding(api, complaint["id"])
    event = await an_event(api, proceeding["id"], on=petition_on)
    return {**complaint, "proceeding_id": proceeding["id"], "event_id": event["id"]}


async def a_place(api: Api, complaint_id: str, **link: Any) -> dict[str, Any]:
    """Give the union another place in a case than that of a petitioner who gets alerts."""
    body = {"organization_id": str(api.people.union_id), "role": "petitioner", "access": "alerts", **link}
    answer = await api.post(f"/v1/complaints/{complaint_id}/links", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def ledger(api: Api, *, role: str = "staff", **params: str) -> list[dict[str, Any]]:
    """Read the ledger, oldest first."""
    answer = await api.get("/v1/notices", role=role, params={"sort": "id", "limit": "200", **params})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def the_run(api: Api, complaint_id: str, *, role: str = "staff") -> dict[str, Any]:
    """Read the one run of a case."""
    answer = await api.get("/v1/escalations", role=role, params={"complaint_id": complaint_id})
    assert answer.status_code == 200, answer.text
    (run,) = answer.json()["items"]
    found: dict[str, Any] = run
    return found


async def the_deadline(api: Api, complaint_id: str) -> dict[str, Any]:
    """Read the one deadline of a case."""
    answer = await api.get("/v1/deadlines", params={"complaint_id": complaint_id})
    assert answer.status_code == 200, answer.text
    (deadline,) = answer.json()["items"]
    found: dict[str, Any] = deadline
    return found


async def a_day_goes_by(desk: Desk) -> None:
    """Let the sweep and the delivery run once."""
    await sweep(desk)
    await deliver_all(desk)
