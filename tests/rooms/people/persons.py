"""People that tests share, and what is done with them."""

from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import insert, select

from tests.conftest import Api
from vigilancia.access import audit
from vigilancia.access.models import AuditRow
from vigilancia.complaints.approvals import service as approvals
from vigilancia.core.identity import SYSTEM, Caller
from vigilancia.core.work import Desk
from vigilancia.registry.models import SafeguardRow

NAME, PHONE, SAFE, NOTES = "Canaryname Peñaloza", "867 555 0142", "canarysafe", "canaryremark"
WORDS: dict[str, Any] = {
    "name": NAME,
    "contact": [{"kind": "phone", "value": PHONE}, {"kind": "address", "value": "Calle canaryaddress 12"}],
    "contact_safe": f"Después de las 19:00, {SAFE}",
    "notes": f"Vino con su hermana, {NOTES}",
}
# As they would stand in a text, and as the search knows them.
TRACES = ("canaryname", "peñaloza", "penaloza", "555 0142", "8675550142", "canaryaddress", "canarysafe", "canaryremark")
WHY = "Concertar la entrevista: canarywhy"


def room(case: dict[str, Any]) -> str:
    """Return the address of a case's room."""
    return f"/v1/complaints/{case['id']}/people"


async def a_person(api: Api, case: dict[str, Any], *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Record a worker with every field."""
    body = {"role": "affected", **WORDS, "spoken_language": "nah", "written_language": "es", "interpreter_needed": True}
    answer = await api.post(room(case), json={**body, **changes}, role=role)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def identity(
    api: Api, case: dict[str, Any], person: dict[str, Any], *, role: str = "staff", why: str = WHY
) -> httpx.Response:
    """Ask who somebody is."""
    return await api.post(f"{room(case)}/{person['id']}/identity", json={"reason": why}, role=role)


async def ask(api: Api, case: dict[str, Any], person: dict[str, Any], *, role: str = "staff") -> httpx.Response:
    """Ask for another person's yes."""
    return await api.post(f"{room(case)}/{person['id']}/identity-requests", json={"reason": WHY}, role=role)


async def decide(desk: Desk, caller: Caller, request: httpx.Response, *, yes: bool = True) -> None:
    """Decide on a request."""
    async with desk.work(caller) as work:
        await approvals.decide(work, UUID(request.json()["id"]), yes=yes)


async def be_careful(desk: Desk, organization_id: UUID) -> None:
    """Have an organisation want a second person before an identity is read."""
    row = {"organization_id": organization_id, "consent": "people", "second_person": ["identity"], "version": 1}
    async with desk.work(SYSTEM) as work:
        await work.session.execute(insert(SafeguardRow).values(row | {"updated_at": work.now}))


async def shared(api: Api, case: dict[str, Any], person: dict[str, Any], *organizations: UUID) -> httpx.Response:
    """Let organisations know who somebody is."""
    seen = (await api.get(f"{room(case)}/{person['id']}")).json()
    body = {"shared_with": [str(id_) for id_ in organizations]}
    return await api.patch(f"{room(case)}/{person['id']}", json=body, version=seen["version"])


async def audited(desk: Desk, what: str) -> list[tuple[AuditRow, str | None]]:
    """Return what the audit keeps of a kind of thing, with the reasons in words."""
    async with desk.work(SYSTEM) as work:
        rows = (
            await work.session.scalars(
                select(AuditRow).where(AuditRow.what == what, AuditRow.action == "read").order_by(AuditRow.seq)
            )
        ).all()
        return [(row, await audit.open_why(work, row)) for row in rows]


def traces(text: str) -> list[str]:
    """Return which words of a person a text holds."""
    return [word for word in TRACES if word in text.casefold()]
