"""What a calendar program reads: entries that keep their name, grow when they change, and say how sure they are."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from tests.builders import a_complaint, a_proceeding, an_event
from tests.conftest import Api, Clock
from tests.rooms.climbing import DUE_ON, a_case, the_deadline
from tests.rooms.escalation.test_merged import merged, unmerged
from tests.rooms.feeds.reading import a_feed, event, events, fetch


async def test_a_deadline_is_an_all_day_entry_named_after_the_case_and_the_step(api: Api) -> None:
    case = await a_case(api)
    deadline = await the_deadline(api, case["id"])
    entry = await event(api, await a_feed(api, complaint_id=case["id"]))
    assert entry["uid"] == f"{deadline['id']}@vigilancia.test"
    assert (entry.start, entry.end) == (date.fromisoformat(DUE_ON), date(2026, 3, 4))
    assert entry["dtstart"].params["VALUE"] == "DATE"
    assert entry["summary"] == f"[{case['reference']}] {deadline['title']}"
    assert (entry["status"], entry["transp"], entry.sequence) == ("CONFIRMED", "TRANSPARENT", 0)
    assert "attendee" not in entry
    assert "organizer" not in entry


async def test_the_text_says_whose_act_it_is_how_sure_the_day_is_and_where_it_is_written(api: Api) -> None:
    entry = await event(api, await a_feed(api, complaint_id=(await a_case(api))["id"], locale="en"))
    lines = str(entry["description"]).split("\n")
    assert "must act, not you" in lines[0]
    assert lines[1] == "Last day: Tuesday 3 March 2026."
    assert lines[3] == "The time limit was taken from the official text."
    assert lines[4].startswith("Where it is written: 19 U.S.C. 4646")


async def test_the_calendar_says_its_name_and_how_often_to_read_it_both_ways(api: Api) -> None:
    feed = await a_feed(api, organization_id=str(api.people.centre_id), name="Plazos; míos, de ñandú")
    text = (await fetch(api, feed)).text.replace("\r\n ", "")
    lines = text.split("\r\n")
    assert r"NAME:Plazos\; míos\, de ñandú" in lines
    assert r"X-WR-CALNAME:Plazos\; míos\, de ñandú" in lines
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT6H" in lines
    assert "X-PUBLISHED-TTL:PT6H" in lines
    assert not [line for line in lines if line.startswith("METHOD")]
    assert named((await fetch(api, feed)).text) == "Plazos; míos, de ñandú"


async def test_lines_are_folded_at_75_octets_and_no_letter_is_cut(api: Api) -> None:
    name = "Plazos de la organización: ñ, á, é; " * 5
    feed = await a_feed(api, complaint_id=(await a_case(api))["id"], name=name.strip())
    raw = (await fetch(api, feed)).content
    assert raw.endswith(b"END:VCALENDAR\r\n")
    lines = raw.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert any(line.startswith(b" ") for line in lines)
    for line in lines:
        line.decode("utf-8")  # a letter cut in two would raise
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert named(raw.decode()) == name.strip()


async def test_what_was_read_can_be_written_again_without_loss(api: Api) -> None:
    feed = await a_feed(api, complaint_id=(await a_case(api))["id"], alarms=True)
    raw = (await fetch(api, feed)).content
    assert Calendar.from_ical(raw).to_ical() == raw


@pytest.mark.parametrize(("locale", "said"), [("es", "Último día"), ("en", "Last day"), ("fr", "Dernier jour")])
async def test_an_entry_speaks_the_feeds_language_whatever_the_program_asks_for(
    api: Api, locale: str, said: str
) -> None:
    feed = await a_feed(api, complaint_id=(await a_case(api))["id"], locale=locale)
    answer = await fetch(api, feed, headers={"Accept-Language": "en"})
    assert said in answer.text.replace("\r\n ", "")


async def test_a_moved_day_keeps_its_name_and_has_a_higher_number(api: Api, clock: Clock) -> None:
    case = await a_case(api)
    feed = await a_feed(api, complaint_id=case["id"])
    before = await event(api, feed)
    clock.advance(timedelta(hours=1))
    await correct(api, case, on="2026-02-03")
    after = await event(api, feed)
    assert after["uid"] == before["uid"]
    assert after.start == date(2026, 3, 5)
    assert after.sequence > before.sequence
    assert after["last-modified"].dt == after["dtstamp"].dt == clock().astimezone(UTC)


async def test_an_act_on_record_keeps_the_entry_says_so_and_has_a_higher_number(api: Api) -> None:
    case = await a_case(api)
    feed = await a_feed(api, complaint_id=case["id"], alarms=True)
    before = await event(api, feed)
    await an_event(api, case["proceeding_id"], type="ilc_determined_insufficient", on="2026-03-02")
    after = next(each for each in await events(api, feed) if each["uid"] == before["uid"])
    assert str(after["summary"]).startswith(f"Cumplido: [{case['reference']}]")
    assert (after["status"], after.sequence > before.sequence) == ("CONFIRMED", True)
    assert "Consta como cumplido el lunes 2 de marzo de 2026." in str(after["description"])
    assert after.walk("VALARM") == []


async def test_an_event_taken_back_cancels_the_entry_and_drops_it_after_ninety_days(api: Api, clock: Clock) -> None:
    case = await a_case(api)
    feed = await a_feed(api, complaint_id=case["id"], alarms=True)
    before = await event(api, feed)
    await withdraw(api, case)
    after = await event(api, feed)
    assert (after["uid"], after["status"]) == (before["uid"], "CANCELLED")
    assert after.sequence > before.sequence
    assert str(after["summary"]).startswith("Sin efecto: ")
    assert after.walk("VALARM") == []
    clock.advance(timedelta(days=89))
    assert len(await events(api, feed)) == 1
    clock.advance(timedelta(days=1))
    assert await events(api, feed) == []


async def test_the_number_never_goes_down_whatever_happens_to_a_deadline(api: Api, clock: Clock) -> None:
    case = await a_case(api)
    feed = await a_feed(api, complaint_id=case["id"])
    numbers = [(await event(api, feed)).sequence]
    uid = (await event(api, feed))["uid"]

    async def note() -> None:
        numbers.append(next(each for each in await events(api, feed) if each["uid"] == uid).sequence)

    for day in ("2026-02-03", "2026-02-01", "2026-02-04"):
        clock.advance(timedelta(minutes=-1))  # as where the clocks of two machines differ
        await correct(api, case, on=day)
        await note()
    met = await an_event(api, case["proceeding_id"], type="ilc_determined_insufficient", on="2026-03-02")
    await note()
    answer = await api.post(
        f"/v1/proceedings/{case['proceeding_id']}/events/{met['id']}/withdraw", json={"reason": "No"}, version=1
    )
    assert answer.status_code == 200, answer.text
    await note()
    await merged(api, case)
    await note()
    await unmerged(api, case)
    await note()
    await withdraw(api, case)
    await note()
    assert numbers == sorted(set(numbers)), numbers


async def test_a_merged_case_is_cancelled_without_saying_into_which_and_comes_back_when_undone(
    api: Api, clock: Clock
) -> None:
    case = await a_case(api)
    feed = await a_feed(api, role="partner", complaint_id=case["id"])
    clock.advance(timedelta(hours=1))
    await merged(api, case)
    entry = await event(api, feed)
    assert (entry["status"], entry["dtstamp"].dt) == ("CANCELLED", clock())
    assert "Los plazos de este caso ya no se llevan aquí." in str(entry["description"])
    await unmerged(api, case)
    assert (await event(api, feed))["status"] == "CONFIRMED"


async def test_a_day_that_passes_in_silence_is_said_to_have_passed_and_changes_the_stamp(
    api: Api, clock: Clock
) -> None:
    case = await a_case(api)
    feed = await a_feed(api, complaint_id=case["id"])
    assert "no consta" not in str((await event(api, feed))["description"])
    clock.advance(timedelta(days=3))
    entry = await event(api, feed)
    assert "El último día pasó y no consta el acto." in str(entry["description"])
    closes_at = datetime.fromisoformat((await the_deadline(api, case["id"]))["closes_at"])
    assert entry["dtstamp"].dt == closes_at


async def test_a_first_day_allowed_is_not_called_a_last_day(api: Api) -> None:
    complaint = await a_complaint(api)
    proceeding = await a_proceeding(api, complaint["id"])
    await an_event(api, proceeding["id"], type="panel_found_denial", on="2026-02-20")
    await an_event(api, proceeding["id"], type="remedies_notice", on="2026-02-27")
    feed = await a_feed(api, complaint_id=complaint["id"], locale="en")
    floors = [each for each in await events(api, feed) if "First day allowed" in str(each["summary"])]
    assert floors
    for entry in floors:
        assert "This is no due date." in str(entry["description"])
        assert "Last day" not in str(entry["description"])


async def test_a_count_from_an_announcement_is_tentative(api: Api) -> None:
    complaint = await a_complaint(api)
    proceeding = await a_proceeding(api, complaint["id"])
    await an_event(api, proceeding["id"], kind="announced")
    entry = await event(api, await a_feed(api, complaint_id=complaint["id"]))
    assert entry["status"] == "TENTATIVE"
    assert "La cuenta parte de un anuncio." in str(entry["description"])


async def test_a_day_set_by_authority_is_said_without_a_word_of_why(api: Api) -> None:
    case = await a_case(api)
    deadline = await the_deadline(api, case["id"])
    body = {"due_on": "2026-03-19", "authority": "canaryauthority", "reason": "canaryreason"}
    assert (await api.post(f"/v1/deadlines/{deadline['id']}/override", json=body)).status_code == 201
    feed = await a_feed(api, complaint_id=case["id"])
    entry = await event(api, feed)
    assert entry.start == date(2026, 3, 19)
    assert entry["status"] == "TENTATIVE"  # nobody said how sure the day is
    assert "Este día se fijó por decisión de una autoridad" in str(entry["description"])
    assert "canary" not in (await fetch(api, feed)).text


async def test_an_alarm_rings_three_days_before_at_nine_where_it_is_asked_for(api: Api) -> None:
    case = await a_case(api)
    (alarm,) = (await event(api, await a_feed(api, complaint_id=case["id"], alarms=True))).walk("VALARM")
    assert (alarm["action"], alarm["trigger"].dt) == ("DISPLAY", timedelta(days=-3, hours=9))
    assert (await event(api, await a_feed(api, complaint_id=case["id"]))).walk("VALARM") == []


async def test_days_more_than_a_year_back_are_left_out(api: Api, clock: Clock) -> None:
    case = await a_case(api)
    feed = await a_feed(api, complaint_id=case["id"])
    clock.set(datetime(2027, 3, 4, 12, tzinfo=UTC))
    assert len(await events(api, feed)) == 1
    clock.set(datetime(2027, 3, 5, 12, tzinfo=UTC))
    assert await events(api, feed) == []


async def test_two_readings_of_the_same_state_are_the_same_bytes_and_304_answers_the_second(api: Api) -> None:
    case = await a_case(api)
    feed = await a_feed(api, complaint_id=case["id"], alarms=True)
    first, second = await fetch(api, feed), await fetch(api, feed)
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]
    known = await fetch(api, feed, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["etag"] == first.headers["etag"]
    await correct(api, case, on="2026-02-03")
    assert (await fetch(api, feed, headers={"If-None-Match": first.headers["etag"]})).status_code == 200


async def test_the_head_of_an_answer_comes_without_its_body(api: Api) -> None:
    feed = await a_feed(api, complaint_id=(await a_case(api))["id"])
    answer = await api.request("HEAD", feed["url"], role=None)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"


async def test_the_answer_is_kept_from_shared_caches_search_engines_and_other_sites(api: Api) -> None:
    headers = (await fetch(api, await a_feed(api, complaint_id=(await a_case(api))["id"]))).headers
    assert headers["cache-control"] == "private, max-age=0, must-revalidate"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch(r'"[0-9a-f]{32}"', headers["etag"])


def named(text: str) -> str:
    """Return the name of a calendar, as the second library reads it: the first leaves the escapes in."""
    (calendar,) = IcsCalendarStream.from_ics(text).calendars
    (name,) = calendar.name
    return name


async def correct(api: Api, case: dict[str, Any], *, on: str) -> None:
    """Correct the day of the petition."""
    path = f"/v1/proceedings/{case['proceeding_id']}/events"
    item = next(each for each in (await api.get(path)).json()["items"] if each["id"] == case["event_id"])
    answer = await api.patch(
        f"{path}/{case['event_id']}", json={"on": on, "reason": "Era otro día"}, version=item["version"]
    )
    assert answer.status_code == 200, answer.text


async def withdraw(api: Api, case: dict[str, Any]) -> None:
    """Take the petition back."""
    path = f"/v1/proceedings/{case['proceeding_id']}/events"
    item = next(each for each in (await api.get(path)).json()["items"] if each["id"] == case["event_id"])
    answer = await api.post(
        f"{path}/{case['event_id']}/withdraw", json={"reason": "No se presentó"}, version=item["version"]
    )
    assert answer.status_code == 200, answer.text
