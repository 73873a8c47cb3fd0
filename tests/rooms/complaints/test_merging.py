"""Merging a case into another, and undoing it."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.test_problems import the_problem
from tests.builders import a_complaint, a_link, a_proceeding, an_event
from tests.conftest import Api
from tests.rooms.complaints.cases import a_full_case, granted, pointers

REASON = "La misma asamblea: canaryreason"
KEPT = {"status", "merged_into", "version", "updated_at"}


async def merge(
    api: Api, case: dict[str, Any], into: dict[str, Any], *, version: int = 1, **how: Any
) -> httpx.Response:
    """Ask to merge one case into another."""
    body = {"into": into["id"], "reason": REASON}
    return await api.post(f"/v1/complaints/{case['id']}/merge", json=body, version=version, **how)


async def unmerge(api: Api, case: dict[str, Any], *, version: int = 2, **how: Any) -> httpx.Response:
    """Ask to undo a merge."""
    body = {"reason": "Son dos asambleas"}
    return await api.post(f"/v1/complaints/{case['id']}/unmerge", json=body, version=version, **how)


async def a_merged_pair(api: Api, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a case merged into another, and that other."""
    case, other = await a_complaint(api, **changes), await a_complaint(api, title="El que sigue")
    answer = await merge(api, case, other)
    assert answer.status_code == 200, answer.text
    return answer.json(), other


async def entries(api: Api, case: dict[str, Any], *, role: str = "staff") -> list[dict[str, Any]]:
    """Read a timeline."""
    answer = await api.get(f"/v1/complaints/{case['id']}/timeline", role=role)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.parametrize("status", ["intake", "open", "closed"])
async def test_a_merged_case_is_closed_and_gets_back_the_status_it_had(api: Api, status: str) -> None:
    case, other = await a_complaint(api, status=status), await a_complaint(api)
    answer = await merge(api, case, other)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"v2"')
    assert (answer.json()["status"], answer.json()["merged_into"]) == ("closed", other["id"])
    back = await unmerge(api, case)
    assert (back.status_code, back.headers["ETag"]) == (200, '"v3"')
    assert (back.json()["status"], back.json()["merged_into"]) == (status, None)


async def test_nothing_of_either_case_is_moved_or_lost(api: Api) -> None:
    case, other = await a_full_case(api), await a_full_case(api)
    await a_link(api, case["id"], api.people.union_id)
    proceeding = await a_proceeding(api, case["id"])
    await merge(api, case, other)
    merged = (await api.get(f"/v1/complaints/{case['id']}")).json()
    assert {name for name, value in merged.items() if value != case[name]} - KEPT == set()
    assert (await api.get(f"/v1/proceedings/{proceeding['id']}")).json()["complaint_id"] == case["id"]
    assert len((await api.get(f"/v1/complaints/{case['id']}/links")).json()["items"]) == 1
    kept = (await api.get(f"/v1/complaints/{other['id']}")).json()
    assert kept == {name: other[name] for name in kept}


async def test_a_merged_case_takes_no_changes_proceedings_or_events(api: Api) -> None:
    case, other = await a_complaint(api), await a_complaint(api)
    proceeding = await a_proceeding(api, case["id"])
    await merge(api, case, other)
    for answer in (
        await api.patch(f"/v1/complaints/{case['id']}", json={"title": "Otro"}, version=2),
        await api.patch(f"/v1/complaints/{case['id']}", json={"status": "open"}, version=2),
        await api.post(f"/v1/complaints/{case['id']}/proceedings", json={"mechanism": "usmca-31a-us-mx"}),
        await api.post(
            f"/v1/proceedings/{proceeding['id']}/events", json={"type": "petition_received", "on": "2026-02-01"}
        ),
        await merge(api, case, other, version=2),
    ):
        assert pointers(the_problem(answer, 409, "conflict")) == {("/merged_into", "merged")}
    await unmerge(api, case)
    assert (await api.patch(f"/v1/complaints/{case['id']}", json={"title": "Otro"}, version=3)).status_code == 200
    await an_event(api, proceeding["id"])


async def test_who_sees_a_merged_case_can_still_be_decided(api: Api) -> None:
    case, _ = await a_merged_pair(api)
    link = await a_link(api, case["id"], api.people.union_id)
    assert (await api.delete(f"/v1/complaints/{case['id']}/links/{link['id']}", version=1)).status_code == 204


async def test_neither_chains_nor_circles_are_made(api: Api) -> None:
    case, other = await a_merged_pair(api)
    third = await a_complaint(api)
    for refused in (
        await merge(api, third, case),  # into one that is merged itself
        await merge(api, other, third),  # one that another is merged into
        await merge(api, third, third),
    ):
        assert pointers(the_problem(refused, 422, "invalid")) == {("/into", "not_allowed")}
    assert (await merge(api, third, other)).status_code == 200  # several may be merged into one


async def test_two_who_merge_crosswise_at_once_make_no_circle(api: Api) -> None:
    one, two = await a_complaint(api), await a_complaint(api)
    answers = await asyncio.gather(*(merge(api, a, b) for a, b in [(one, two), (two, one)] * 3))
    assert sorted({answer.status_code for answer in answers}) in ([200, 409, 422], [200, 409], [200, 422])
    assert [answer.status_code for answer in answers].count(200) == 1
    shown = [(await api.get(f"/v1/complaints/{case['id']}")).json()["merged_into"] for case in (one, two)]
    assert shown.count(None) == 1


async def test_only_staff_of_the_owner_of_both_merge(api: Api) -> None:
    mine, shared, theirs = await a_complaint(api), await a_complaint(api), await a_complaint(api, role="partner")
    await granted(api, shared["id"], "write")
    the_problem(await merge(api, shared, theirs, role="partner"), 403, "forbidden")
    the_problem(await merge(api, theirs, shared, role="partner"), 403, "forbidden")
    the_problem(await merge(api, mine, shared, role="admin"), 403, "forbidden")
    the_problem(await merge(api, mine, theirs, role="partner"), 404, "not-found")
    await merge(api, shared, mine)
    the_problem(await unmerge(api, shared, role="partner"), 403, "forbidden")


async def test_an_unseen_case_to_merge_into_answers_like_none(api: Api) -> None:
    mine, theirs = await a_complaint(api), await a_complaint(api, role="partner")
    hidden = await merge(api, mine, theirs)
    missing = await merge(api, mine, {"id": "00000000-0000-4000-8000-000000000000"})
    assert pointers(the_problem(hidden, 422, "invalid")) == {("/into", "not_found")}
    assert hidden.json() == missing.json()


async def test_a_merge_and_its_undoing_want_the_version_they_are_based_on(api: Api) -> None:
    case, other = await a_complaint(api), await a_complaint(api)
    body = {"into": other["id"], "reason": REASON}
    the_problem(await api.post(f"/v1/complaints/{case['id']}/merge", json=body), 428, "precondition-required")
    the_problem(await merge(api, case, other, version=7), 412, "stale")
    await merge(api, case, other)
    the_problem(await unmerge(api, case, version=1), 412, "stale")
    the_problem(await api.post(f"/v1/complaints/{case['id']}/unmerge", json=body), 422, "invalid")


async def test_what_is_not_merged_cannot_be_unmerged(api: Api) -> None:
    case = await a_complaint(api)
    assert pointers(the_problem(await unmerge(api, case, version=1), 409, "conflict")) == {
        ("/merged_into", "not_merged")
    }


async def test_both_timelines_tell_with_the_reason(api: Api) -> None:
    case, other = await a_merged_pair(api, status="open")
    await unmerge(api, case)
    _, merged, unmerged = await entries(api, case)
    assert (merged["type"], merged["before"]) == ("complaint_merged", {"status": "open", "merged_into": None})
    assert merged["after"] == {"status": "closed", "merged_into": other["id"], "reason": REASON}
    assert (unmerged["type"], unmerged["before"]) == (
        "complaint_unmerged",
        {"status": "closed", "merged_into": other["id"]},
    )
    assert unmerged["after"] == {"status": "open", "merged_into": None, "reason": "Son dos asambleas"}
    _, received, gave_back = await entries(api, other)
    assert (received["type"], received["after"]) == (
        "complaint_received_merge",
        {"merged_from": case["id"], "reason": REASON},
    )
    assert (gave_back["type"], gave_back["after"]["merged_from"]) == ("complaint_gave_back_merge", case["id"])


async def test_a_second_merge_is_undone_to_the_status_before_it(api: Api) -> None:
    case, other = await a_merged_pair(api, status="intake")
    await unmerge(api, case)
    await api.patch(f"/v1/complaints/{case['id']}", json={"status": "open"}, version=3)
    await merge(api, case, other, version=4)
    assert (await unmerge(api, case, version=5)).json()["status"] == "open"


async def test_who_does_not_see_the_other_case_is_told_nothing_of_it(api: Api) -> None:
    case, other = await a_merged_pair(api)
    await granted(api, case["id"], "read")
    shown = await api.get(f"/v1/complaints/{case['id']}", role="partner")
    assert (shown.json()["status"], shown.json()["merged_into"]) == ("closed", None)
    told = await entries(api, case, role="partner")
    assert next(entry["after"] for entry in told if entry["type"] == "complaint_merged") == {"status": "closed"}
    await unmerge(api, case)
    for answer in (
        await api.get(f"/v1/complaints/{case['id']}/timeline", role="partner"),
        await api.get("/v1/complaints", role="partner"),
    ):
        assert other["id"] not in answer.text
        assert "canaryreason" not in answer.text
        assert "Son dos asambleas" not in answer.text


async def test_that_an_unseen_case_was_merged_into_this_one_is_not_told(api: Api) -> None:
    case, other = await a_merged_pair(api)
    await unmerge(api, case)
    await granted(api, other["id"], "read")
    types = [entry["type"] for entry in await entries(api, other, role="partner")]
    assert types == ["complaint_logged", "link_recorded", "link_accepted"]
    await granted(api, case["id"], "read")
    types = [entry["type"] for entry in await entries(api, other, role="partner")]
    assert types[1:3] == ["complaint_received_merge", "complaint_gave_back_merge"]


async def test_the_public_is_told_where_a_public_case_goes_on_but_not_why(api: Api) -> None:
    case = await a_complaint(api, confidentiality="public")
    public, restricted = await a_complaint(api, confidentiality="public"), await a_complaint(api)
    await merge(api, case, public)
    path = f"/v1/complaints/{case['id']}"
    for role in ("stranger", "analyst", "union_analyst"):
        assert (await api.get(path, role=role)).json()["merged_into"] == public["id"]
        assert "canaryreason" not in (await api.get(f"{path}/timeline", role=role)).text
    await unmerge(api, case)
    await merge(api, case, restricted, version=3)
    assert (await api.get(path)).json()["merged_into"] == restricted["id"]
    for role in ("stranger", "analyst", "union_analyst"):
        assert (await api.get(path, role=role)).json()["merged_into"] is None


async def test_analysts_and_who_gets_alerts_do_not_see_what_a_restricted_case_is_merged_into(api: Api) -> None:
    case, other = await a_complaint(api), await a_complaint(api, confidentiality="public")
    await a_link(api, case["id"], api.people.union_id)
    await merge(api, case, other)
    for role in ("analyst", "partner"):
        assert (await api.get(f"/v1/complaints/{case['id']}", role=role)).json()["merged_into"] is None
        for merged in ("true", "false"):
            listed = (await api.get("/v1/complaints", role=role, params={"merged": merged})).json()["items"]
            assert case["id"] not in [item["id"] for item in listed]


async def test_a_list_tells_merged_cases_from_others(api: Api) -> None:
    case, other = await a_merged_pair(api)

    async def listed(role: str = "staff", **params: str) -> set[str]:
        answer = await api.get("/v1/complaints", role=role, params=params)
        assert answer.status_code == 200, answer.text
        return {item["id"] for item in answer.json()["items"]}

    assert await listed() == {case["id"], other["id"]}
    assert await listed(merged="true") == {case["id"]}
    assert await listed(merged="false") == {other["id"]}
    assert (await api.get("/v1/complaints", params={"merged": "maybe"})).status_code == 400
    await granted(api, case["id"], "read")
    assert await listed("partner", merged="true") == set()  # the union does not see what it is merged into
    assert await listed("partner", merged="false") == {case["id"]}
