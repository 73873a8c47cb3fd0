"""Who reads which rows of the ledger, by which filters, and that no address is given away."""

from datetime import timedelta

import pytest

from tests.conftest import Api, Clock, People
from tests.rooms.climbing import a_case, a_day_goes_by, ledger
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep


async def test_the_owner_sees_all_notices_of_its_case_and_others_only_their_own(
    api: Api, desk: Desk, people: People
) -> None:
    await a_case(api)
    await sweep(desk)

    assert len(await ledger(api)) == 2
    theirs = await ledger(api, role="partner")
    assert {notice["organization_id"] for notice in theirs} == {str(people.union_id)}
    (mine,) = [notice for notice in await ledger(api) if notice["organization_id"] == str(people.centre_id)]
    assert (await api.get(f"/v1/notices/{mine['id']}", role="partner")).status_code == 404
    assert (await api.get(f"/v1/notices/{theirs[0]['id']}", role="partner")).status_code == 200
    assert (await api.get(f"/v1/notices/{theirs[0]['id']}")).status_code == 200


async def test_a_public_case_opens_its_ledger_to_nobody(api: Api, desk: Desk) -> None:
    await a_case(api, linked=False, confidentiality="public")
    await sweep(desk)

    assert await ledger(api, role="partner") == []


async def test_without_the_scope_the_ledger_is_closed(api: Api) -> None:
    assert (await api.get("/v1/notices", role="analyst")).status_code == 403
    assert (await api.get("/v1/notices", role=None)).status_code == 401


async def test_addresses_are_masked(api: Api, desk: Desk) -> None:
    await a_case(api)
    await sweep(desk)

    answer = await api.get("/v1/notices")

    assert "worker_center@" not in answer.text
    assert {notice["address"] for notice in answer.json()["items"]} == {"w…@example.org", "u…@example.org"}


async def test_filters_narrow_the_ledger(api: Api, desk: Desk, people: People, clock: Clock) -> None:
    first, second = await a_case(api), await a_case(api)
    await a_day_goes_by(desk)
    clock.advance(timedelta(days=1))
    await sweep(desk)
    everything = await ledger(api)
    one = everything[0]

    assert len(everything) == 8
    assert {notice["complaint_id"] for notice in everything} == {first["id"], second["id"]}
    assert len(await ledger(api, complaint_id=first["id"])) == 4
    assert len(await ledger(api, complaint_id=f"{first['id']},{second['id']}")) == 8
    assert len(await ledger(api, deadline_id=one["deadline_id"])) == 4
    assert len(await ledger(api, status="stored")) == 4
    assert len(await ledger(api, status="stored,planned")) == 8
    assert len(await ledger(api, rung="0")) == 4
    assert len(await ledger(api, channel="webhook")) == 0
    assert len(await ledger(api, organization_id=str(people.union_id), rung="-1d")) == 2
    assert len(await ledger(api, contact_id=one["contact_id"], complaint_id=one["complaint_id"])) == 2


@pytest.mark.parametrize("query", ["colour=red", "complaint_id=x", "sort=address", "q=planta", "cursor=abc"])
async def test_a_parameter_that_does_not_fit_is_refused(api: Api, query: str) -> None:
    answer = await api.get(f"/v1/notices?{query}")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_pages_neither_skip_nor_repeat(api: Api, desk: Desk) -> None:
    for _ in range(3):
        await a_case(api)
    await sweep(desk)
    seen, cursor = [], None

    while True:
        page = (await api.get("/v1/notices", params={"limit": "2", **({"cursor": cursor} if cursor else {})})).json()
        seen += [notice["id"] for notice in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == 6


async def test_an_unchanged_notice_answers_not_modified(api: Api, desk: Desk) -> None:
    await a_case(api, linked=False)
    await sweep(desk)
    (notice,) = await ledger(api)
    path = f"/v1/notices/{notice['id']}"
    tag = (await api.get(path)).headers["ETag"]

    assert (await api.get(path, headers={"If-None-Match": tag})).status_code == 304
    await a_day_goes_by(desk)
    assert (await api.get(path, headers={"If-None-Match": tag})).status_code == 200


async def test_a_page_of_the_ledger_takes_the_same_statements_however_long_it_is(
    api: Api, desk: Desk, statements: object
) -> None:
    await a_case(api)
    await sweep(desk)
    with statements() as few:  # type: ignore[operator]
        await ledger(api)
    for _ in range(5):
        await a_case(api)
    await sweep(desk)
    with statements() as many:  # type: ignore[operator]
        assert len(await ledger(api)) == 12

    assert len(few) == len(many)
