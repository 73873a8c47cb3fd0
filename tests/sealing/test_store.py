"""Database and key store belong together; keys that nobody needs go, and others never."""

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.builders import a_complaint
from tests.conftest import Api, Clock, Database
from vigilancia.core.sealing import mark, orphans
from vigilancia.core.settings import Settings
from vigilancia.core.vault import HOUSE, MARK, name_of
from vigilancia.core.work import Desk, open_vault


def at(desk: Desk, folder: Path) -> Desk:
    """Return a desk of a process whose key store lies elsewhere."""
    settings: Settings = desk.settings.model_copy(update={"key_store": str(folder)})
    return replace(desk, settings=settings, vault=open_vault(settings, desk.keys, strict=True))


def again(desk: Desk) -> Desk:
    """Return a desk of another process on the same store."""
    return at(desk, desk.settings.key_dir)


async def test_the_first_start_marks_both_and_later_ones_find_it(desk: Desk) -> None:
    first = await mark.settle(again(desk))
    assert await mark.settle(again(desk)) == first
    assert (desk.settings.key_dir / MARK).read_text() == str(first)


async def test_a_start_that_was_killed_in_between_is_finished_by_the_next(desk: Desk) -> None:
    made = await desk.vault.make_mark()  # the database does not know it yet
    assert await mark.settle(again(desk)) == made


async def test_a_lost_store_refuses_the_start(api: Api, desk: Desk, tmp_path: Path) -> None:
    await mark.settle(desk)
    await a_complaint(api, summary="x")
    with pytest.raises(mark.KeyStoreLostError):
        await mark.settle(at(desk, tmp_path / "elsewhere"))
    shutil.rmtree(desk.settings.key_dir)
    with pytest.raises(mark.KeyStoreLostError):
        await mark.settle_if_there(again(desk))
    assert not desk.settings.key_dir.exists()


async def test_the_store_of_another_installation_refuses_the_start(desk: Desk, tmp_path: Path) -> None:
    other = at(desk, tmp_path / "other")
    await other.vault.make_mark()
    await other.vault.key(uuid4())
    with pytest.raises(mark.KeyStoreForeignError):  # nobody has a mark in the database yet
        await mark.settle(other)
    await mark.settle(desk)
    with pytest.raises(mark.KeyStoreForeignError):
        await mark.settle(other)


async def test_who_lost_the_store_for_good_says_so_and_goes_on(api: Api, desk: Desk) -> None:
    await mark.settle(desk)
    case = await a_complaint(api, summary="x")
    shutil.rmtree(desk.settings.key_dir)
    with pytest.raises(mark.KeyStoreLostError):
        await mark.settle(again(desk))
    fresh = again(desk)
    await mark.begin_anew(fresh)
    await mark.settle(again(desk))
    sealed = await fresh.vault.seal(UUID(case["id"]), "nuevo", field="x")
    assert await fresh.vault.open(UUID(case["id"]), sealed, field="x") == "nuevo"


async def test_a_store_that_is_away_is_waited_for(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    await mark.settle_if_there(at(desk, tmp_path / "file"))


def aged(desk: Desk, case: UUID, by: timedelta) -> None:
    instant = (desk.now() - by).replace(tzinfo=UTC).timestamp()
    os.utime(desk.settings.key_dir / name_of(case), (instant, instant))


async def test_keys_of_cases_that_never_came_to_be_go_after_a_day(api: Api, desk: Desk, clock: Clock) -> None:
    clock.set(datetime(2026, 6, 1, tzinfo=UTC))
    kept = UUID((await a_complaint(api, summary="x"))["id"])
    old, young = uuid4(), uuid4()
    for case in (old, young, HOUSE):
        await desk.vault.key(case)
    for case in (kept, old, HOUSE):
        aged(desk, case, timedelta(days=2))
    aged(desk, young, timedelta(hours=23))
    assert await orphans.sweep(desk) == 1
    left = {kept, young, HOUSE}
    assert {case for case in (kept, old, young, HOUSE) if (desk.settings.key_dir / name_of(case)).exists()} == left


async def test_where_many_are_unknown_an_older_database_was_restored_and_none_goes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(orphans, "MOST", 3)
    cases = [uuid4() for _ in range(4)]
    for case in cases:
        await desk.vault.key(case)
        aged(desk, case, timedelta(days=2))
    assert await orphans.sweep(desk) == 0
    assert "orphan_keys_left keys=4 orphans=4" in caplog.text


async def test_they_are_swept_once_a_day(desk: Desk, clock: Clock) -> None:
    async def an_orphan() -> Path:
        case = uuid4()
        await desk.vault.key(case)
        aged(desk, case, timedelta(days=2))
        return desk.settings.key_dir / name_of(case)

    first = await an_orphan()
    await orphans.sweep_daily(desk)
    second = await an_orphan()
    await orphans.sweep_daily(desk)
    assert (first.exists(), second.exists()) == (False, True)
    clock.advance(timedelta(days=1))
    await orphans.sweep_daily(desk)
    assert not second.exists()


async def test_a_refused_case_leaves_a_key_and_no_row(api: Api, desk: Desk, database: Database) -> None:
    body = {"title": "x", "received_on": "2026-03-01", "summary": "y", "related": []}
    answer = await api.post("/v1/complaints", json={**body, "facility_ids": [str(uuid4())]})
    assert answer.status_code == 422
    with psycopg.connect(database.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM complaint").fetchone() == (0,)
    assert not list(desk.settings.key_dir.rglob("*-*"))  # faults are found before a key is made
