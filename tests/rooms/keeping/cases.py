"""Closed cases, days that go by, and erasures carried out."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from tests.builders import a_complaint
from tests.conftest import Api, Clock, looking
from vigilancia.core.work import Desk
from vigilancia.keeping import erasing, run

REASON = "canaryreason"


async def a_closed_case(api: Api, **changes: Any) -> dict[str, Any]:
    """Log a case that was never taken up: closed from intake, on the tests' Monday."""
    case = await a_complaint(api, **changes)
    return await closed(api, case)


async def closed(api: Api, case: dict[str, Any]) -> dict[str, Any]:
    """Close a case."""
    path = f"/v1/complaints/{case['id']}"
    version = (await api.get(path)).json()["version"]
    answer = await api.patch(path, version=version, json={"status": "closed"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def opened(api: Api, case: dict[str, Any]) -> dict[str, Any]:
    """Open a case."""
    path = f"/v1/complaints/{case['id']}"
    version = (await api.get(path)).json()["version"]
    answer = await api.patch(path, version=version, json={"status": "open"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def retained(api: Api, complaint_id: str, **rest: Any) -> dict[str, Any]:
    """Read how long a case is kept."""
    answer = await api.get(f"/v1/complaints/{complaint_id}/retention", **rest)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def due(api: Api, **rest: Any) -> list[dict[str, Any]]:
    """List what would be erased now."""
    answer = await api.get("/v1/retention/due", **rest)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def a_hold(api: Api, complaint_id: str, **changes: Any) -> dict[str, Any]:
    """Hold a case for a lawsuit."""
    body = {"reason": REASON, "review_on": "2027-03-02", **changes}
    answer = await api.post(f"/v1/complaints/{complaint_id}/holds", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def asked(api: Api, case: dict[str, Any]) -> dict[str, Any]:
    """Have a case erased."""
    body = {"reason": REASON, "confirm": case["reference"]}
    answer = await api.post(f"/v1/complaints/{case['id']}/erasure", json=body)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def erased(api: Api, desk: Desk, case: dict[str, Any]) -> dict[str, Any]:
    """Have a case erased, and see it done; return the receipt."""
    receipt = await asked(api, case)
    await erasing.work_off(desk)
    return await the_receipt(api, receipt["id"])


async def the_receipt(api: Api, erasure_id: str) -> dict[str, Any]:
    """Read a receipt."""
    answer = await api.get(f"/v1/erasures/{erasure_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def days_go_by(desk: Desk, clock: Clock, days: int) -> None:
    """Let the daily run come once, so many days later."""
    clock.advance(timedelta(days=days))
    await run.run(desk)
    await erasing.work_off(desk)


async def rows(desk: Desk, query: str, **values: Any) -> list[Any]:
    """Ask the database."""
    async with looking(desk) as session:
        return list((await session.execute(text(query), values)).all())
