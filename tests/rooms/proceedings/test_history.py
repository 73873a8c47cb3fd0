"""One facility: all its cases and all their procedures in one list."""

from tests.builders import a_complaint, a_facility, a_proceeding, an_event
from tests.conftest import Api


async def test_history_merges_every_case_and_procedure_by_day(api: Api) -> None:
    plant = await a_facility(api)
    first = await a_complaint(api, facility_id=plant["id"], received_on="2026-01-10")
    second = await a_complaint(api, facility_ids=[plant["id"]], received_on="2026-01-20")
    elsewhere = await a_complaint(api, received_on="2026-01-15")
    for complaint, day in ((first, "2026-02-01"), (second, "2026-01-25"), (elsewhere, "2026-01-26")):
        proceeding = await a_proceeding(api, complaint["id"])
        await an_event(api, proceeding["id"], on=day)
    items = (await api.get(f"/v1/facilities/{plant['id']}/history")).json()["items"]
    assert [(item["on"], item["type"], item["reference"]) for item in items] == [
        ("2026-01-10", "complaint_received", first["reference"]),
        ("2026-01-20", "complaint_received", second["reference"]),
        ("2026-01-25", "petition_received", second["reference"]),
        ("2026-02-01", "petition_received", first["reference"]),
    ]
    assert all(item["label"] for item in items)


async def test_history_is_paged(api: Api) -> None:
    plant = await a_facility(api)
    for day in ("2026-01-10", "2026-01-11", "2026-01-12"):
        await a_complaint(api, facility_id=plant["id"], received_on=day)
    url = f"/v1/facilities/{plant['id']}/history"
    page = (await api.get(url, params={"limit": "2"})).json()
    rest = (await api.get(url, params={"limit": "2", "cursor": page["next"]})).json()
    assert [item["on"] for item in page["items"] + rest["items"]] == ["2026-01-10", "2026-01-11", "2026-01-12"]
    assert rest["next"] is None


async def test_cases_of_others_do_not_show_in_the_history(api: Api) -> None:
    plant = await a_facility(api, visibility="public")
    await a_complaint(api, facility_id=plant["id"])
    assert (await api.get(f"/v1/facilities/{plant['id']}/history", role="partner")).json()["items"] == []


async def test_history_of_an_unseen_facility_is_not_found(api: Api) -> None:
    plant = await a_facility(api, visibility="private")
    assert (await api.get(f"/v1/facilities/{plant['id']}/history", role="partner")).status_code == 404
