"""A search tells its contact of each case that newly fits it and that its organisation may see, once."""

from datetime import timedelta
from typing import Any

from tests.builders import a_complaint, a_facility, a_link
from tests.conftest import Api, Clock
from tests.rooms.climbing import a_place
from tests.rooms.searches.finding import DISMISSALS, FITTING, a_search, changed, look, tell, the_desk_of, told
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.notices.searches.untold import read_told


async def test_a_new_case_that_fits_is_told_once(api: Api, desk: Desk, clock: Clock) -> None:
    search = await a_search(api)
    clock.advance(timedelta(minutes=5))
    case = await a_complaint(api, **FITTING)
    await a_complaint(api, allegations=["threats_coercion"])
    assert await look(desk, clock) == 1
    (tidings,) = await tell(desk)
    assert (str(tidings.search_id), str(tidings.contact_id)) == (search["id"], search["contact_id"])
    assert tidings.references == [case["reference"]]
    for _ in range(3):
        assert await look(desk, clock) == 1
        assert await told(desk) == []


async def test_what_fits_already_is_not_told_even_when_it_changes_later(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_complaint(api, **FITTING)
    await a_search(api)
    await look(desk, clock)
    await changed(api, case, title="Otro título")
    await look(desk, clock)
    assert await told(desk) == []


async def test_a_case_that_comes_to_fit_by_a_change_is_told(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_complaint(api)
    await a_search(api)
    await look(desk, clock)
    assert await told(desk) == []
    await changed(api, case, **FITTING)
    await look(desk, clock)
    assert await told(desk) == [case["reference"]]
    await changed(api, case, allegations=[])
    await look(desk, clock)
    await changed(api, case, **FITTING)
    await look(desk, clock)
    assert await told(desk) == []  # once


async def test_several_cases_of_one_search_are_one_message_and_searches_do_not_mix(
    api: Api, desk: Desk, clock: Clock
) -> None:
    first = await a_search(api)
    second = await a_search(api, filter={"tag": "turno"})
    cases = [await a_complaint(api, **FITTING) for _ in range(3)]
    both = await a_complaint(api, **FITTING, tags=["turno"])
    await look(desk, clock)
    found = {str(each.search_id): each.references for each in await tell(desk)}
    assert found == {
        first["id"]: sorted(case["reference"] for case in [*cases, both]),
        second["id"]: [both["reference"]],
    }


async def test_another_organisations_case_is_not_found(api: Api, desk: Desk, clock: Clock) -> None:
    await a_search(api, role="partner")
    await a_complaint(api, **FITTING)
    await look(desk, clock)
    assert await told(desk) == []


async def test_each_organisation_finds_its_own_in_one_batch(api: Api, desk: Desk, clock: Clock) -> None:
    centres, unions = await a_search(api), await a_search(api, role="partner")
    mine = await a_complaint(api, **FITTING)
    theirs = await a_complaint(api, role="partner", **FITTING)
    assert await look(desk, clock) == 2
    found = {str(each.search_id): each.references for each in await tell(desk)}
    assert found == {centres["id"]: [mine["reference"]], unions["id"]: [theirs["reference"]]}


async def test_a_case_that_a_link_opens_is_told_though_nobody_changed_it(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_complaint(api, **FITTING)
    await a_search(api, role="partner")
    clock.advance(timedelta(days=3))
    await look(desk, clock)
    link = await a_place(api, case["id"], access="read")
    await look(desk, clock)
    assert await told(desk) == []  # not accepted: it sees reference and status, and no allegation
    clock.advance(timedelta(days=3))
    await look(desk, clock)
    accepted = await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner")
    assert accepted.status_code == 200, accepted.text
    await look(desk, clock)
    assert await told(desk) == [case["reference"]]


async def test_a_filter_tells_nothing_that_a_view_hides(api: Api, desk: Desk, clock: Clock) -> None:
    await a_search(api, role="partner")
    await a_search(api, role="partner", filter={"q": "asamblea"})
    open_ = await a_search(api, role="partner", filter={"status": "intake"})
    case = await a_complaint(api, **FITTING)
    await a_link(api, case["id"], api.people.union_id)
    await look(desk, clock)
    assert [(str(each.search_id), each.references) for each in await tell(desk)] == [(open_["id"], [case["reference"]])]


async def test_a_case_made_public_is_told_to_everybody_whose_search_it_fits(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_complaint(api, **FITTING)
    await a_search(api, role="partner")
    await look(desk, clock)
    await changed(api, case, confidentiality="public")
    await look(desk, clock)
    assert await told(desk) == [case["reference"]]


async def test_a_plant_whose_record_is_opened_lets_its_public_case_be_found(api: Api, desk: Desk, clock: Clock) -> None:
    plant = await a_facility(api, visibility="private")
    case = await a_complaint(api, facility_id=plant["id"], confidentiality="public")
    await a_search(api, role="partner", filter={"facility_id": plant["id"]})
    clock.advance(timedelta(days=1))
    await look(desk, clock)
    assert await told(desk) == []
    opened = await api.patch(f"/v1/facilities/{plant['id']}", json={"visibility": "public"}, version=1)
    assert opened.status_code == 200, opened.text
    await look(desk, clock)
    assert await told(desk) == [case["reference"]]


async def test_access_lost_between_finding_and_telling_is_not_told(api: Api, desk: Desk, clock: Clock) -> None:
    await a_search(api, role="partner", filter={"status": "intake"})
    case = await a_complaint(api)
    link = await a_link(api, case["id"], api.people.union_id)
    await look(desk, clock)
    gone = await api.delete(f"/v1/complaints/{case['id']}/links/{link['id']}", version=1)
    assert gone.status_code == 204
    assert await told(desk) == []
    await a_link(api, case["id"], api.people.union_id)  # and found anew when it opens again
    await look(desk, clock)
    assert await told(desk) == [case["reference"]]


async def test_a_view_that_shrank_between_finding_and_telling_tells_nothing_of_what_it_hides(
    api: Api, desk: Desk, clock: Clock
) -> None:
    await a_search(api, role="partner")
    case = await a_complaint(api, **FITTING)
    link = await a_place(api, case["id"], access="read")
    await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner")
    await look(desk, clock)
    less = await api.patch(f"/v1/complaints/{case['id']}/links/{link['id']}", json={"access": "alerts"}, version=2)
    assert less.status_code == 200, less.text
    assert await told(desk) == []


async def test_access_lost_between_the_ledger_and_the_sending_leaves_nothing_to_send(
    api: Api, desk: Desk, clock: Clock
) -> None:
    search = await a_search(api, role="partner", filter={"status": "intake"})
    one, other = await a_complaint(api), await a_complaint(api)
    links = [await a_link(api, case["id"], api.people.union_id) for case in (one, other)]
    await look(desk, clock)
    (tidings,) = await tell(desk)
    told_at = clock()
    clock.advance(timedelta(hours=1))
    for case, link, left in zip((one, other), links, ([other["reference"]], None), strict=True):
        await api.delete(f"/v1/complaints/{case['id']}/links/{link['id']}", version=1)
        async with desk.work(SYSTEM) as work:
            again = await read_told(work, tidings.search_id, told_at)
        assert (again.references if again else None) == left
    assert search["id"] == str(tidings.search_id)


async def test_another_filter_begins_anew(api: Api, desk: Desk, clock: Clock) -> None:
    search = await a_search(api)
    was = await a_complaint(api, tags=["turno"])
    untold_yet = await a_complaint(api, **FITTING)
    kept = await a_complaint(api, **FITTING, tags=["turno"])
    await look(desk, clock)
    path = f"/v1/saved-searches/{search['id']}"
    assert (await api.patch(path, json={"filter": {"tag": "turno"}}, version=1)).status_code == 200
    await look(desk, clock)
    assert await told(desk) == [kept["reference"]]  # found before, and fits the new filter too
    await changed(api, untold_yet, tags=["turno"])
    new = await a_complaint(api, tags=["turno"])
    await changed(api, was, title="Otro")
    await look(desk, clock)
    assert await told(desk) == sorted([untold_yet["reference"], new["reference"]])


async def test_what_fitted_an_old_filter_in_silence_is_told_when_it_comes_to_fit_the_new_one(
    api: Api, desk: Desk, clock: Clock
) -> None:
    case = await a_complaint(api, **FITTING)
    search = await a_search(api)
    path = f"/v1/saved-searches/{search['id']}"
    assert (await api.patch(path, json={"filter": {"tag": "turno"}}, version=1)).status_code == 200
    await changed(api, case, tags=["turno"])
    await look(desk, clock)
    assert await told(desk) == [case["reference"]]


async def test_a_search_that_sleeps_neither_looks_nor_tells_and_begins_anew_when_woken(
    api: Api, desk: Desk, clock: Clock
) -> None:
    search = await a_search(api)
    path = f"/v1/saved-searches/{search['id']}"
    before = await a_complaint(api, **FITTING)
    await look(desk, clock)
    assert (await api.patch(path, json={"active": False}, version=1)).status_code == 200
    assert await told(desk) == []
    meanwhile = await a_complaint(api, **FITTING)
    assert await look(desk, clock) == 0
    assert (await api.patch(path, json={"active": True}, version=2)).status_code == 200
    await look(desk, clock)
    assert await told(desk) == [before["reference"]]
    assert meanwhile["reference"] not in await told(desk)


async def test_the_filter_of_a_search_finds_what_the_list_finds(api: Api, desk: Desk, clock: Clock) -> None:
    plant = await a_facility(api)
    filters: list[dict[str, Any]] = [
        {},
        DISMISSALS,
        {"allegation": "union_dismissal,threats_coercion"},
        {"status": "intake"},
        {"status": "open,closed"},
        {"facility_id": plant["id"]},
        {"owner_id": str(api.people.centre_id)},
        {"handler_id": await the_desk_of(api)},
        {"confidentiality": "public"},
        {"risk_level": "acute"},
        {"tag": "turno"},
        {"external_id": "stps:A,stps:B"},
        {"received_on_after": "2026-02-03"},
        {"received_on_before": "2026-02-03", "merged": False},
        {"merged": True},
        {"q": "ASAMBLEA despido"},
    ]
    searches = {(await a_search(api, filter=each))["id"]: each for each in filters}
    await a_complaint(api, **FITTING, facility_id=plant["id"], tags=["turno"], risk_level="acute")
    await a_complaint(api, received_on="2026-02-10", external_ids=[{"system": "stps", "id": "B"}])
    await a_complaint(api, role="partner", confidentiality="public", title="Amenazas")
    await a_complaint(api, handler_id=await the_desk_of(api), title="Nada")
    await look(desk, clock)
    found = {str(each.search_id): each.references for each in await tell(desk)}
    for search_id, wanted in searches.items():
        params = {name: str(value).lower() if isinstance(value, bool) else value for name, value in wanted.items()}
        listed = (await api.get("/v1/complaints", params=params)).json()["items"]
        assert found.get(search_id, []) == sorted(item["reference"] for item in listed), wanted
