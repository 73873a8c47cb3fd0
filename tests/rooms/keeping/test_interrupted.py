"""A worker may die at any line of an erasure, the key store may be away, somebody may be in the way: it goes on."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.builders import a_complaint
from tests.conftest import KEYS, ROOT, Api, Clock, looking
from tests.rooms.climbing import a_case
from tests.rooms.keeping.cases import a_hold, asked, rows, the_receipt
from vigilancia.core.identity import SYSTEM
from vigilancia.core.vault import HOUSE, complaint_of
from vigilancia.core.work import Desk, Work
from vigilancia.keeping import asking, erasing, forgetting
from vigilancia.keeping.forgetting import Forgetter, Gone

# A worker that kills itself the way `kill -9` does, at one of the places where something was done.
_WORKER = """
import asyncio, os, signal, sys
from datetime import datetime, UTC
from pathlib import Path
from sqlalchemy.ext.asyncio import create_async_engine
from vigilancia.core.crypto import KeyRing
from vigilancia.core.db import make_sessions, with_driver
from vigilancia.core.settings import Settings
from vigilancia.core.work import Desk, open_vault
from vigilancia.core.vault import Vault
from vigilancia.keeping import copies, erasing, tombs, wiping

url, folder, place, now = sys.argv[1:]


def dies_after(owner, name):
    whole = getattr(owner, name)

    async def half(*args, **kwargs):
        done = await whole(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(owner, name, half)


def dies_before(owner, name):
    async def never(*args, **kwargs):
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, never)


die = dies_before if place == "committed" else dies_after
die(*{
    "tombstone": (tombs, "raise_tombstone"),
    "rows": (wiping, "wipe"),
    "uncommitted": (erasing, "wipe"),
    "committed": (erasing, "finish"),
    "key": (Vault, "erase"),
    "files": (copies, "remove"),
    "finished": (erasing, "finish"),
}[place])


async def main():
    engine = create_async_engine(with_driver(url, "asyncpg"))
    settings = Settings.model_construct(**{
        **{name: info.default for name, info in Settings.model_fields.items()},
        "data_dir": Path(folder), "database_url": url,
    })
    keys = KeyRing(os.environ["KEYS"])
    desk = Desk(sessions=make_sessions(engine), settings=settings, keys=keys, vault=open_vault(settings, keys),
                now=lambda: datetime.fromisoformat(now), wake=lambda jobs: None)
    await erasing.work_off(desk)


asyncio.run(main())
"""


def a_worker_dies(desk: Desk, place: str) -> None:
    told = [desk.settings.database_url, str(desk.settings.data_dir), place, desk.now().isoformat()]
    environment = {**os.environ, "KEYS": KEYS, "PYTHONPATH": f"{ROOT / 'src'}"}
    ended = subprocess.run([sys.executable, "-c", _WORKER, *told], env=environment, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


@pytest.mark.parametrize("place", ["tombstone", "rows", "uncommitted", "committed", "key", "files", "finished"])
async def test_a_worker_killed_at_any_place_is_gone_on_for(api: Api, desk: Desk, clock: Clock, place: str) -> None:
    case = await a_case(api, narrative="canarynarrative")
    hold = await a_hold(api, case["id"])  # so that the case has a key of its own
    await api.post(f"/v1/complaints/{case['id']}/holds/{hold['id']}/release", json={"reason": "x"})
    made = await _an_export(api, desk)
    receipt = await asked(api, case)
    a_worker_dies(desk, place)
    state = (await the_receipt(api, receipt["id"]))["state"]
    assert state == ("asked" if place in ("tombstone", "rows", "uncommitted") else "wiped")
    assert (await api.get(f"/v1/complaints/{case['id']}")).status_code == (200 if state == "asked" else 410)
    assert await erasing.work_off(desk) == 0, "the dead worker's lease still runs"
    clock.advance(timedelta(minutes=10))
    assert await erasing.work_off(desk) == 1
    done = await the_receipt(api, receipt["id"])
    assert done["state"] == "done"
    assert done["rows"]["complaint"] == 1
    assert [file["name"] for file in done["files"]] == [f"{made}.csv"]
    assert (await api.get(f"/v1/exports/{made}")).json()["status"] == "expired"
    assert await desk.vault.is_erased(UUID(case["id"]))
    assert (await api.get(f"/v1/complaints/{case['id']}")).status_code == 410


async def test_nothing_is_wiped_while_the_key_store_is_away(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_complaint(api)
    await a_released_hold(api, case["id"])
    receipt = await asked(api, case)
    store, elsewhere = desk.settings.key_dir, desk.settings.data_dir / "elsewhere"
    store.rename(elsewhere)
    store.write_text("a file where the folder was")
    await erasing.work_off(desk)
    assert (await the_receipt(api, receipt["id"]))["state"] == "asked"
    assert (await api.get(f"/v1/complaints/{case['id']}")).status_code == 200
    store.unlink()
    elsewhere.rename(store)
    clock.advance(timedelta(hours=1))
    await erasing.work_off(desk)
    assert (await the_receipt(api, receipt["id"]))["state"] == "done"


async def test_a_store_that_goes_away_between_rows_and_key_loses_the_key_later(
    api: Api, desk: Desk, clock: Clock
) -> None:
    case = await a_complaint(api)
    await a_released_hold(api, case["id"])
    receipt = await asked(api, case)
    async with desk.work(SYSTEM) as work:
        await erasing.wipe(work, UUID(receipt["id"]))
    store, elsewhere = desk.settings.key_dir, desk.settings.data_dir / "elsewhere"
    store.rename(elsewhere)
    store.write_text("a file where the folder was")
    await erasing.work_off(desk)
    assert (await the_receipt(api, receipt["id"]))["state"] == "wiped"
    assert (await api.get(f"/v1/complaints/{case['id']}")).status_code == 410
    store.unlink()
    elsewhere.rename(store)
    clock.advance(timedelta(hours=1))
    await erasing.work_off(desk)
    assert (await the_receipt(api, receipt["id"]))["state"] == "done"
    assert _keys(store) == []


async def test_a_database_that_fails_once_the_key_is_gone_is_tried_again(api: Api, desk: Desk, clock: Clock) -> None:
    """The key went, the disk then failed: the rows are gone for good, and the receipt is written later."""
    case = await a_complaint(api)
    await a_released_hold(api, case["id"])
    receipt = await asked(api, case)
    exports = desk.settings.exports_dir
    made = await _an_export(api, desk)
    _occupied(exports / f"{made}.csv")
    await erasing.work_off(desk)
    assert _keys(desk.settings.key_dir) == []
    assert (await the_receipt(api, receipt["id"]))["state"] == "wiped"
    (exports / f"{made}.csv" / "inside").unlink()
    (exports / f"{made}.csv").rmdir()
    clock.advance(timedelta(hours=1))
    await erasing.work_off(desk)
    assert (await the_receipt(api, receipt["id"]))["state"] == "done"


async def test_two_workers_at_one_erasure_wipe_once(api: Api, desk: Desk) -> None:
    import asyncio

    case = await a_case(api)
    receipt = UUID((await asked(api, case))["id"])
    await asyncio.gather(erasing.carry_out(desk, receipt), erasing.carry_out(desk, receipt))
    assert (await the_receipt(api, str(receipt)))["rows"]["complaint"] == 1
    assert len(await rows(desk, "SELECT 1 FROM tombstone")) == 1
    assert len(await rows(desk, "SELECT 1 FROM audit WHERE facts ? 'digest'")) == 1


async def test_who_records_in_the_case_while_it_goes_is_told_that_it_is_gone(api: Api, desk: Desk) -> None:
    import asyncio

    case = await a_complaint(api)
    receipt = UUID((await asked(api, case))["id"])
    async with desk.work(SYSTEM) as work:
        await asking.lock(work, UUID(case["id"]))
        changing = asyncio.create_task(
            api.patch(f"/v1/complaints/{case['id']}", version=1, json={"summary": "canarysummary"})
        )
        await _until_somebody_waits(desk)
        await erasing.wipe(work, receipt)
    assert (await changing).status_code == 410


async def a_released_hold(api: Api, complaint_id: str) -> None:
    hold = await a_hold(api, complaint_id)
    await api.post(f"/v1/complaints/{complaint_id}/holds/{hold['id']}/release", json={"reason": "x"})


async def _an_export(api: Api, desk: Desk) -> str:
    from vigilancia.reports import service

    body = {"dataset": "complaints", "format": "csv", "purpose": "Informe"}
    made = (await api.post("/v1/exports", json=body)).json()
    await service.make_due(desk)
    return str(made["id"])


def _occupied(path: Path) -> None:
    """Put a folder where the file was: it can be neither read nor removed as a file."""
    path.unlink()
    path.mkdir()
    (path / "inside").write_text("x")


def _keys(store: Path) -> list[str]:
    found = [complaint_of(path.relative_to(store).as_posix()) for path in store.rglob("*")]
    return [str(key) for key in found if key not in (None, HOUSE)]


async def _until_somebody_waits(desk: Desk) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    while True:
        async with looking(desk) as session:
            if await session.scalar(text(waiting)):
                return


async def test_a_room_that_cannot_forget_yet_is_asked_again_and_its_files_stand_in_the_receipt(
    api: Api, desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A room with a file of its own, on a disk that fails at first."""
    case = await a_complaint(api)
    file = desk.settings.data_dir / "file"
    file.mkdir()
    wiped: list[UUID] = []

    async def forget(_: Work, complaint_id: UUID) -> None:
        wiped.append(complaint_id)

    async def remove(_: Work, __: UUID) -> list[Gone]:
        file.unlink(missing_ok=True)
        return [Gone(room="evidence", name="file", sha256="00")]

    monkeypatch.setattr(forgetting, "FORGETTERS", (Forgetter(room="evidence", wiped=forget, last=remove),))
    receipt = await asked(api, case)
    await erasing.work_off(desk)
    assert (await the_receipt(api, receipt["id"]))["state"] == "wiped"
    file.rmdir()
    clock.advance(timedelta(hours=1))
    await erasing.work_off(desk)
    done = await the_receipt(api, receipt["id"])
    assert (done["state"], done["files"]) == ("done", [{"room": "evidence", "name": "file", "sha256": "00"}])
    assert wiped == [UUID(case["id"])] * 2
