"""What the sweep's task does besides climbing."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import Api, Clock, Database, looking
from vigilancia.core.settings import settings
from vigilancia.core.tables import HeartbeatRow
from vigilancia.core.work import Desk
from vigilancia.reports import places, service

EXPORT = {"dataset": "complaints", "format": "csv", "purpose": "Informe anual"}


Sweep = Callable[[], Awaitable[None]]


@pytest.fixture
def sweep(desk: Desk, database: Database, monkeypatch: pytest.MonkeyPatch) -> Sweep:
    """The task, on the test's desk instead of a process's own."""
    settings.cache_clear()
    with monkeypatch.context() as environment:  # the Celery app reads its broker where it is imported
        environment.setenv("VIGILANCIA_DATABASE_URL", database.url)
        task = import_module("workers.tasks.escalation").sweep
    settings.cache_clear()
    asked: list[Callable[[Desk], Coroutine[Any, Any, None]]] = []
    monkeypatch.setattr("workers.runner.run", asked.append)

    async def run() -> None:
        asked.clear()
        task()
        for each in asked:
            await each(desk)

    return run


async def _export(api: Api, desk: Desk) -> str:
    answer = await api.post("/v1/exports", json=EXPORT)
    assert answer.status_code == 202, answer.text
    await service.make_due(desk)
    return str(answer.json()["id"])


async def _status(api: Api, export_id: str, desk: Desk) -> tuple[bool, bool]:
    """Return whether the API calls an export expired, and whether a file of it is left."""
    answer = (await api.get(f"/v1/exports/{export_id}")).json()
    left = await asyncio.to_thread(lambda: [path.name for path in desk.settings.exports_dir.iterdir()])
    return answer["status"] == "expired", any(export_id in name for name in left)


async def test_the_sweep_deletes_expired_exports_once_an_hour(api: Api, desk: Desk, clock: Clock, sweep: Sweep) -> None:
    first = await _export(api, desk)
    clock.advance(timedelta(minutes=30))
    second = await _export(api, desk)
    await sweep()
    assert await _status(api, first, desk) == (False, True)

    clock.advance(timedelta(days=7) - timedelta(minutes=30))
    await sweep()
    assert await _status(api, first, desk) == (True, False)
    assert await _status(api, second, desk) == (False, True)

    clock.advance(timedelta(minutes=59))
    await sweep()
    assert await _status(api, second, desk) == (True, True)
    clock.advance(timedelta(minutes=1))
    await sweep()
    assert await _status(api, second, desk) == (True, False)


async def test_more_expired_exports_than_one_batch_are_deleted_in_the_same_hour(
    api: Api, desk: Desk, clock: Clock, sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = [await _export(api, desk) for _ in range(3)]
    monkeypatch.setattr(service, "_AT_A_TIME", 2)
    clock.advance(timedelta(days=7))

    await sweep()

    assert [await _status(api, export, desk) for export in exports] == [(True, False)] * 3


async def test_a_purge_that_fails_leaves_no_sign_and_is_tried_by_the_next_sweep(
    api: Api, desk: Desk, clock: Clock, sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = await _export(api, desk)
    clock.advance(timedelta(days=7))

    def broken(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as away:
        away.setattr(places, "forget", broken)
        with pytest.raises(PermissionError):
            await sweep()
    async with looking(desk) as session:
        signs = set(await session.scalars(select(HeartbeatRow.name)))
    assert "purge" not in signs
    assert "sweep" in signs

    clock.advance(timedelta(minutes=1))
    await sweep()
    assert await _status(api, export, desk) == (True, False)
