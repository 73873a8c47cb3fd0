"""A creation may be repeated, a change needs the version it was read at."""

import asyncio
from datetime import timedelta

from tests.api.test_problems import the_problem
from tests.builders import a_complaint
from tests.conftest import Api, Clock

BODY = {"title": "Despido", "received_on": "2026-02-02"}


async def test_the_same_key_and_body_answer_the_same_complaint(api: Api) -> None:
    first = await api.post("/v1/complaints", json=BODY, headers={"Idempotency-Key": "a"})
    second = await api.post("/v1/complaints", json=BODY, headers={"Idempotency-Key": "a"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len((await api.get("/v1/complaints")).json()["items"]) == 1


async def test_the_same_key_with_another_body_is_refused(api: Api) -> None:
    await api.post("/v1/complaints", json=BODY, headers={"Idempotency-Key": "a"})
    other = await api.post("/v1/complaints", json={**BODY, "title": "Otro"}, headers={"Idempotency-Key": "a"})
    the_problem(other, 422, "idempotency-reused")


async def test_keys_of_two_tokens_do_not_meet(api: Api) -> None:
    mine = await api.post("/v1/complaints", json=BODY, headers={"Idempotency-Key": "a"})
    theirs = await api.post("/v1/complaints", json=BODY, role="partner", headers={"Idempotency-Key": "a"})
    assert mine.json()["id"] != theirs.json()["id"]


async def test_a_key_is_forgotten_after_a_day(api: Api, clock: Clock) -> None:
    first = await api.post("/v1/complaints", json=BODY, headers={"Idempotency-Key": "a"})
    clock.advance(timedelta(hours=24, seconds=1))
    second = await api.post("/v1/complaints", json=BODY, headers={"Idempotency-Key": "a"})
    assert first.json()["id"] != second.json()["id"]


async def test_a_refused_creation_leaves_its_key_free(api: Api) -> None:
    the_problem(await api.post("/v1/complaints", json={}, headers={"Idempotency-Key": "a"}), 422, "invalid")
    assert (await api.post("/v1/complaints", json=BODY, headers={"Idempotency-Key": "a"})).status_code == 201


async def test_fifty_at_once_with_one_key_make_one_complaint(api: Api) -> None:
    answers = await asyncio.gather(
        *(api.post("/v1/complaints", json=BODY, headers={"Idempotency-Key": "storm"}) for _ in range(50))
    )
    codes = {answer.status_code for answer in answers}
    assert codes <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 409)
    assert len((await api.get("/v1/complaints")).json()["items"]) == 1


async def test_a_change_without_if_match_is_refused(api: Api) -> None:
    made = await a_complaint(api)
    the_problem(await api.patch(f"/v1/complaints/{made['id']}", json={"title": "x"}), 428, "precondition-required")


async def test_a_change_of_what_has_changed_is_refused(api: Api) -> None:
    made = await a_complaint(api)
    first = await api.patch(f"/v1/complaints/{made['id']}", json={"title": "uno"}, version=1)
    assert first.headers["etag"] == '"v2"'
    the_problem(await api.patch(f"/v1/complaints/{made['id']}", json={"title": "dos"}, version=1), 412, "stale")
    the_problem(
        await api.patch(f"/v1/complaints/{made['id']}", json={"title": "dos"}, headers={"If-Match": "*"}), 412, "stale"
    )
    assert (await api.get(f"/v1/complaints/{made['id']}")).json()["title"] == "uno"


async def test_of_two_changes_at_once_one_wins(api: Api) -> None:
    made = await a_complaint(api)
    answers = await asyncio.gather(
        *(api.patch(f"/v1/complaints/{made['id']}", json={"title": f"t{n}"}, version=1) for n in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7


async def test_an_unchanged_complaint_is_not_sent_again(api: Api) -> None:
    made = await a_complaint(api)
    read = await api.get(f"/v1/complaints/{made['id']}")
    again = await api.get(f"/v1/complaints/{made['id']}", headers={"If-None-Match": read.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
