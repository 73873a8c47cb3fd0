"""Tampering as a superuser with the triggers switched off: each is found, and located."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.conftest import KEYS, Api, Clock, Database
from tests.rooms.access.auditing import a_sealed_chain, rows, tamper
from vigilancia.access.chain import heads, sealing, verifying
from vigilancia.access.chain.walking import Report
from vigilancia.core.crypto import KeyRing
from vigilancia.core.work import Desk
from vigilancia.embedded.postgres import Postgres


def found(report: Report) -> set[tuple[str, int | None]]:
    """Return kind and place of each fault."""
    return {(fault.kind, fault.position) for fault in report.faults}


async def test_an_untouched_chain_holds(api: Api, desk: Desk) -> None:
    await a_sealed_chain(api, desk)
    report = await verifying.verify(desk)
    assert report.good
    assert report.rows > 8
    assert report.heads == 4
    assert report.waiting == 0


# What is done to the row in the third place and to the one in the fifth, and what is told of it.
TAMPERINGS: dict[str, tuple[Callable[[Any, Any], list[str]], set[tuple[str, int | None]]]] = {
    "a row is edited": (
        lambda three, _: [f"UPDATE audit SET at = at + interval '1 hour' WHERE id = '{three}'"],
        {("edited", 3)},
    ),
    "who did it is edited": (
        lambda three, _: [f"UPDATE audit SET token_id = gen_random_uuid() WHERE id = '{three}'"],
        {("edited", 3)},
    ),
    "a row is deleted": (lambda three, _: [f"DELETE FROM audit WHERE id = '{three}'"], {("removed", 3)}),
    "a row and its place are deleted": (
        lambda three, _: [
            f"DELETE FROM audit WHERE id = '{three}'",
            f"DELETE FROM audit_chain WHERE audit_id = '{three}'",
        ],
        {("place_missing", 3), ("unprovable", 4)},
    ),
    "two rows change places": (
        lambda three, five: [
            "UPDATE audit_chain SET audit_id = gen_random_uuid() WHERE position = 3",
            f"UPDATE audit_chain SET audit_id = '{three}' WHERE position = 5",
            f"UPDATE audit_chain SET audit_id = '{five}' WHERE position = 3",
        ],
        {("swapped", 3), ("swapped", 5)},
    ),
    "a digest is edited": (
        lambda *_: ["UPDATE audit_chain SET digest = sha256('x') WHERE position = 3"],
        {("digest_edited", 3)},
    ),
    "what a row held is edited": (
        lambda three, _: [f"UPDATE audit_content SET after = '{{}}' WHERE audit_id = '{three}'"],
        {("content_edited", 3)},
    ),
    "what a row held is deleted": (
        lambda three, _: [f"DELETE FROM audit_content WHERE audit_id = '{three}'"],
        {("content_removed", 3)},
    ),
    "a row is inserted": (
        lambda three, _: [
            f"INSERT INTO audit (id, at, action, what) SELECT uuidv7(), at, 'x', '' FROM audit WHERE id = '{three}'"
        ],
        {("unchained", None)},
    ),
}


@pytest.mark.parametrize("tampering", list(TAMPERINGS))
async def test_it_is_found_and_located(
    api: Api, desk: Desk, empty: Database, postgres: Postgres, tampering: str
) -> None:
    await a_sealed_chain(api, desk)
    places = {row["position"]: row["id"] for row in rows(empty)}
    statements, expected = TAMPERINGS[tampering]
    tamper(postgres, *statements(places[3], places[5]))
    report = await verifying.verify(desk)
    assert found(report) == expected
    for fault in report.faults:
        if fault.kind in {"edited", "removed", "content_edited", "content_removed", "digest_edited"}:
            assert fault.row_id == str(places[3])


async def test_a_row_put_in_between_with_a_good_digest_is_found(
    api: Api, desk: Desk, empty: Database, postgres: Postgres
) -> None:
    """Digests are no secret: who inserts can make a good one. The row after it gives it away, and so do the heads."""
    await a_sealed_chain(api, desk)
    with psycopg.connect(empty.owner_url) as connection:
        connection.execute(
            "INSERT INTO audit (id, at, action, what) SELECT gen_random_uuid(), at, 'read', 'x' FROM audit LIMIT 1"
        )
        connection.execute("DELETE FROM audit_queue")
    forged = rows(empty, what="x")[0]
    digest = await _digest_after(desk, 2, forged["id"])
    tamper(
        postgres,
        "UPDATE audit_chain SET position = -position WHERE position > 2",
        "UPDATE audit_chain SET position = 1 - position WHERE position < 0",
        f"INSERT INTO audit_chain VALUES (3, '{forged['id']}', '\\x{digest.hex()}')",
    )
    told = found(await verifying.verify(desk))
    assert ("inserted", 3) in told
    assert "head_differs" in {kind for kind, _ in told}


async def _digest_after(desk: Desk, position: int, row_id: Any) -> bytes:
    from sqlalchemy import select

    from vigilancia.access.chain.models import ChainRow
    from vigilancia.access.chain.rows import COLUMNS, link, plain
    from vigilancia.access.models import AuditRow
    from vigilancia.core.identity import SYSTEM

    async with desk.work(SYSTEM) as work:
        before = await work.session.scalar(select(ChainRow.digest).where(ChainRow.position == position))
        row = (await work.session.execute(select(*COLUMNS).where(AuditRow.id == row_id))).one()
    assert before is not None
    return link(before, plain(row))


async def test_a_chain_written_anew_from_a_row_on_differs_from_every_head_after_it(
    api: Api, desk: Desk, empty: Database, postgres: Postgres
) -> None:
    await a_sealed_chain(api, desk)
    places = {row["position"]: row["id"] for row in rows(empty)}
    tamper(postgres, f"UPDATE audit SET at = at - interval '1 day' WHERE id = '{places[3]}'")
    for position in range(3, max(places) + 1):
        digest = await _digest_after(desk, position - 1, places[position]) if position > 1 else b""
        tamper(postgres, f"UPDATE audit_chain SET digest = '\\x{digest.hex()}' WHERE position = {position}")
    report = await verifying.verify(desk)
    assert {fault.kind for fault in report.faults} == {"head_differs"}
    assert min(fault.position or 0 for fault in report.faults) >= 3


async def test_cutting_off_the_ends_of_all_tables_is_found_by_the_head_outside(
    api: Api, desk: Desk, postgres: Postgres
) -> None:
    await a_sealed_chain(api, desk)
    head = await sealing.keep_head(desk, daily=True)
    assert head is not None
    tamper(
        postgres,
        "DELETE FROM audit WHERE id IN (SELECT audit_id FROM audit_chain WHERE position > 4)",
        "DELETE FROM audit_chain WHERE position > 4",
        "DELETE FROM audit_head WHERE position > 4",
        "DELETE FROM audit_content WHERE audit_id NOT IN (SELECT id FROM audit)",
    )
    report = await verifying.verify(desk)
    assert ("truncated", 5) in found(report)
    assert report.faults[-1].until == head.position


async def test_cutting_off_the_end_alone_is_found_by_the_heads_of_the_database(
    api: Api, desk: Desk, postgres: Postgres
) -> None:
    await a_sealed_chain(api, desk)
    tamper(
        postgres,
        "DELETE FROM audit WHERE id IN (SELECT audit_id FROM audit_chain WHERE position > 4)",
        "DELETE FROM audit_chain WHERE position > 4",
    )
    assert ("truncated", 5) in found(await verifying.verify(desk))


async def test_emptying_the_audit_is_found_by_the_head_outside(api: Api, desk: Desk, postgres: Postgres) -> None:
    await a_sealed_chain(api, desk)
    await sealing.keep_head(desk, daily=True)
    tamper(postgres, "TRUNCATE audit, audit_content, audit_chain, audit_head, audit_queue")
    assert found(await verifying.verify(desk)) == {("truncated", 1)}


async def test_a_head_of_another_key_is_none(api: Api, desk: Desk, empty: Database, postgres: Postgres) -> None:
    """Whoever makes a new chain with a key of its own is found at every head."""
    await a_sealed_chain(api, desk)
    with psycopg.connect(empty.owner_url) as connection:
        row = connection.execute("SELECT position, digest, at FROM audit_head ORDER BY position LIMIT 1").fetchone()
    assert row is not None
    forged = heads.sign(KeyRing("other:" + "B" * 43 + "="), *row)
    tamper(
        postgres,
        f"UPDATE audit_head SET public_key = '\\x{forged.public_key}', signature = '\\x{forged.signature}'"
        f" WHERE position = {row[0]}",
    )
    assert found(await verifying.verify(desk)) == {("head_broken", row[0])}
    assert forged.public_key not in heads.public_keys(KeyRing(KEYS))


async def test_the_sealer_itself_tells_at_once_that_the_end_is_not_the_one_it_signed(
    api: Api, desk: Desk, empty: Database, postgres: Postgres
) -> None:
    await a_sealed_chain(api, desk)
    tamper(
        postgres, "UPDATE audit_chain SET digest = sha256('x') WHERE position = (SELECT max(position) FROM audit_chain)"
    )
    await a_sealed_chain(api, desk, complaints=1)
    with psycopg.connect(empty.owner_url) as connection:
        alert = connection.execute("SELECT organization_id FROM privacy_alert WHERE cause = 'audit_broken'").fetchall()
    assert alert == [(api.people.centre_id,)]  # whose administrators run the installation


async def test_the_daily_verification_tells_of_what_it_found_and_keeps_no_head_over_it(
    api: Api, desk: Desk, clock: Clock, empty: Database, postgres: Postgres
) -> None:
    from datetime import timedelta

    await a_sealed_chain(api, desk)
    await verifying.verify_daily(desk)
    assert len(list(heads.read_outside(heads.outside(desk.settings)))) == 1
    tamper(postgres, "UPDATE audit SET what = 'x' WHERE seq = (SELECT min(seq) FROM audit)")
    await verifying.verify_daily(desk)  # not yet a day later: nothing is done
    with psycopg.connect(empty.owner_url) as connection:
        assert connection.execute("SELECT faults FROM audit_check").fetchall() == [(0,)]
        clock.advance(timedelta(days=1))
        await verifying.verify_daily(desk)
        assert connection.execute("SELECT faults FROM audit_check ORDER BY at").fetchall() == [(0,), (1,)]
        assert connection.execute("SELECT count(*) FROM privacy_alert WHERE cause = 'audit_broken'").fetchone() == (1,)
    assert len(list(heads.read_outside(heads.outside(desk.settings)))) == 1
    assert "vigilancia_audit_faults 1.0" in (await api.get("/metrics", role=None)).text
