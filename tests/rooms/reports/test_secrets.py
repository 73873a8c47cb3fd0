"""What a de-identified export and report must not hold: a word of the case, in any field, in any dataset."""

import re
from typing import Any

import pytest

from tests.builders import a_complaint, a_contact, a_facility, a_link, a_proceeding, an_event, an_organization
from tests.conftest import Api, People
from tests.rooms.complaints.cases import everything
from tests.rooms.reports.files import cells, made, text_of
from vigilancia.core.work import Desk

_DAY = re.compile(r"\b20\d\d-\d\d-\d\d")


@pytest.fixture
async def case(api: Api, people: People) -> dict[str, Any]:
    """A restricted case with a word of its own in every field that takes words, a procedure and a party."""
    plant = await a_facility(
        api,
        name="canaryplant",
        company="canarycompany",
        municipality="canarytown",
        subdivision="MX-TAM",
        sector="auto_parts",
        aliases=["canaryalias"],
        visibility="private",
    )
    handler = await a_contact(api, people.centre_id, name="canaryhandler", desk=False)
    union = await an_organization(api, name="canaryunion")
    made_ = await a_complaint(
        api,
        **everything(
            facility_id=plant["id"],
            handler_id=handler["id"],
            findings=[
                {
                    "by": "canaryspeaker",
                    "result": "denial",
                    "on": "2026-02-20",
                    "source_url": "https://canaryfinding.example/",
                }
            ],
            outcomes=[{"outcome": "reinstatement", "stage": "done", "by": "canarydoer", "count": 3}],
        ),
    )
    await a_link(api, made_["id"], union["id"], source="canarylinksource")
    proceeding = await a_proceeding(api, made_["id"])
    await an_event(
        api, proceeding["id"], note="canarynote", stated_by="canarystater", sources=["https://canarysource.example/"]
    )
    await an_event(api, proceeding["id"], type="review_requested", on="2026-02-28")
    found: dict[str, Any] = {
        **made_,
        "proceeding_id": proceeding["id"],
        "facility_id": plant["id"],
        "handler_id": handler["id"],
    }
    return found


@pytest.mark.parametrize("dataset", ["complaints", "deadlines", "notices"])
@pytest.mark.parametrize("format_", ["csv", "jsonl"])
async def test_deidentified_file_holds_no_word_no_name_no_day(
    api: Api, desk: Desk, case: dict[str, Any], dataset: str, format_: str
) -> None:
    for role in ("staff", "analyst") if dataset != "notices" else ("staff",):
        text = await text_of(api, await made(api, desk, role=role, dataset=dataset, format=format_), role=role)
        assert "canary" not in text
        assert _DAY.search(text.replace("2020-", "")) is None or dataset == "deadlines"
        for name in ("id", "reference", "proceeding_id", "facility_id", "handler_id", "owner_id"):
            assert str(case[name]) not in text, name


@pytest.mark.usefixtures("case")
async def test_deidentified_deadlines_have_months_for_days(api: Api, desk: Desk) -> None:
    rows = await cells(api, desk, dataset="deadlines")
    assert rows
    for row in rows:
        assert (row["due_on"], row["latest_due_on"], row["met_on"], row["closes_at"], row["updated_at"]) == ("",) * 5
        assert re.fullmatch(r"2026-\d\d", row["due_month"])


@pytest.mark.usefixtures("case")
async def test_full_file_never_holds_the_narrative(api: Api, desk: Desk) -> None:
    text = await text_of(api, await made(api, desk, profile="full"))
    assert "canarytitle" in text
    assert "canaryplant" in text
    assert "canarynarrative" not in text


@pytest.mark.usefixtures("case")
async def test_pseudonym_joins_files_and_differs_between_cases(api: Api, desk: Desk) -> None:
    other = await a_complaint(api)
    cases = await cells(api, desk)
    days = await cells(api, desk, dataset="deadlines")
    names = {row["pseudonym"] for row in cases}
    assert len(names) == 2
    assert {row["pseudonym"] for row in days} < names
    assert all(re.fullmatch(r"[0-9a-f]{16}", name) for name in names)
    assert other["id"].replace("-", "")[:16] not in names
    full = await cells(api, desk, profile="full")
    assert "pseudonym" not in full[0]


async def test_deidentified_report_holds_no_word_no_name_no_day(api: Api, case: dict[str, Any]) -> None:
    for format_ in ("json", "html"):
        for role in ("staff", "analyst"):
            answer = await api.get(f"/v1/complaints/{case['id']}/report", params={"format": format_}, role=role)
            assert answer.status_code == 200, answer.text
            assert "canary" not in answer.text
            for name in ("id", "reference", "proceeding_id", "facility_id", "handler_id"):
                assert str(case[name]) not in answer.text, name
    report = (await api.get(f"/v1/complaints/{case['id']}/report")).json()
    assert report["months_only"]
    (proceeding,) = report["proceedings"]
    days = [event["on"] for event in proceeding["events"]] + [day["due_on"] for day in proceeding["deadlines"]]
    assert all(day.endswith("-01") for day in days)
    assert report["places"][0]["subdivision"] == {"code": "MX-TAM", "label": "Tamaulipas"}


async def test_report_and_file_call_a_case_by_the_same_pseudonym(api: Api, desk: Desk, case: dict[str, Any]) -> None:
    report = (await api.get(f"/v1/complaints/{case['id']}/report")).json()
    (row,) = await cells(api, desk)
    assert report["case"]["pseudonym"] == row["pseudonym"]
    assert report["case"]["reference"] is None
