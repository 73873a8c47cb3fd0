"""What files tell of merged cases: as much as the API does."""

from typing import Any

from tests.builders import a_complaint
from tests.conftest import Api
from tests.rooms.reports.files import cells
from vigilancia.core.work import Desk


async def merged(api: Api, into: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Merge a new case into another."""
    case = await a_complaint(api, title="Doble", **changes)
    body = {"into": into["id"], "reason": "La misma asamblea"}
    answer = await api.post(f"/v1/complaints/{case['id']}/merge", json=body, version=1)
    assert answer.status_code == 200, answer.text
    return case


async def test_the_owner_takes_home_which_case_goes_on(api: Api, desk: Desk) -> None:
    other = await a_complaint(api)
    case = await merged(api, other)
    rows = await cells(api, desk, profile="full")
    assert {row["id"]: row["merged_into"] for row in rows} == {case["id"]: other["id"], other["id"]: ""}


async def test_merged_cases_can_be_left_out(api: Api, desk: Desk) -> None:
    other = await a_complaint(api)
    await merged(api, other)
    rows = await cells(api, desk, profile="full", filter={"merged": False})
    assert [row["id"] for row in rows] == [other["id"]]


async def test_others_are_told_only_where_both_cases_are_public(api: Api, desk: Desk) -> None:
    restricted, public = await a_complaint(api), await a_complaint(api, confidentiality="public")
    await merged(api, restricted, confidentiality="public")
    both = await merged(api, public, confidentiality="public")
    await merged(api, public)
    for how in ({"role": "partner", "profile": "full"}, {"role": "analyst"}, {"role": "staff"}):
        rows = await cells(api, desk, **how)
        assert {row["id"]: row["merged_into"] for row in rows if row["merged_into"]} == {both["id"]: public["id"]}, how
