"""Complaints that may be one: shown with a score and reasons, and never more than the caller is shown anyway."""

from typing import Any

import msgspec
import pytest

from tests.builders import a_complaint, a_facility, a_link
from tests.conftest import Api
from tests.rooms.complaints.cases import granted
from vigilancia.complaints.duplicates import Weights, likeness, runs, similarity

TITLE = "Despidos tras una asamblea en la planta de arneses"
SAME = {"same_facility", "near_in_time", "similar_title"}


async def possible(api: Api, complaint_id: str, *, role: str = "staff") -> list[dict[str, Any]]:
    """Ask which complaints may be the same as one."""
    answer = await api.get(f"/v1/complaints/{complaint_id}/possible-duplicates", role=role)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["possible_duplicates"]
    return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    """Return which complaints these are."""
    return [other["complaint_id"] for other in found]


async def test_the_answer_to_logging_shows_what_may_be_the_same(api: Api) -> None:
    plant = await a_facility(api)
    first = await a_complaint(api, title=TITLE, facility_id=plant["id"])
    second = await a_complaint(api, title=TITLE.upper().replace("PLANTA", "Plánta"), facility_id=plant["id"])
    assert first["possible_duplicates"] == []
    (other,) = second["possible_duplicates"]
    assert set(other.pop("reasons")) == SAME
    assert other == {"complaint_id": first["id"], "reference": first["reference"], "score": 1.0}


async def test_the_same_plant_in_the_same_weeks_is_enough(api: Api) -> None:
    plant, elsewhere = await a_facility(api), await a_facility(api, name="Otra planta")
    first = await a_complaint(api, title="Horas extra sin pago", facility_ids=[elsewhere["id"], plant["id"]])
    second = await a_complaint(api, title=TITLE, facility_id=plant["id"], received_on="2026-02-17")
    (other,) = second["possible_duplicates"]
    assert (other["complaint_id"], other["reasons"]) == (first["id"], ["same_facility", "near_in_time"])
    assert 0.5 <= other["score"] < 0.6  # the place, and half of the nearness


async def test_a_like_title_in_the_same_weeks_is_enough(api: Api) -> None:
    first = await a_complaint(api, title="Despido tras asamblea en una planta de arnés")
    second = await a_complaint(api, title=TITLE)
    (other,) = second["possible_duplicates"]
    assert (other["complaint_id"], other["reasons"]) == (first["id"], ["similar_title", "near_in_time"])
    assert other["score"] == round(other["score"], 2)


async def test_one_word_in_common_is_not_enough(api: Api) -> None:
    await a_complaint(api, title="Despidos por enfermedad y falta de guantes de protección")
    assert (await a_complaint(api, title=TITLE))["possible_duplicates"] == []


@pytest.mark.parametrize(("received_on", "count"), [("2026-01-03", 1), ("2026-01-02", 0)])
async def test_the_window_ends_after_thirty_days_on_either_side(api: Api, received_on: str, count: int) -> None:
    plant = await a_facility(api)
    earlier = await a_complaint(api, title=TITLE, facility_id=plant["id"], received_on=received_on)
    later = await a_complaint(api, title=TITLE, facility_id=plant["id"], received_on="2026-02-02")
    assert ids(later["possible_duplicates"]) == [earlier["id"]] * count
    assert ids(await possible(api, earlier["id"])) == [later["id"]] * count


async def test_the_likeliest_come_first_and_five_at_most(api: Api) -> None:
    plant = await a_facility(api)
    for day in range(1, 7):
        await a_complaint(api, title="Horas extra sin pago", facility_id=plant["id"], received_on=f"2026-02-0{day}")
    same = await a_complaint(api, title=TITLE, facility_id=plant["id"], received_on="2026-02-20")
    made = await a_complaint(api, title=TITLE, facility_id=plant["id"], received_on="2026-02-07")
    scores = [other["score"] for other in made["possible_duplicates"]]
    assert len(scores) == 5
    assert scores == sorted(scores, reverse=True)
    assert made["possible_duplicates"][0]["complaint_id"] == same["id"]


async def test_a_repetition_answers_in_the_same_shape(api: Api) -> None:
    other = await a_complaint(api, title=TITLE)
    body = {"title": TITLE, "received_on": "2026-02-02"}
    first, again = [await api.post("/v1/complaints", json=body, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert ids(first.json()["possible_duplicates"]) == [other["id"]]
    assert again.json() == first.json()


async def test_it_can_be_asked_later_and_both_find_each_other(api: Api) -> None:
    first = await a_complaint(api, title=TITLE)
    second = await a_complaint(api, title=TITLE)
    assert ids(await possible(api, first["id"])) == [second["id"]]
    assert ids(await possible(api, second["id"])) == [first["id"]]


async def test_a_merged_case_is_left_out_and_so_is_the_one_it_is_merged_into(api: Api) -> None:
    first, second, third = [await a_complaint(api, title=TITLE) for _ in range(3)]
    body = {"into": first["id"], "reason": "La misma asamblea"}
    assert (await api.post(f"/v1/complaints/{second['id']}/merge", json=body, version=1)).status_code == 200
    assert ids(await possible(api, first["id"])) == [third["id"]]
    assert ids(await possible(api, second["id"])) == [third["id"]]


@pytest.mark.parametrize("role", ["partner", "stranger"])
async def test_an_unseen_case_leaves_no_trace(api: Api, role: str) -> None:
    plant = await a_facility(api, visibility="public")
    body = {"title": TITLE, "facility_id": plant["id"]}
    alone = await a_complaint(api, role=role, **body)
    await a_complaint(api, **body, summary="Del centro")
    again = await a_complaint(api, role=role, **body)
    assert alone["possible_duplicates"] == []
    assert ids(again["possible_duplicates"]) == [alone["id"]]
    assert ids(await possible(api, alone["id"], role=role)) == [again["id"]]


async def test_a_case_of_which_one_only_gets_alerts_is_not_compared(api: Api) -> None:
    plant = await a_facility(api, visibility="public")
    body = {"title": TITLE, "facility_id": plant["id"]}
    theirs = await a_complaint(api, **body)
    await a_link(api, theirs["id"], api.people.union_id)
    assert (await a_complaint(api, role="partner", **body))["possible_duplicates"] == []
    refused = await api.get(f"/v1/complaints/{theirs['id']}/possible-duplicates", role="partner")
    assert refused.status_code == 403


async def test_a_case_read_by_link_is_compared(api: Api) -> None:
    theirs = await a_complaint(api, title=TITLE)
    await granted(api, theirs["id"], "read")
    mine = await a_complaint(api, role="partner", title=TITLE)
    assert ids(mine["possible_duplicates"]) == [theirs["id"]]
    assert ids(await possible(api, theirs["id"], role="partner")) == [mine["id"]]
    assert await possible(api, theirs["id"]) == []  # the centre does not see the union's


async def test_a_plant_that_a_public_case_does_not_name_is_not_told_by_the_score(api: Api) -> None:
    plant = await a_facility(api, visibility="linked")
    public = await a_complaint(api, title=TITLE, facility_id=plant["id"], confidentiality="public")
    mine = await a_complaint(api, role="stranger", title=TITLE, facility_id=plant["id"])
    assert ids(mine["possible_duplicates"]) == [public["id"]]
    hidden = await api.patch(f"/v1/facilities/{plant['id']}", json={"visibility": "private"}, version=1)
    assert hidden.status_code == 200, hidden.text
    (other,) = await possible(api, mine["id"], role="stranger")
    assert "same_facility" not in other["reasons"]


async def test_analysts_compare_public_cases_only(api: Api) -> None:
    public, _, again = [
        await a_complaint(api, title=TITLE, confidentiality=kind) for kind in ("public", "restricted", "public")
    ]
    assert ids(await possible(api, public["id"], role="analyst")) == [again["id"]]
    restricted = await a_complaint(api, title=TITLE)
    answer = await api.get(f"/v1/complaints/{restricted['id']}/possible-duplicates", role="analyst")
    assert answer.status_code == 403


async def test_a_title_without_a_word_compares_by_place_alone(api: Api) -> None:
    plant = await a_facility(api)
    await a_complaint(api, title="…")
    first = await a_complaint(api, title="¿?", facility_id=plant["id"])
    second = await a_complaint(api, title="de la y el", facility_id=plant["id"])
    assert ids(second["possible_duplicates"]) == [first["id"]]


def test_similarity_knows_equal_turned_round_and_strange() -> None:
    one, turned, strange = runs("despido en leon"), runs("en leon despido"), runs("huelga")
    assert similarity(one, one) == 1.0
    assert 0.9 < similarity(one, turned) <= 1.0
    assert similarity(one, strange) == 0.0
    assert similarity(runs(""), runs(" ")) == 0.0


def test_the_feature_is_as_the_data_says() -> None:
    rules = likeness()
    assert (rules.window_days, rules.least_similarity, rules.most_shown) == (30, 0.6, 5)


def test_weights_that_make_no_whole_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"same_facility": 0.5, "similar_title": 0.5, "near_in_time": 0.5}, Weights)
