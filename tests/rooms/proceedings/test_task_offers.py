"""Tasks that fit where a procedure stands: offered in time, once for each organisation, never what is not there."""

from datetime import date
from typing import Any

import pytest

from tests.builders import a_complaint, a_proceeding, an_event
from tests.conftest import Api, Clock
from tests.rooms.climbing import a_case, the_deadline
from tests.rooms.proceedings.test_tasks import a_task, a_writer, the_path
from vigilancia.core import vocabularies
from vigilancia.law.loader import mechanisms
from vigilancia.proceedings.tasks.templates import Template, book


async def offers_of(api: Api, complaint_id: str, **rest: Any) -> list[dict[str, Any]]:
    answer = await api.get(f"/v1/complaints/{complaint_id}/tasks/offers", **rest)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["offers"]
    return found


async def test_a_task_is_offered_before_the_deadline_it_prepares_for(api: Api, clock: Clock) -> None:
    case = await a_complaint(api)
    proceeding = await a_proceeding(api, case["id"])
    assert await offers_of(api, case["id"]) == []
    await an_event(api, proceeding["id"], on="2026-02-25")
    deadline = await the_deadline(api, case["id"])

    (offer,) = await offers_of(api, case["id"])

    assert (offer["code"], offer["rule"], offer["deadline_id"]) == (
        "supplement_evidence",
        "ilc_determination",
        deadline["id"],
    )
    assert date.fromisoformat(offer["due_on"]).toordinal() == date.fromisoformat(deadline["due_on"]).toordinal() - 10
    assert "decide con lo que tiene" in offer["why"]
    assert offer["citation"] == deadline["citation"]
    clock.set(clock.now.replace(day=25))  # its own day is over, the deadline is not
    assert [item["due_on"] for item in await offers_of(api, case["id"])] == ["2026-03-25"]
    clock.set(clock.now.replace(month=4, day=9))
    assert await offers_of(api, case["id"]) == []


async def test_an_offer_is_taken_by_recording_it_and_comes_back_when_that_is_cancelled(api: Api) -> None:
    case = await a_case(api, linked=False)
    await a_writer(api, case["id"])
    (offer,) = await offers_of(api, case["id"])
    body = {name: offer[name] for name in ("code", "due_on", "deadline_id", "proceeding_id")}

    task = await a_task(api, case["id"], **body)

    assert await offers_of(api, case["id"]) == []
    assert await offers_of(api, case["id"], role="partner") == [offer]  # each organisation has its own
    await api.post(f"{the_path(task)}/done")
    assert await offers_of(api, case["id"]) == []
    await api.post(f"{the_path(task)}/reopen")
    await api.post(f"{the_path(task)}/cancel")
    assert await offers_of(api, case["id"]) == [offer]


async def test_a_task_after_an_event_is_offered_again_after_the_next_one(api: Api, clock: Clock) -> None:
    case = await a_complaint(api)
    proceeding = await a_proceeding(api, case["id"])
    await an_event(api, proceeding["id"], type="dismissal_reported", on="2026-03-01")
    (offer,) = await offers_of(api, case["id"])
    assert (offer["code"], offer["event"], offer["due_on"], offer["citation"]) == (
        "protect_workers",
        "dismissal_reported",
        "2026-03-02",
        [],
    )
    task = await a_task(api, case["id"], code=offer["code"], proceeding_id=proceeding["id"])
    await api.post(f"{the_path(task)}/done")
    assert await offers_of(api, case["id"]) == []

    clock.set(clock.now.replace(day=20))
    await an_event(api, proceeding["id"], type="dismissal_reported", on="2026-03-19")
    assert [item["code"] for item in await offers_of(api, case["id"])] == ["protect_workers"]
    clock.set(clock.now.replace(month=8))
    assert await offers_of(api, case["id"]) == []


async def test_an_offer_of_a_stage_ends_with_the_stage(api: Api) -> None:
    case = await a_complaint(api)
    proceeding = await a_proceeding(api, case["id"], mechanism="oecd-ncp")
    await an_event(api, proceeding["id"], type="submitted", on="2026-01-05")
    await an_event(api, proceeding["id"], type="initial_assessment_rejected", on="2026-02-20")
    assert [item["code"] for item in await offers_of(api, case["id"])] == ["request_review"]
    await an_event(api, proceeding["id"], type="case_closed", on="2026-03-01")
    assert await offers_of(api, case["id"]) == []


async def test_offers_speak_three_languages(api: Api) -> None:
    case = await a_case(api)
    whys = [(await offers_of(api, case["id"], headers={"Accept-Language": each}))[0]["why"] for each in ("en", "fr")]
    assert whys[0].startswith("The committee decides")
    assert whys[1].startswith("Le comité décide")


@pytest.mark.parametrize("template", book().offers, ids=lambda each: f"{each.code}-{each.rule or each.event}")
def test_every_name_in_the_templates_exists(template: Template) -> None:
    known = mechanisms()
    assert template.code in vocabularies.codes("task")
    for name in template.mechanisms or known:
        mechanism = known[name]
        assert template.rule is None or template.rule in mechanism.rules
        assert template.event is None or template.event in mechanism.events
        assert set(template.stages) <= mechanism.stages.keys()
    assert template.event is not None or not template.stages
    assert all(getattr(template.why, locale).strip() for locale in ("es", "en", "fr"))


def test_every_mechanism_has_something_to_offer() -> None:
    assert not [name for name in mechanisms() if not any(template.fits(name) for template in book().offers)]
