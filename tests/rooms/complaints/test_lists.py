"""Lists of complaints."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.builders import a_complaint, a_contact, a_facility
from tests.conftest import Api


async def found(api: Api, **params: str) -> list[str]:
    """Return the titles a list request finds."""
    answer = await api.get("/v1/complaints", params=params)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def test_the_latest_received_come_first(api: Api) -> None:
    for day in ("2026-02-03", "2026-02-27", "2026-01-15"):
        await a_complaint(api, title=day, received_on=day)
    assert await found(api) == ["2026-02-27", "2026-02-03", "2026-01-15"]
    assert await found(api, sort="received_on") == ["2026-01-15", "2026-02-03", "2026-02-27"]


@pytest.mark.parametrize("sort", ["-received_on", "received_on,reference", "updated_at", "reference", "-id"])
async def test_pages_hold_every_row_once(api: Api, sort: str) -> None:
    for number in range(7):
        await a_complaint(api, title=str(number), received_on=f"2026-02-0{1 + number % 3}")
    gathered: list[str] = []
    params = {"sort": sort, "limit": "3"}
    while True:
        page = (await api.get("/v1/complaints", params=params)).json()
        gathered += [item["title"] for item in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert gathered == await found(api, sort=sort)
    assert len(set(gathered)) == 7


async def test_a_list_never_opens_a_narrative(api: Api) -> None:
    await a_complaint(api, narrative="Solo al leerla.")
    assert (await api.get("/v1/complaints")).json()["items"][0]["narrative"] is None


async def test_words_are_found_without_accents_and_by_their_stem(api: Api) -> None:
    await a_complaint(api, title="Despidos injustificados", summary="Reunión en León", confidentiality="public")
    await a_complaint(api, title="Otra cosa")
    for words in ("despido", "reunion leon", "REUNIÓN", "injustificad"):
        assert await found(api, q=words) == ["Despidos injustificados"]
    assert await found(api, q="nada") == []


async def test_filters_narrow_and_commas_mean_any_of(api: Api) -> None:
    rosa = await a_contact(api, api.people.centre_id, desk=False, name="Rosa")
    plant = await a_facility(api)
    await a_complaint(
        api,
        title="uno",
        status="open",
        facility_id=plant["id"],
        allegations=["wages"],
        tags=["norte"],
        risk_level="low",
        confidentiality="partners",
        handler_id=rosa["id"],
        external_ids=[{"system": "kobo", "id": "a:1"}],
        received_on="2026-01-10",
    )
    await a_complaint(
        api, title="dos", incidents=[{"allegation": "wages"}], tags=["sur"], risk_level="high", received_on="2026-01-11"
    )
    for params in (
        {"status": "open"},
        {"facility_id": plant["id"]},
        {"tag": "norte,este"},
        {"risk_level": "low,elevated"},
        {"confidentiality": "partners,public"},
        {"handler_id": rosa["id"]},
        {"external_id": "kobo:a:1"},
        {"received_on_before": "2026-01-11"},
    ):
        assert await found(api, **params) == ["uno"], params
    assert await found(api, allegation="wages") == ["dos", "uno"]
    assert await found(api, tag="norte,sur", owner_id=str(api.people.centre_id)) == ["dos", "uno"]
    assert await found(api, received_on_after="2026-01-10") == ["dos"]
    assert await found(api, owner_id=str(api.people.union_id)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("external_id", "kobo"),
        ("facility_id", "x"),
        ("sort", "title"),
        ("cursor", "bm8"),
        ("received_on_after", "2026-02-30"),
        ("updated_since", "yesterday"),
        ("updated_since", "2026-02-01T00:00:00"),
        ("stattus", "open"),
        ("limit", "201"),
        ("tag", "a\x00b"),
    ],
)
async def test_a_parameter_that_does_not_fit_is_refused_by_name(api: Api, name: str, value: str) -> None:
    answer = await api.get("/v1/complaints", params={name: value})
    assert answer.status_code == 400, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"?{name}"]


@pytest.mark.parametrize("value", ["' OR 1=1 --", "%", "a')) && pg_sleep(1)", "&|!():*", "\\"])
async def test_metacharacters_in_filters_find_nothing_and_break_nothing(api: Api, value: str) -> None:
    await a_complaint(api)
    for name in ("q", "tag", "allegation", "status", "risk_level"):
        assert await found(api, **{name: value}) == []


async def test_a_page_of_fifty_takes_as_many_statements_as_one_of_five(api: Api, statements: Callable[[], Any]) -> None:
    plants = [(await a_facility(api, name=f"Planta {number}"))["id"] for number in range(3)]
    first = await a_complaint(api)
    counts = []
    for rows in (5, 50):
        for _ in range(rows):
            related = [{"complaint_id": first["id"], "kind": "same_question"}]
            await a_complaint(api, facility_ids=plants, related=related, narrative="x")
        with statements() as sent:
            page = (await api.get("/v1/complaints", params={"limit": str(rows)})).json()
        assert len(page["items"]) == rows
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert counts[1] <= 4


async def test_logging_and_reading_take_few_statements(api: Api, statements: Callable[[], Any]) -> None:
    with statements() as sent:
        made = await a_complaint(api)
    assert len(sent) <= 8  # who acts is told to the database first
    with statements() as sent:
        await api.get(f"/v1/complaints/{made['id']}")
    assert len(sent) <= 5  # and that it was read is noted
