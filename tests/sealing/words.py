"""A case with a word of its own in every text that is sealed, and what its owner reads of it."""

import subprocess
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.api.exits import a_told_case
from tests.builders import a_complaint, an_organization
from tests.conftest import Api, Clock, Database
from tests.rooms.tasking import a_task
from vigilancia.core.work import Desk
from vigilancia.embedded.place import shipped_programs
from vigilancia.escalation.sweep import sweep

# The words of what is sealed, each in one field.
SEALED = (
    *("canarysummary", "canarynarrative", "canarynote", "canarystopped", "canaryresumed", "canaryreason"),
    *("canarywithdrawal", "canarydecision", "canarytask", "canarymute", "canarywall", "canaryboss"),
    *("canarymerge", "canaryapart", "canarycorrection", "canarysecondnote"),
)


async def a_sealed_case(api: Api, desk: Desk, clock: Clock, **changes: Any) -> dict[str, str]:
    """Record a case with all of them; returns what the paths name."""
    ids = await a_told_case(api, desk, clock, "owner", **changes)
    case = ids["case"]
    await a_task(api, case, title="canarytask", due_on="2026-05-20")
    await _corrected(api, ids["proceeding"])
    wall = {"by": "canaryboss", "reason": "canarywall"}
    accused = await an_organization(api, name="Empresa")
    body = {"organization_id": accused["id"], "role": "accused", "access": "read", "adverse_override": wall}
    await done(api, "POST", f"/v1/complaints/{case}/links", body)
    await _muted(api, desk, clock, case)
    other = await a_complaint(api)
    merged = await done(api, "POST", f"/v1/complaints/{other['id']}/merge", {"into": case, "reason": "canarymerge"}, 1)
    back = {"reason": "canaryapart"}
    await done(api, "POST", f"/v1/complaints/{other['id']}/unmerge", back, merged["version"])
    return {**ids, "other": other["id"]}


async def _corrected(api: Api, proceeding: str) -> None:
    path = f"/v1/proceedings/{proceeding}/events"
    first = (await api.get(path)).json()["items"][0]
    body = {"note": "canarysecondnote", "reason": "canarycorrection"}
    await done(api, "PATCH", f"{path}/{first['id']}", body, first["version"])


async def _muted(api: Api, desk: Desk, clock: Clock, case: str) -> None:
    """Mute the last warnings of the task that are still to come."""
    clock.advance(timedelta(minutes=1))
    await sweep(desk)
    runs = (await api.get("/v1/escalations", params={"complaint_id": case})).json()["items"]
    (run,) = [run for run in runs if run["task_id"] is not None]
    coming = [rung["at"] for rung in run["rungs"] if rung["state"] == "to_come" and not rung["always"]]
    await done(api, "POST", f"/v1/escalations/{run['id']}/mute", {"rung": coming[0], "reason": "canarymute"})


async def done(api: Api, method: str, path: str, body: dict[str, Any], version: int | None = None) -> dict[str, Any]:
    """Send a change and return what it answers."""
    answer = await api.request(method, path, json=body, version=version)
    assert answer.status_code in (200, 201), f"{method} {path}: {answer.text}"
    made: dict[str, Any] = answer.json()
    return made


async def everything_read(api: Api, ids: dict[str, str]) -> dict[str, str]:
    """Return what the owner reads of a case, by address."""
    case, proceeding = f"/v1/complaints/{ids['case']}", f"/v1/proceedings/{ids['proceeding']}"
    events = (await api.get(f"{proceeding}/events")).json()["items"]
    paths = [
        *(case, f"{case}/timeline?limit=200", f"{case}/links", f"{case}/tasks", f"{proceeding}/events"),
        *(f"{proceeding}/events/{event['id']}/revisions" for event in events),
        *(f"{proceeding}/suspensions", f"/v1/deadlines/{ids['deadline']}/overrides", "/v1/proposals?limit=200"),
        *(f"/v1/complaints/{ids['other']}/timeline", f"/v1/escalations?complaint_id={ids['case']}", "/v1/complaints"),
        *(f"{case}/report?profile=full&format=json",),
    ]
    found = {path: await api.get(path) for path in paths}
    assert {answer.status_code for answer in found.values()} == {200}, {p: a.status_code for p, a in found.items()}
    return {path: answer.text for path, answer in found.items()}


def dumped(database: Database) -> str:
    """Return a dump of the database as `pg_dump` of the wheel writes it."""
    url = database.owner_url
    told = subprocess.run([shipped_programs() / "pg_dump", url], capture_output=True, check=True)
    return told.stdout.decode()


def case_id(ids: dict[str, str]) -> UUID:
    """Return the case's id."""
    return UUID(ids["case"])
