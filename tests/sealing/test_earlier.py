"""What earlier releases left in plain words is read as before, and sealed by a job that may be killed and run again."""

import asyncio
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.builders import a_complaint
from tests.conftest import KEYS, Api, Clock, Database
from tests.sealing.words import SEALED, a_sealed_case, dumped, everything_read
from vigilancia.core import sealing
from vigilancia.core.crypto import KeyRing
from vigilancia.core.identity import SYSTEM
from vigilancia.core.sealing import earlier
from vigilancia.core.work import Desk

_CASE = {
    "proceeding_event": "(SELECT complaint_id FROM proceeding p WHERE p.id = t.proceeding_id)",
    "deadline_override": "(SELECT complaint_id FROM proceeding p WHERE p.id = t.proceeding_id)",
    "escalation_mute": "(SELECT complaint_id FROM escalation_run r WHERE r.id = t.run_id)",
    "event_revision": (
        "(SELECT p.complaint_id FROM proceeding p JOIN proceeding_event e ON e.proceeding_id = p.id"
        " WHERE e.id = t.event_id)"
    ),
}
_TABLES = (
    *("proceeding_event", "deadline_override", "escalation_mute", "event_revision"),
    *("rules_proposal", "complaint_task", "complaint_link", "timeline_entry"),
)


async def as_before(desk: Desk, database: Database) -> int:
    """Write every row as the release before sealing did; return how many had words."""
    changed = 0
    async with desk.work(SYSTEM) as work:
        with psycopg.connect(database.owner_url, row_factory=psycopg.rows.dict_row) as connection:
            for table in _TABLES:
                case = _CASE.get(table, "t.complaint_id")
                query = f"SELECT t.*, {case} AS of_case FROM {table} t WHERE words IS NOT NULL"
                for row in connection.execute(query.encode()).fetchall():
                    key = (row["run_id"], row["rung"]) if table == "escalation_mute" else (row["id"],)
                    said = await sealing.show(
                        work.vault, row["of_case"], sealing.place(table, *key), bytes(row["words"])
                    )
                    plain = _plain(table, row, said)
                    changed += 1
                    names = ", ".join(f"{name} = %s" for name in plain)
                    mine = "run_id = %s AND rung = %s" if table == "escalation_mute" else "id = %s"
                    connection.execute(
                        f"UPDATE {table} SET words = NULL, {names} WHERE {mine}".encode(), [*plain.values(), *key]
                    )
            changed += await _complaints(work.vault, connection)
    return changed


def _plain(table: str, row: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    if table == "event_revision":
        return {"reason": said["reason"], "was": Jsonb(row["was"] | {"note": said.get("note")})}
    if table == "complaint_link":
        return {"adverse_override": Jsonb(said)}
    if table == "timeline_entry":
        return {at: Jsonb(row[at] | words) for at, words in said.items()}
    return said


async def _complaints(vault: Any, connection: Any) -> int:
    rows = connection.execute("SELECT * FROM complaint").fetchall()
    for row in rows:
        told = {}
        for name in ("summary", "narrative"):
            sealed = row[f"{name}_sealed"]
            text = await vault.open(row["id"], sealed and bytes(sealed), field=f"complaint.{name}/{row['id']}")
            told[name] = row[name] if text is None else text
        narrative = told["narrative"] and KeyRing(KEYS).seal(
            told["narrative"], purpose="narrative", subject=str(row["id"])
        )
        connection.execute(
            "UPDATE complaint SET sealed = false, summary = %s, narrative = %s, summary_sealed = NULL,"
            " narrative_sealed = NULL WHERE id = %s",
            [told["summary"], narrative, row["id"]],
        )
        if told["summary"] is None:
            continue
        connection.execute(
            "UPDATE timeline_entry SET after = after || %s WHERE complaint_id = %s AND type = 'complaint_logged'",
            [Jsonb({"summary": told["summary"]}), row["id"]],
        )
    return len(rows)


async def test_plain_words_are_read_as_before_and_then_sealed(
    api: Api, desk: Desk, clock: Clock, database: Database
) -> None:
    ids = await a_sealed_case(api, desk, clock)
    read = await everything_read(api, ids)
    assert await as_before(desk, database) > 15
    plain = dumped(database)
    assert [word for word in SEALED if word not in plain] == ["canarynarrative"]  # it was sealed by the ring
    timeline = f"/v1/complaints/{ids['case']}/timeline?limit=200"
    told = await everything_read(api, ids)
    assert {path for path, text in told.items() if text != read[path]} == {timeline}  # it had the summary then

    done = await earlier.seal_all(desk)

    assert (done.failed, done.left) == (0, 0)
    assert done.sealed > 15
    assert await everything_read(api, ids) == read
    dump = dumped(database)
    assert [word for word in SEALED if word in dump] == []
    again = await earlier.seal_all(desk)
    assert (again.sealed, again.failed, again.left) == (0, 0, 0)


async def test_it_goes_on_where_it_was_killed(
    api: Api, desk: Desk, clock: Clock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await a_sealed_case(api, desk, clock)
    read = await everything_read(api, ids)
    await as_before(desk, database)
    monkeypatch.setattr(earlier, "BATCH", 2)
    real, calls = earlier._seal, 0

    async def dying(*args: Any) -> bool:
        nonlocal calls
        calls += 1
        if calls == 8:
            raise asyncio.CancelledError
        return await real(*args)

    monkeypatch.setattr(earlier, "_seal", dying)
    with pytest.raises(asyncio.CancelledError):
        await earlier.seal_all(desk)
    monkeypatch.setattr(earlier, "_seal", real)
    assert (await earlier.seal_all(desk)).left == 0
    assert await everything_read(api, ids) == read


async def test_two_at_once_seal_each_row_once(api: Api, desk: Desk, clock: Clock, database: Database) -> None:
    ids = await a_sealed_case(api, desk, clock)
    read = await everything_read(api, ids)
    wanted = await as_before(desk, database)
    both = await asyncio.gather(earlier.seal_all(desk), earlier.seal_all(desk))
    await earlier.seal_all(desk)
    assert sum(done.sealed for done in both) <= wanted + 10
    assert await everything_read(api, ids) == read


async def test_who_changes_a_case_of_before_seals_it(api: Api, desk: Desk, database: Database) -> None:
    case = await a_complaint(api, summary="canarysummary", narrative="canarynarrative")
    await as_before(desk, database)
    answer = await api.patch(f"/v1/complaints/{case['id']}", json={"title": "otro"}, version=1)
    assert (answer.json()["summary"], answer.json()["narrative"]) == ("canarysummary", "canarynarrative")
    with psycopg.connect(database.owner_url) as connection:
        row = connection.execute("SELECT sealed, summary, narrative FROM complaint").fetchone()
    assert row == (True, None, None)


async def test_what_an_old_program_writes_meanwhile_wins_and_is_sealed(
    api: Api, desk: Desk, database: Database
) -> None:
    case = await a_complaint(api, narrative="primero")
    with psycopg.connect(database.owner_url) as connection:
        sealed = KeyRing(KEYS).seal("segundo", purpose="narrative", subject=case["id"])
        connection.execute("UPDATE complaint SET narrative = %s, sealed = false", [sealed])
    path = f"/v1/complaints/{case['id']}"
    assert (await api.get(path)).json()["narrative"] == "segundo"
    await earlier.seal_all(desk)
    assert (await api.get(path)).json()["narrative"] == "segundo"


async def test_what_cannot_be_opened_is_left_and_told(api: Api, desk: Desk, database: Database) -> None:
    cases = [await a_complaint(api, narrative="relato") for _ in range(2)]
    await as_before(desk, database)
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("UPDATE complaint SET narrative = '\\x00' WHERE id = %s", [cases[0]["id"]])
    done = await earlier.seal_all(desk)
    assert (done.failed, done.left) == (1, 1)
    assert await desk.vault.find(UUID(cases[1]["id"])) is not None


async def test_it_is_done_once_a_day(api: Api, desk: Desk, clock: Clock, database: Database) -> None:
    await a_complaint(api, summary="canarysummary")
    await as_before(desk, database)
    await earlier.seal_daily(desk)
    assert "canarysummary" not in dumped(database)
    await as_before(desk, database)
    await earlier.seal_daily(desk)
    assert "canarysummary" in dumped(database)
    clock.advance(earlier.EVERY)
    await earlier.seal_daily(desk)
    assert "canarysummary" not in dumped(database)
