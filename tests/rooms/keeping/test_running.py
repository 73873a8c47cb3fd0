"""Owners are warned before; what the dry run tells is what the run erases."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import msgspec
import pytest

from tests.builders import a_complaint, a_proceeding, an_event
from tests.conftest import Api, Clock
from tests.rooms.keeping.cases import a_closed_case, a_hold, closed, days_go_by, due, opened, retained, rows
from vigilancia.core.work import Desk
from vigilancia.keeping import erasing, run


async def test_an_open_case_has_no_day(api: Api) -> None:
    case = await a_complaint(api)
    told = await retained(api, case["id"], headers={"Accept-Language": "en"})
    assert (told["rule"], told["erase_on"]) == (None, None)
    assert told["explained"] == "The case is open. Open cases are never erased."


async def test_a_closed_case_tells_its_day_its_rule_and_why(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_closed_case(api)
    told = await retained(api, case["id"], headers={"Accept-Language": "en"})
    assert (told["rule"], told["outcome"]) == ("not_taken_up", "not_taken_up")
    assert (told["counted_from"], told["erase_on"]) == ("2026-03-02", "2026-08-29")
    assert "kept for 180 days, counted from Monday 2 March 2026" in told["explained"]
    await days_go_by(desk, clock, 150)
    told = await retained(api, case["id"], headers={"Accept-Language": "fr"})
    assert told["warned_on"] == "2026-07-30"
    assert "Il est effacé le samedi 29 août 2026" in told["explained"]


async def test_the_last_event_counts_and_a_declined_petition_is_kept_half_a_year(api: Api) -> None:
    case = await a_complaint(api)
    proceeding = await a_proceeding(api, case["id"])
    await an_event(api, proceeding["id"])
    await an_event(api, proceeding["id"], type="ilc_determined_insufficient", on="2026-02-20")
    await closed(api, case)
    told = await retained(api, case["id"])
    assert (told["rule"], told["mechanism"]) == ("declined", "usmca-31a-us-mx")
    assert told["erase_on"] == "2026-08-29"


async def test_the_owner_is_warned_thirty_days_before_and_once(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_closed_case(api)
    await days_go_by(desk, clock, 149)
    assert await rows(desk, "SELECT 1 FROM privacy_alert") == []
    await days_go_by(desk, clock, 1)
    await days_go_by(desk, clock, 1)
    (alert,) = await rows(desk, "SELECT * FROM privacy_alert")
    assert (alert.cause, str(alert.complaint_id)) == ("retention_warning", case["id"])
    assert alert.organization_id == api.people.centre_id
    told = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"][-1]
    assert (told["type"], told["after"]) == (
        "retention_warned",
        {"rule": "not_taken_up", "erase_on": "2026-08-29"},
    )


async def test_what_was_not_warned_of_waits_for_its_warning(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_closed_case(api)
    await days_go_by(desk, clock, 400)
    assert (await api.get(f"/v1/complaints/{case['id']}")).status_code == 200
    assert await due(api) == []
    await days_go_by(desk, clock, 29)
    assert (await api.get(f"/v1/complaints/{case['id']}")).status_code == 200
    await days_go_by(desk, clock, 1)
    assert (await api.get(f"/v1/complaints/{case['id']}")).status_code == 410


async def test_a_case_that_was_opened_and_closed_again_is_warned_of_anew(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_closed_case(api)
    await days_go_by(desk, clock, 150)
    await opened(api, case)
    clock.advance(timedelta(days=40))
    await closed(api, case)
    told = await retained(api, case["id"])
    assert (told["rule"], told["counted_from"], told["warned_on"]) == ("no_mechanism", "2026-09-08", None)
    await days_go_by(desk, clock, 0)
    assert (await api.get(f"/v1/complaints/{case['id']}")).status_code == 200


async def test_a_merged_case_is_kept_with_the_one_that_goes_on(api: Api, desk: Desk, clock: Clock) -> None:
    case, other = await a_complaint(api), await a_complaint(api)
    body = {"into": case["id"], "reason": "la misma"}
    await api.post(f"/v1/complaints/{other['id']}/merge", version=other["version"], json=body)
    told = await retained(api, other["id"])
    assert (told["kept_with"], told["rule"]) == (case["id"], None)
    clock.advance(timedelta(days=300))
    await closed(api, case)
    assert (await retained(api, other["id"]))["counted_from"] == (await retained(api, case["id"]))["counted_from"]
    await days_go_by(desk, clock, 150)
    clock.advance(timedelta(days=30))
    assert [(row["complaint_id"], row["kept_with"]) for row in await due(api)] == [
        (each, with_) for each, with_ in sorted([(case["id"], None), (other["id"], case["id"])])
    ]
    await days_go_by(desk, clock, 0)
    assert (await api.get(f"/v1/complaints/{other['id']}")).status_code == 410


async def test_only_the_own_organisations_cases_are_listed(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_closed_case(api)
    await days_go_by(desk, clock, 150)
    clock.advance(timedelta(days=30))
    (row,) = await due(api)
    assert (row["reference"], row["rule"], row["erase_on"]) == (case["reference"], "not_taken_up", "2026-08-29")
    assert await due(api, role="partner") == []
    assert (await api.get("/v1/retention/due", role="analyst")).status_code == 403
    assert (await api.get(f"/v1/complaints/{case['id']}/retention", role="partner")).status_code == 404
    assert (await api.get(f"/v1/complaints/{case['id']}/retention", role="analyst")).status_code == 403


async def test_everybody_reads_the_rules_in_their_language(api: Api) -> None:
    answer = await api.get("/v1/retention/rules", role="analyst", headers={"Accept-Language": "fr"})
    assert answer.status_code == 200
    assert answer.json()["warning_days"] == 30
    assert answer.json()["rules"][0]["why"].startswith("Le cas n'a pas")


@pytest.mark.parametrize("seed", range(12))
async def test_the_dry_run_is_the_run_row_for_row(api: Api, desk: Desk, clock: Clock, seed: int) -> None:
    """Cases with histories drawn by lot, looked at on days drawn by lot."""
    lot = Random(seed)  # noqa: S311 - histories, no secrets
    start = datetime(2026, 3, 2, 15, tzinfo=UTC)
    clock.set(start)
    cases = [await a_complaint(api, role=lot.choice(["staff", "partner"])) for _ in range(8)]
    for case in cases:
        role = "staff" if case["owner_id"] == str(api.people.centre_id) else "partner"
        await _a_history(api, clock, lot, case, role)
    erased: set[str] = set()
    for _ in range(4):
        clock.advance(timedelta(days=lot.choice([1, 29, 30, 31, 150, 180, 400])))
        before = await run.dry_run(desk)
        again = await run.dry_run(desk)
        really = await run.run(desk)
        assert before == again == really
        await erasing.work_off(desk)
        erased |= {str(row.complaint_id) for row in really}
        stones = {str(row.complaint_id) for row in await rows(desk, "SELECT complaint_id FROM tombstone")}
        assert stones == erased
        for row in really:
            assert row.erase_on <= clock.now.date()
            assert row.warned_on + timedelta(days=30) <= clock.now.date()
        assert await run.dry_run(desk) == []
    assert msgspec.to_builtins(before) is not None


async def _a_history(api: Api, clock: Clock, lot: Random, case: dict[str, object], role: str) -> None:
    path = f"/v1/complaints/{case['id']}"
    for status in lot.choice([["closed"], ["open"], ["open", "closed"], ["closed", "open", "closed"], []]):
        clock.advance(timedelta(hours=lot.randrange(60)))
        version = (await api.get(path, role=role)).json()["version"]
        answer = await api.patch(path, role=role, version=version, json={"status": status})
        assert answer.status_code == 200, answer.text
    if lot.random() < 0.3:
        proceeding = await a_proceeding(api, str(case["id"]), role=role)
        await an_event(api, proceeding["id"], role=role)
        if lot.random() < 0.5:
            await an_event(api, proceeding["id"], role=role, type="ilc_determined_insufficient", on="2026-02-25")
    if role == "staff" and lot.random() < 0.2:
        await a_hold(api, str(case["id"]), review_on=str(date(2030, 1, 1)))
