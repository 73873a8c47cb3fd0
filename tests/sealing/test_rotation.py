"""Everything follows to the newest master key, while people work, and wherever it is killed."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.builders import a_complaint
from tests.conftest import KEYS, Api, Database
from vigilancia.access import audit
from vigilancia.access.models import AuditRow
from vigilancia.core import tickets
from vigilancia.core.crypto import KeyRing
from vigilancia.core.identity import SYSTEM
from vigilancia.core.sealing import rotation
from vigilancia.core.vault import HOUSE, Vault
from vigilancia.core.work import Desk, open_vault

NEWER = KeyRing.make("newer")
BOTH = KeyRing(f"{NEWER},{KEYS}")
ENDPOINT = {"url": "https://receptor.example.org/eventos", "events": ["*"]}


def turned(desk: Desk, ring: KeyRing = BOTH) -> Desk:
    """Return a desk of a process that has other master keys, which the database was told of."""
    tickets.install(desk.settings.owner_database_url, BOTH)
    return replace(desk, keys=ring, vault=open_vault(desk.settings, ring))


async def some(api: Api, count: int = 5) -> list[dict[str, Any]]:
    """Log cases with words, and two webhooks."""
    for _ in range(2):
        answer = await api.post("/v1/webhook-endpoints", json=ENDPOINT)
        assert answer.status_code == 201, answer.text
    return [await a_complaint(api, summary=f"Resumen {place}", narrative="x") for place in range(count)]


def told(_place: str, _done: int) -> None:
    """Listen to how far it is."""


async def test_everything_follows_and_the_old_key_is_needed_no_more(api: Api, desk: Desk) -> None:
    cases = await some(api)
    assert await rotation.counts(desk) == {"test": {"complaint_keys": 5, "webhook_secrets": 2}}
    newer = turned(desk)
    done = await rotation.rotate(newer, told)
    assert done == {"complaint_keys": 5, "webhook_secrets": 2, "narratives": 0}
    counts = await rotation.counts(newer)
    assert {key: sum(places.values()) for key, places in counts.items()} == {"newer": 7, "test": 0}
    alone = turned(desk, KeyRing(NEWER))
    for case in cases:
        assert await alone.vault.find(UUID(case["id"])) is not None
    assert (await rotation.rotate(newer, told))["complaint_keys"] == 0


async def test_it_goes_on_where_it_was_killed(api: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await some(api, 9)
    monkeypatch.setattr(rotation, "_AT_ONCE", 2)
    newer, calls = turned(desk), 0
    real = newer.vault.rewrap

    async def dying(case: UUID, wrapped: bytes) -> bool:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise asyncio.CancelledError
        return await real(case, wrapped)

    monkeypatch.setattr(newer.vault, "rewrap", dying)
    with pytest.raises(asyncio.CancelledError):
        await rotation.rotate(newer, told)
    first = (await rotation.counts(newer))["newer"]["complaint_keys"]
    assert 0 < first < 9
    done = await rotation.rotate(turned(desk), told)
    assert 0 < done["complaint_keys"] <= 9 - first
    assert (await rotation.counts(newer))["newer"]["complaint_keys"] == 9


async def test_people_work_meanwhile_with_either_ring(api: Api, desk: Desk) -> None:
    cases = await some(api, 30)
    newer = turned(desk)
    rotating = asyncio.create_task(rotation.rotate(newer, told))
    both = [newer.vault, Vault(newer.vault.store, KeyRing(f"{KEYS},{NEWER}"))]
    for turn in range(200):
        vault = both[turn % 2]
        case = UUID(cases[turn % 30]["id"])
        sealed = await vault.seal(case, f"{turn}", field="x")
        assert await both[(turn + 1) % 2].open(case, sealed, field="x") == f"{turn}"
        vault._known.clear()
        await asyncio.sleep(0)
    await rotating
    assert (await rotation.counts(newer))["test"]["complaint_keys"] == 0


async def test_a_case_erased_meanwhile_stays_erased(api: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (case,) = await some(api, 1)
    newer = turned(desk)
    real = newer.vault.rewrap

    async def after_erasure(complaint_id: UUID, wrapped: bytes) -> bool:
        await desk.vault.destroy(complaint_id)
        return await real(complaint_id, wrapped)

    monkeypatch.setattr(newer.vault, "rewrap", after_erasure)
    assert (await rotation.rotate(newer, told))["complaint_keys"] == 0
    assert await turned(desk).vault.find(UUID(case["id"])) is None


async def test_values_under_a_key_that_is_missing_stay_and_are_told(api: Api, desk: Desk) -> None:
    await some(api, 2)
    stranger = turned(desk, KeyRing(NEWER))
    assert sum((await rotation.rotate(stranger, told)).values()) == 0
    counts = await rotation.counts(stranger)
    assert (sum(counts["test"].values()), sum(counts["newer"].values())) == (4, 0)


async def test_a_moved_webhook_secret_is_refused(api: Api, desk: Desk, database: Database) -> None:
    await some(api, 0)
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("UPDATE webhook_endpoint SET secret = (SELECT secret FROM webhook_endpoint LIMIT 1)")
    from cryptography.exceptions import InvalidTag

    with pytest.raises(InvalidTag):
        await rotation.rotate(turned(desk), told)


async def test_reasons_of_the_audit_need_no_step_of_their_own(desk: Desk) -> None:
    case = uuid4()
    async with desk.work(SYSTEM) as work:
        for complaint_id in (None, case):
            await audit.note(work, "read", "complaint", complaint_id=complaint_id, why="canarywhy")
    newer = turned(desk)
    assert (await rotation.rotate(newer, told))["complaint_keys"] == 2
    alone = turned(desk, KeyRing(NEWER))
    async with alone.work(SYSTEM) as work:
        from sqlalchemy import select

        for row in await work.session.scalars(select(AuditRow)):
            assert await audit.open_why(work, row) == "canarywhy"
    assert await alone.vault.find(HOUSE) is not None
