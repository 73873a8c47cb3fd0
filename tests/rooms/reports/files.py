"""Asking for exports in tests, making them as a worker would, and reading what came of it."""

import csv
import io
import json
from typing import Any

from sqlalchemy import insert

from tests.conftest import Api, People, looking
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.ids import new_reference, untimed_id
from vigilancia.core.work import Desk
from vigilancia.reports import service


async def asked(api: Api, *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Ask for all complaints as CSV."""
    body = {"dataset": "complaints", "format": "csv", "purpose": "Informe anual", **changes}
    answer = await api.post("/v1/exports", json=body, role=role)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def made(api: Api, desk: Desk, *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Ask for an export, let a worker make it, and return it done."""
    export = await asked(api, role=role, **changes)
    await service.make_due(desk)
    found: dict[str, Any] = (await api.get(f"/v1/exports/{export['id']}", role=role)).json()
    assert found["status"] == "done", found
    return found


async def text_of(api: Api, export: dict[str, Any], *, role: str = "staff") -> str:
    """Fetch an export's file."""
    answer = await api.get(f"/v1/exports/{export['id']}/file", role=role)
    assert answer.status_code == 200, answer.text
    return answer.content.decode()


async def cells(api: Api, desk: Desk, *, role: str = "staff", **changes: Any) -> list[dict[str, str]]:
    """Return the rows of a CSV export."""
    text = await text_of(api, await made(api, desk, role=role, **changes), role=role)
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def objects(api: Api, desk: Desk, *, role: str = "staff", **changes: Any) -> list[dict[str, Any]]:
    """Return the rows of a JSON Lines export."""
    text = await text_of(api, await made(api, desk, role=role, format="jsonl", **changes), role=role)
    return [json.loads(line) for line in text.split("\n") if line]


async def complaints_called(desk: Desk, people: People, titles: list[str]) -> None:
    """Write complaints of the worker centre straight into the table, where the API would take too long."""
    now = desk.now()
    row = {
        "owner_id": people.centre_id,
        "summary": "Resumen " * 30,
        "status": "open",
        "received_on": now.date(),
        **{name: [] for name in ("incidents", "external_ids", "findings", "outcomes")},
        **{name: [] for name in ("allegations", "groups", "languages", "tags", "source_urls")},
        "confidentiality": "restricted",
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    rows = [{**row, "id": untimed_id(), "reference": new_reference(2026), "title": title} for title in titles]
    async with looking(desk) as session:
        for start in range(0, len(rows), 1000):
            await session.execute(insert(ComplaintRow), rows[start : start + 1000])
        await session.commit()
