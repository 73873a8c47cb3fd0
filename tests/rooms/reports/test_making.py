"""Making exports when things go wrong: dead workers, rivals, full disks, an absent database; and at what cost."""

import asyncio
import errno
import os
import tracemalloc
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.builders import a_complaint
from tests.conftest import Api, Clock, People, looking
from tests.rooms.reports.files import asked, complaints_called, text_of
from vigilancia.core import jobs
from vigilancia.core.identity import SYSTEM
from vigilancia.core.jobs import Job, JobRow
from vigilancia.core.work import Desk
from vigilancia.reports import copying, making, places, service
from vigilancia.reports.models import ExportRow


async def claimed_by_one_who_dies(desk: Desk, export_id: str) -> Path:
    """Leave what a worker leaves that is killed while it writes: a lease, a running export, half a file."""
    async with desk.work(SYSTEM) as work:
        job = await jobs.claim(work.session, Job.EXPORT, now=work.now, lease=making.LEASE)
        assert job is not None
        row = await work.session.get(ExportRow, UUID(export_id))
        assert row is not None
        row.status = "running"
    part = places.new_part(desk.settings.exports_dir, UUID(export_id))
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_text("id,self,refer")
    return part


async def test_export_of_a_killed_worker_is_taken_up_when_its_lease_runs_out(
    api: Api, desk: Desk, clock: Clock
) -> None:
    await a_complaint(api)
    export = await asked(api)
    half = await claimed_by_one_who_dies(desk, export["id"])
    assert await service.make_due(desk) == 0
    clock.advance(making.LEASE)
    assert await service.make_due(desk) == 1
    done = (await api.get(f"/v1/exports/{export['id']}")).json()
    assert (done["status"], done["rows"]) == ("done", 1)
    assert len((await text_of(api, done)).splitlines()) == 2
    assert not half.exists()


async def test_worker_that_dies_between_file_and_confirmation_leaves_nothing_to_do(api: Api, desk: Desk) -> None:
    export = await asked(api)
    await service.make_export(desk, UUID(export["id"]))
    before = (await api.get(f"/v1/exports/{export['id']}")).json()
    assert before["status"] == "done"
    assert await service.make_due(desk) == 1
    assert (await api.get(f"/v1/exports/{export['id']}")).json() == before
    async with looking(desk) as session:
        assert (await session.scalars(select(JobRow.done_at))).all() != [None]


async def test_lease_is_renewed_while_the_file_is_written(
    api: Api, desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(api)
    renewed, rival_finds, hold = asyncio.Event(), [], jobs.hold

    async def noted(session: AsyncSession, job_id: UUID, *, until: datetime) -> None:
        await hold(session, job_id, until=until)
        await session.commit()
        renewed.set()

    async def slow(desk: Desk, _export_id: UUID) -> None:
        for _ in range(3):
            clock.advance(making.LEASE - timedelta(seconds=1))
            renewed.clear()
            await renewed.wait()
            async with desk.work(SYSTEM) as work:
                rival_finds.append(await jobs.claim(work.session, Job.EXPORT, now=work.now))

    monkeypatch.setattr(making, "HOLD_SECONDS", 0.01)
    monkeypatch.setattr(jobs, "hold", noted)
    monkeypatch.setattr(making, "make_export", slow)
    assert await making.make_due(desk) == 1
    assert rival_finds == [None, None, None]


async def test_rivals_leave_one_whole_file_and_true_figures(api: Api, desk: Desk) -> None:
    await a_complaint(api)
    export = await asked(api)
    await asyncio.gather(*(service.make_export(desk, UUID(export["id"])) for _ in range(4)))
    done = (await api.get(f"/v1/exports/{export['id']}")).json()
    if done["status"] != "done":  # each swept the other's part away; the job is still open and heals it
        await service.make_due(desk)
        done = (await api.get(f"/v1/exports/{export['id']}")).json()
    assert done["bytes"] == len((await text_of(api, done)).encode())
    assert list(desk.settings.exports_dir.glob(".*")) == []


async def test_full_disk_fails_the_export_with_its_reason(
    api: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: object, _data: bytearray) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(copying, "_put", full)
    export = await asked(api)
    await service.make_due(desk)
    failed = (await api.get(f"/v1/exports/{export['id']}")).json()
    assert (failed["status"], failed["reason"]) == ("failed", "disk_full")
    assert (await api.get(f"/v1/exports/{export['id']}/file")).status_code == 409
    assert list(desk.settings.exports_dir.iterdir()) == []
    assert await service.make_due(desk) == 0


async def test_folder_that_cannot_be_written_fails_the_export_with_its_reason(api: Api, desk: Desk) -> None:
    desk.settings.exports_dir.write_text("a file where the folder should be")
    export = await asked(api)
    await service.make_due(desk)
    failed = (await api.get(f"/v1/exports/{export['id']}")).json()
    assert (failed["status"], failed["reason"]) == ("failed", "folder_unwritable")


async def test_outage_of_the_database_puts_the_export_off(
    api: Api, desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_plan: copying.Plan, _part: Path) -> copying.Written:
        raise psycopg.OperationalError

    export = await asked(api)
    with monkeypatch.context() as patch:
        patch.setattr(copying, "write", away)
        assert await service.make_due(desk) == 1
    assert (await api.get(f"/v1/exports/{export['id']}")).json()["status"] == "running"
    assert await service.make_due(desk) == 0
    clock.advance(timedelta(minutes=1))
    assert await service.make_due(desk) == 1
    assert (await api.get(f"/v1/exports/{export['id']}")).json()["status"] == "done"


async def test_export_that_fails_every_time_is_given_up(
    api: Api, desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_plan: copying.Plan, _part: Path) -> copying.Written:
        raise psycopg.OperationalError

    monkeypatch.setattr(copying, "write", away)
    export = await asked(api)
    for _ in range(making.TRIES + 1):
        clock.advance(timedelta(hours=1))
        await service.make_due(desk)
    failed = (await api.get(f"/v1/exports/{export['id']}")).json()
    assert (failed["status"], failed["reason"]) == ("failed", "gave_up")
    assert list(desk.settings.exports_dir.glob("*")) == []
    clock.advance(timedelta(hours=1))
    assert await service.make_due(desk) == 0


async def test_files_are_for_their_owner_only(api: Api, desk: Desk) -> None:
    export = await asked(api)
    await service.make_due(desk)
    folder = desk.settings.exports_dir
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / f"{export['id']}.csv").stat().st_mode & 0o777 == 0o600


async def test_memory_and_statements_do_not_grow_with_the_rows(
    api: Api, desk: Desk, people: People, statements: Any
) -> None:
    peaks, counts = [], []
    for more in (200, 8000):
        await complaints_called(desk, people, ["Despidos tras una asamblea"] * more)
        export = await asked(api, profile="full")
        tracemalloc.start()
        with statements() as sent:
            await service.make_due(desk)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        counts.append(len(sent))
        done = (await api.get(f"/v1/exports/{export['id']}")).json()
        assert done["status"] == "done"
    assert done["rows"] == 8200
    assert done["bytes"] > 3_000_000
    assert counts[0] == counts[1]
    assert peaks[1] - peaks[0] < 1_500_000


async def test_file_is_one_moment_of_the_database(
    api: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch, people: People
) -> None:
    await complaints_called(desk, people, ["Despidos tras una asamblea"] * 3)
    export = await asked(api)
    copied = copying._stream

    def meanwhile(connection: Any, plan: copying.Plan, file: Any) -> tuple[int, str]:
        with psycopg.connect(plan.url) as other:
            other.execute("UPDATE complaint SET status = 'closed'")
        return copied(connection, plan, file)

    monkeypatch.setattr(copying, "_stream", meanwhile)
    await service.make_due(desk)
    body = await text_of(api, export)
    assert body.count("open") == 3
    assert "closed" not in body
