"""The clock of a complaint: every procedure side by side, our own steps first, in words a worker understands."""

from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from tests.builders import a_complaint, a_link, a_proceeding, an_event
from tests.conftest import Api, Clock
from vigilancia.law import loader

EXAMPLE = Path(__file__).parents[2] / "law" / "example"
CLOCK = 6  # statements: whose token it is, the case, its procedures, their events, their deadlines
LANGUAGES = ("es", "en", "fr")


@pytest.fixture
def fictional(monkeypatch: pytest.MonkeyPatch) -> str:
    """A fictional mechanism beside our own, in which the workers' side must act."""
    example, _ = loader.load_folder(EXAMPLE)
    assert example is not None
    known = MappingProxyType({**loader.mechanisms(), example.id: example})
    monkeypatch.setattr(loader, "mechanisms", lambda: known)
    return example.id


async def the_clock(api: Api, complaint_id: str, *, role: str = "staff", locale: str = "es") -> dict[str, Any]:
    """Read a clock."""
    answer = await api.get(f"/v1/complaints/{complaint_id}/clock", role=role, headers={"Accept-Language": locale})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def the_text(api: Api, complaint_id: str, *, role: str = "staff", locale: str = "es") -> str:
    """Read a clock as a picture."""
    url = f"/v1/complaints/{complaint_id}/clock"
    answer = await api.get(url, role=role, params={"format": "text"}, headers={"Accept-Language": locale})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return answer.text


async def two_tracks(api: Api, fictional: str, **changes: Any) -> dict[str, Any]:
    """Open a petition that Washington decides on by 3 March, and an inspection the workers answer by the 7th."""
    complaint = await a_complaint(api, **changes)
    petition = await a_proceeding(api, complaint["id"])
    await an_event(api, petition["id"])
    inspection = await a_proceeding(api, complaint["id"], mechanism=fictional)
    await an_event(api, inspection["id"], type="report_notified", on="2026-02-26")
    return {**complaint, "petition": petition["id"], "inspection": inspection["id"]}


async def test_a_complaint_without_procedures_has_an_empty_clock(api: Api) -> None:
    complaint = await a_complaint(api)
    assert await the_clock(api, complaint["id"]) == {
        "complaint_id": complaint["id"],
        "reference": complaint["reference"],
        "as_of": "2026-03-02",
        "most_urgent": None,
        "suggestions": [],
        "proceedings": [],
        "closed": [],
    }
    assert "No hay ningún procedimiento abierto." in await the_text(api, complaint["id"])


async def test_two_tracks_run_side_by_side_each_with_its_own_state(api: Api, fictional: str) -> None:
    case = await two_tracks(api, fictional)
    clock = await the_clock(api, case["id"], locale="en")
    inspection, petition = clock["proceedings"]
    assert (inspection["id"], inspection["mechanism"], inspection["stage"]) == (
        case["inspection"],
        fictional,
        "reported",
    )
    assert (petition["id"], petition["stage"]) == (case["petition"], "petition_review")
    assert petition["stage_label"] == "petition under review in Washington"
    assert petition["sentence"] == (
        "Where it stands: petition under review in Washington."
        " The last thing on record is of Sunday 1 February 2026: petition received."
    )
    assert clock["closed"] == []


async def test_what_the_workers_must_do_comes_first_though_another_day_is_nearer(api: Api, fictional: str) -> None:
    case = await two_tracks(api, fictional)
    clock = await the_clock(api, case["id"], locale="en")
    urgent = clock["most_urgent"]
    assert (urgent["proceeding_id"], urgent["mechanism"]) == (case["inspection"], fictional)
    assert (urgent["rule"], urgent["ours"], urgent["who"]) == ("inspection_answer", True, "whoever was inspected")
    assert urgent["by"]["due_on"] == "2026-03-07"
    assert "If it is not taken there, nobody else will take it." in urgent["sentence"]
    first, *_ = clock["proceedings"][1]["next"]
    assert (first["rule"], first["ours"], first["by"]["due_on"]) == ("ilc_determination", False, "2026-03-03")


async def test_a_step_says_whose_act_it_is_the_day_how_sure_and_what_to_do_now(api: Api) -> None:
    complaint = await a_complaint(api)
    petition = await a_proceeding(api, complaint["id"])
    await an_event(api, petition["id"])
    [track] = (await the_clock(api, complaint["id"]))["proceedings"]
    decision, asked = track["next"]
    assert decision["sentence"] == (
        "Este paso no le toca a usted. Quién lo da: el comité laboral interinstitucional de Estados Unidos. Mañana,"
        " martes 3 de marzo de 2026, es el último día. El día termina a la medianoche, hora de Washington. Pasado"
        " el día sin el acto: «La ley no dice qué pasa si el comité no decide a tiempo.» Qué tan segura es la fecha: el"
        " plazo está en el texto oficial. Ahora: si el acto ya ocurrió, regístrelo con su fecha. Si no, prepare lo que"
        " hará si el día pasa sin él."
    )
    assert (decision["status"], decision["nature"], decision["confidence"]) == ("pending", "mandatory", "primary")
    assert [event["type"] for event in decision["events"]] == [
        "ilc_determined_sufficient",
        "ilc_determined_insufficient",
    ]
    assert (asked["rule"], asked["by"], asked["events"][0]["type"]) == (None, None, "review_requested")
    assert asked["sentence"].startswith("Puede venir después: solicitud de revisión a México. No tiene día fijado.")


async def test_practice_the_other_reading_and_the_effect_of_silence_are_told(api: Api) -> None:
    complaint = await a_complaint(api)
    petition = await a_proceeding(api, complaint["id"])
    await an_event(api, petition["id"], type="review_requested", on="2026-02-26")  # day 10 is Sunday 8 March
    [track] = (await the_clock(api, complaint["id"], locale="en"))["proceedings"]
    answer = next(step for step in track["next"] if step["rule"] == "review_answer")
    assert answer["by"] == {"due_on": "2026-03-08", "latest_due_on": "2026-03-08", "practice_on": "2026-03-06"}
    assert "In practice the act tends to come on Friday 6 March 2026 already." in answer["sentence"]
    assert "Once the day has passed without the act: “Silence counts" in answer["sentence"]
    assert "This last point is not taken from the official text." in answer["sentence"]


async def test_an_overdue_panel_stays_on_the_clock_and_is_not_said_to_be_over(api: Api, clock: Clock) -> None:
    complaint = await a_complaint(api)
    petition = await a_proceeding(api, complaint["id"])
    clock.set(datetime(2026, 9, 1, 15, tzinfo=UTC))
    await an_event(api, petition["id"], type="panel_requested", on="2026-03-02")
    await an_event(api, petition["id"], type="panel_constituted", on="2026-05-04")
    await an_event(api, petition["id"], type="petition_confirmed", on="2026-05-08")
    found = await the_clock(api, complaint["id"])
    [track] = found["proceedings"]
    decision = next(step for step in track["next"] if step["rule"] == "panel_determination")
    assert decision["status"] in ("missed", "exceeded")
    assert "hace 90 días, y no consta el acto" in decision["sentence"]
    assert "pregunte a la autoridad que lleva el expediente" in decision["sentence"]
    assert found["most_urgent"]["rule"] == "panel_determination"


async def test_a_floor_comes_after_the_last_days_and_says_when_it_is_allowed(api: Api) -> None:
    complaint = await a_complaint(api)
    petition = await a_proceeding(api, complaint["id"])
    await an_event(api, petition["id"], type="remediation_agreed", on="2026-02-10", due_on="2026-03-20")
    await an_event(api, petition["id"], type="remedies_notice", on="2026-02-26")
    found = await the_clock(api, complaint["id"], locale="en")
    [track] = found["proceedings"]
    natures = [step["nature"] for step in track["next"] if step["by"]]
    assert natures == sorted(natures, key=lambda nature: nature == "not_before")
    floor = next(step for step in track["next"] if step["rule"] == "remedies_not_before")
    assert floor["by"]["due_on"] == "2026-03-13"
    assert "It is not allowed before Friday 13 March 2026: 11 days are left." in floor["sentence"]
    assert found["most_urgent"]["nature"] != "not_before"


async def test_what_was_done_is_no_step_and_a_closed_procedure_stands_apart(api: Api) -> None:
    complaint = await a_complaint(api)
    petition = await a_proceeding(api, complaint["id"])
    await an_event(api, petition["id"])
    await an_event(api, petition["id"], type="ilc_determined_insufficient", on="2026-03-01")
    found = await the_clock(api, complaint["id"])
    assert (found["most_urgent"], found["proceedings"]) == (None, [])
    [closed] = found["closed"]
    assert (closed["id"], closed["stage"]) == (petition["id"], "declined")
    assert closed["sentence"].startswith("Situación: petición no admitida.")


async def test_an_event_taken_back_is_not_the_last_thing_on_record(api: Api) -> None:
    complaint = await a_complaint(api)
    petition = await a_proceeding(api, complaint["id"])
    event = await an_event(api, petition["id"])
    await api.post(f"/v1/proceedings/{petition['id']}/events/{event['id']}/withdraw", json={"reason": "Error"})
    [track] = (await the_clock(api, complaint["id"]))["proceedings"]
    assert track["sentence"] == "Situación: sin iniciar. Todavía no consta ningún hecho."
    assert [step["by"] for step in track["next"]] == [None, None]
    assert "petición recibida" not in await the_text(api, complaint["id"])


async def test_every_language_has_its_own_words_for_every_sentence(api: Api, fictional: str) -> None:
    case = await two_tracks(api, fictional)
    spoken = [await the_clock(api, case["id"], locale=locale) for locale in LANGUAGES]
    for number in range(2):
        assert len({clock["proceedings"][number]["sentence"] for clock in spoken}) == 3
        assert len({clock["proceedings"][number]["next"][0]["sentence"] for clock in spoken}) == 3
    assert len({await the_text(api, case["id"], locale=locale) for locale in LANGUAGES}) == 3


async def test_who_gets_alerts_is_asked_to_tell_and_not_to_record(api: Api, fictional: str) -> None:
    case = await two_tracks(api, fictional, title="canarytitle", summary="canarysummary", narrative="canarynarrative")
    note = {"type": "company_undertaking", "on": "2026-02-20", "note": "canarynote", "stated_by": "canarywitness"}
    await an_event(api, case["petition"], **note)
    await a_link(api, case["id"], api.people.union_id)
    found = await the_clock(api, case["id"], role="partner")
    assert found["reference"] == case["reference"]
    urgent = found["most_urgent"]
    assert (urgent["by"]["due_on"], urgent["ours"]) == ("2026-03-07", True)
    assert urgent["sentence"].endswith("si sabe que el acto ocurrió, avise a la organización que lleva el caso.")
    told = str(found) + await the_text(api, case["id"], role="partner")
    assert "canary" not in told
    assert "canary" not in str(await the_clock(api, case["id"])) + await the_text(api, case["id"])


async def test_an_analyst_sees_months_and_nothing_that_tells_the_day(api: Api, fictional: str) -> None:
    case = await two_tracks(api, fictional)
    found = await the_clock(api, case["id"], role="analyst", locale="en")
    assert found["reference"] is None
    assert found["most_urgent"]["by"] == {
        "due_on": "2026-03-01",
        "latest_due_on": "2026-03-01",
        "practice_on": None,
    }
    petition = found["proceedings"][1]
    assert petition["sentence"].endswith("The last thing on record is of February 2026: petition received.")
    assert "The last day falls in March 2026." in petition["next"][0]["sentence"]
    text = await the_text(api, case["id"], role="analyst", locale="en")
    assert "2026-03     pending" in text
    for day in ("2026-02-01", "2026-02-26", "2026-03-03", "2026-03-07", "Sunday", "Tuesday", "Tomorrow", "days are"):
        assert day not in str(found["proceedings"]) + str(found["most_urgent"]) + text


async def test_for_a_stranger_there_is_no_clock(api: Api) -> None:
    complaint = await a_complaint(api)
    for form in ("json", "text"):
        answer = await api.get(f"/v1/complaints/{complaint['id']}/clock", role="partner", params={"format": form})
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_the_picture_shows_filings_and_days_in_order_within_eighty_columns(api: Api, fictional: str) -> None:
    case = await two_tracks(api, fictional)
    for locale in LANGUAGES:
        text = await the_text(api, case["id"], locale=locale)
        assert max(map(len, text.splitlines())) <= 80
        days = [line[:10] for line in text.splitlines() if line.startswith("2026")]
        assert days == ["2026-02-26", "2026-03-07", "2026-02-01", "2026-03-03"]
    assert "2026-02-01  ocurrió         petición recibida" in await the_text(api, case["id"])


async def test_the_answer_is_known_again_until_the_day_turns(api: Api, clock: Clock) -> None:
    complaint = await a_complaint(api)
    petition = await a_proceeding(api, complaint["id"])
    await an_event(api, petition["id"])
    url = f"/v1/complaints/{complaint['id']}/clock"
    tags = {form: (await api.get(url, params={"format": form})).headers["ETag"] for form in ("json", "text")}
    assert len(set(tags.values())) == 2
    clock.set(datetime(2026, 3, 2, 19, tzinfo=UTC))
    for form, tag in tags.items():
        known = {"params": {"format": form}, "headers": {"If-None-Match": tag}}
        assert (await api.get(url, **known)).status_code == 304
    clock.set(datetime(2026, 3, 4, 12, tzinfo=UTC))
    answer = await api.get(url, headers={"If-None-Match": tags["json"]})
    assert answer.json()["as_of"] == date(2026, 3, 4).isoformat()
    assert answer.json()["most_urgent"]["status"] == "missed"


@pytest.mark.parametrize("count", [1, 12])
async def test_statements_are_as_many_for_a_dozen_procedures_as_for_one(api: Api, statements: Any, count: int) -> None:
    complaint = await a_complaint(api)
    for _ in range(count):
        petition = await a_proceeding(api, complaint["id"])
        await an_event(api, petition["id"])
    url = f"/v1/complaints/{complaint['id']}/clock"
    await api.get(url)
    for form in ("json", "text"):
        with statements() as sent:
            assert (await api.get(url, params={"format": form})).status_code == 200
        assert len(sent) == CLOCK


async def test_an_unknown_form_is_refused_by_name(api: Api) -> None:
    complaint = await a_complaint(api)
    answer = await api.get(f"/v1/complaints/{complaint['id']}/clock", params={"format": "svg"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "?format")
