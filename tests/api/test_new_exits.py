"""Who may learn what of clocks, petitions, suspensions, days set by hand, proposals, closures and coverage."""

import base64
import logging
import re
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from tests.api.exits import (
    ALERTS,
    DAY,
    INSIDE,
    MECHANISM,
    MONTHS,
    NOBODY,
    NOWHERE,
    STANDINGS,
    STOP,
    a_told_case,
    days_of,
    rows,
    several,
    told,
)
from tests.api.test_statement_counts import cost_of
from tests.builders import a_complaint, a_facility, a_link, a_proceeding, an_organization
from tests.conftest import Api, Clock, Database
from tests.rooms.climbing import a_day_goes_by, ledger
from tests.rooms.complaints.cases import everything
from tests.rooms.proceedings.moving import a_draw
from vigilancia.core import i18n
from vigilancia.core.work import Desk

ADDRESSES = {
    "clock": "/v1/complaints/{case}/clock",
    "clock as text": "/v1/complaints/{case}/clock?format=text",
    "proceeding": "/v1/proceedings/{proceeding}",
    "events": "/v1/proceedings/{proceeding}/events",
    "petition": "/v1/proceedings/{proceeding}/petition",
    "petition as page": "/v1/proceedings/{proceeding}/petition?format=html",
    "petition as text": "/v1/proceedings/{proceeding}/petition?format=text",
    "suspensions": "/v1/proceedings/{proceeding}/suspensions",
    "suspension": "/v1/proceedings/{proceeding}/suspensions/{suspension}",
    "suspension taken back": "/v1/proceedings/{proceeding}/suspensions/{withdrawn}",
    "override": "/v1/deadlines/{deadline}/override",
    "overrides": "/v1/deadlines/{deadline}/overrides",
    "deadline": "/v1/deadlines/{deadline}",
    "deadline before": "/v1/deadlines/{deadline}/revisions",
    "overridden": "/v1/deadlines?overridden=true",
    "proposals": "/v1/proposals",
    "proposal": "/v1/proposals/{proposal}",
    "coverage": f"/v1/facilities/{{plant}}/coverage?mechanism={MECHANISM}",
    "prior findings": f"/v1/facilities/{{plant}}/prior-findings?mechanism={MECHANISM}",
    "facility": "/v1/facilities/{plant}",
    "timeline": "/v1/complaints/{case}/timeline?limit=200",
    "calendar": "/v1/calendars/{calendar}",
    "closures": "/v1/calendars/{calendar}/closures",
    "closure": "/v1/calendars/{calendar}/closures/{closure}",
}
_PETITIONS = ("petition", "petition as page", "petition as text")
_OF_PLANTS = ("coverage", "prior findings", "facility")
_LISTS = ("overridden", "proposals")
_EVERYBODYS = ("calendar", "closures", "closure")
_OF_THE_CASE = ("canarytitle", "canarytag", "canaryexternal", "canarysource", "canarylinksource")
_OWNERS = ("owner", "admin")
_AT_PLANT = (*INSIDE, *MONTHS, "other_admin")  # an admin is shown every record of the registry but private ones
_ABOUT_PLANT = (*INSIDE, "other_admin")
_OUTSIDE = (*ALERTS, *MONTHS)
_CLOSURES = dict.fromkeys(("closures", "closure"), tuple(STANDINGS))  # days off are everybody's, with their reasons
_CLOSURE_TOLD = (*INSIDE, *ALERTS)

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

# Which word of a free text is read where, and by whom; at all other places, and by all others, it is not.
READ: dict[str, dict[str, tuple[str, ...]]] = {
    **{word: {"timeline": INSIDE} for word in _OF_THE_CASE},
    "canarynote": {"events": INSIDE},
    "canarystater": {"events": INSIDE},
    "canaryproof": {"events": INSIDE},
    "canarycitation": {"suspensions": INSIDE, "suspension": INSIDE},
    "canaryaddress": {"suspensions": INSIDE, "suspension": INSIDE},
    "canarymistake": {"suspensions": INSIDE, "suspension taken back": INSIDE},
    "canarystopped": {"timeline": INSIDE},
    "canaryresumed": {"timeline": INSIDE},
    "canaryauthority": {"override": INSIDE, "overrides": INSIDE},
    "canaryreason": {"override": INSIDE, "overrides": INSIDE, "timeline": INSIDE},
    "canarywithdrawal": {"overrides": INSIDE, "timeline": INSIDE},
    "canarydecision": {"proposals": INSIDE, "proposal": INSIDE, "timeline": INSIDE},
    "canaryclosure": {**dict.fromkeys(("proposals", "proposal"), _CLOSURE_TOLD), **_CLOSURES},
    "canarydecree": {**dict.fromkeys(("proposals", "proposal"), _CLOSURE_TOLD), **_CLOSURES},
    "canaryrevoked": _CLOSURES,
    "canaryplant": {
        **dict.fromkeys(_PETITIONS, INSIDE),
        "prior findings": INSIDE,
        "facility": _AT_PLANT,
    },
    "canarycompany": {**dict.fromkeys(_PETITIONS, INSIDE), "prior findings": _OWNERS, "facility": _AT_PLANT},
    "canaryboard": {"coverage": _ABOUT_PLANT, "facility": _ABOUT_PLANT},
    "canaryfile": {"coverage": _ABOUT_PLANT, "facility": _ABOUT_PLANT},
    "canarysister": {"prior findings": _OWNERS},
}

# The same for who reads a public case at a public facility, as anybody does.
PUBLIC: dict[str, tuple[str, ...]] = {
    "canarynote": ("events",),
    "canarystater": ("events",),
    "canaryproof": ("events",),
    "canarycitation": ("suspensions", "suspension"),
    "canaryaddress": ("suspensions", "suspension"),
    "canaryauthority": ("override", "overrides"),
    "canaryclosure": ("proposals", "proposal", *_CLOSURES),
    "canarydecree": ("proposals", "proposal", *_CLOSURES),
    "canaryrevoked": tuple(_CLOSURES),
    "canaryplant": ("prior findings", "facility"),
    "canarycompany": ("facility",),
    "canaryboard": ("coverage", "facility"),
    "canaryfile": ("coverage", "facility"),
}


def expected(standing: str, address: str) -> int:
    """Return the status that a standing is answered with."""
    if address in _EVERYBODYS or address in _LISTS:
        return 200
    if standing in NOBODY:
        return 200 if standing == "other_admin" and address in _OF_PLANTS else 404  # admins see linked records
    if address in _PETITIONS and standing in _OUTSIDE:
        return 403
    if address == "suspension taken back" and standing in _OUTSIDE:
        return 404
    if address in _OF_PLANTS and standing in ALERTS:
        return 404
    return 200


@pytest.mark.parametrize("standing", list(STANDINGS))
async def test_each_word_is_read_by_whom_it_is_for_and_where(
    api: Api, desk: Desk, clock: Clock, caplog: pytest.LogCaptureFixture, standing: str
) -> None:
    caplog.set_level(logging.INFO)
    ids = await a_told_case(api, desk, clock, standing)
    role = STANDINGS[standing][0]
    wrong = []
    for name, path in ADDRESSES.items():
        answer = await api.get(path.format(**ids), role=role)
        if answer.status_code != expected(standing, name):
            wrong.append(f"{name}: {answer.status_code} {answer.text[:200]}")
        for word in (*NOWHERE, *READ):
            seen, meant = word in answer.text, standing in READ.get(word, {}).get(name, ())
            if seen != meant:
                wrong.append(f"{name}: {word} is {'read' if seen else 'missing'}")
    assert not wrong, "\n".join(wrong)
    assert "canary" not in caplog.text


@pytest.mark.parametrize("standing", MONTHS)
async def test_no_day_and_no_instant_of_a_case_is_told_where_months_are(
    api: Api, desk: Desk, clock: Clock, standing: str
) -> None:
    ids = await a_told_case(api, desk, clock, standing)
    kept = await days_of(api, ids)
    assert len(kept) > 10
    told = []
    for name, path in ADDRESSES.items():
        if name in (*_EVERYBODYS, "facility"):
            continue
        answer = await api.get(path.format(**ids), role=STANDINGS[standing][0])
        told += [f"{name}: {day}" for day in kept if day.isoformat() in answer.text]
        told += [f"{name}: {day}" for day in kept if i18n.long_date(day, "es") in answer.text]
        timed = {id_ for id_ in _ID.findall(answer.text) if UUID(id_).version == 7 and id_ != ids["plant"]}
        told += [f"{name}: {id_}" for id_ in timed]
    assert not told, "\n".join(told)


@pytest.mark.parametrize(
    ("name", "sort"), [("suspensions", "starts_on"), ("proposals", "created_at"), ("proposals", "updated_at")]
)
async def test_no_cursor_tells_an_analyst_a_day(api: Api, desk: Desk, clock: Clock, name: str, sort: str) -> None:
    ids = await a_told_case(api, desk, clock, "owner")
    await several(api, desk, ids, name)
    page = await api.get(ADDRESSES[name].format(**ids), role="analyst", params={"limit": "1", "sort": sort})
    cursor = page.json()["next"]
    held = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    assert re.search(r"2026-\d\d-01", held)
    assert not re.search(r"2026-\d\d-(?!01)\d\d", held)


@pytest.mark.parametrize("role", ["stranger", "union_analyst", "analyst"])
async def test_public_reads_days_and_sources_but_no_reason_no_mistake_and_no_draft(
    api: Api, desk: Desk, clock: Clock, role: str
) -> None:
    ids = await a_told_case(api, desk, clock, "owner", confidentiality="public", visibility="public")
    wrong = []
    for name, path in ADDRESSES.items():
        answer = await api.get(path.format(**ids), role=role)
        status = 403 if name in _PETITIONS else 404 if name == "suspension taken back" else 200
        if answer.status_code != status:
            wrong.append(f"{name}: {answer.status_code} {answer.text[:200]}")
        for word in (*NOWHERE, *READ):
            seen = word in answer.text
            if seen != (name in PUBLIC.get(word, ())):
                wrong.append(f"{name}: {word} is {'read' if seen else 'missing'}")
    assert not wrong, "\n".join(wrong)


_CLOSED = {"starts_on": "2026-06-02", "labels": {"es": "x", "en": "x", "fr": "x"}, "source": "DOF"}
_WHY = {"reason": "Porque sí"}
CHANGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "stop the clock": ("POST", ADDRESSES["suspensions"], STOP),
    "correct a suspension": ("PATCH", ADDRESSES["suspension"], {"ends_on": None, **_WHY}),
    "take a suspension back": ("POST", f"{ADDRESSES['suspension']}/withdraw", _WHY),
    "take it back again": ("POST", f"{ADDRESSES['suspension taken back']}/withdraw", _WHY),
    "set another day": ("POST", ADDRESSES["override"], DAY),
    "take the day back": ("POST", f"{ADDRESSES['override']}/withdraw", _WHY),
    "accept": ("POST", f"{ADDRESSES['proposal']}/accept", {}),
    "decline": ("POST", f"{ADDRESSES['proposal']}/decline", _WHY),
    "record facts of the plant": ("PATCH", ADDRESSES["facility"], {"coverage_facts": []}),
    "record a closure": ("POST", ADDRESSES["closures"], _CLOSED),
    "take a closure back": ("POST", f"{ADDRESSES['closure']}/withdraw", _WHY),
}
_OF_THE_INSTALLATION = ("record a closure", "take a closure back")
_REFUSED = [each for each in STANDINGS if each not in ("owner", "writer", "other_analyst", "observer", "invited")]


def refusal(standing: str, change: str) -> int | None:
    """Return the status that refuses a change; none, where the standing may make it."""
    role = STANDINGS[standing][0]
    if role.endswith("admin"):
        if change in _OF_THE_INSTALLATION or (change == "record facts of the plant" and standing == "admin"):
            return None
        return 403
    if role.endswith("analyst") or change in _OF_THE_INSTALLATION:
        return 403
    if change == "record facts of the plant" and standing in ALERTS:
        return 404
    return 404 if standing in NOBODY else 403


@pytest.mark.parametrize("standing", _REFUSED)
async def test_who_may_not_record_is_refused_and_nothing_is_written(
    api: Api, desk: Desk, clock: Clock, empty: Database, standing: str
) -> None:
    ids = await a_told_case(api, desk, clock, standing)
    elsewhere = dict.fromkeys(ids, str(uuid4()))
    before, wrong = rows(empty), []
    for name, (method, path, body) in CHANGES.items():
        status = refusal(standing, name)
        if status is None:
            continue
        sent: dict[str, Any] = {"json": body, "role": STANDINGS[standing][0], "version": 99}
        answer = await api.request(method, path.format(**ids), headers={"Idempotency-Key": name}, **sent)
        if answer.status_code != status:
            wrong.append(f"{name}: {answer.status_code} {answer.text}")
        if status == 404:  # word for word as if there were no such thing
            missing = await api.request(method, path.format(**elsewhere), **sent)
            assert told(answer) == told(missing), name
    for name, path in ADDRESSES.items():
        if expected(standing, name) == 404 and standing in NOBODY:
            sent = {"role": STANDINGS[standing][0]}
            answer, missing = [await api.get(path.format(**each), **sent) for each in (ids, elsewhere)]
            assert told(answer) == told(missing), name
    assert not wrong, "\n".join(wrong)
    assert rows(empty) == before


async def test_public_case_may_be_changed_by_none_of_its_readers(
    api: Api, desk: Desk, clock: Clock, empty: Database
) -> None:
    ids = await a_told_case(api, desk, clock, "owner", confidentiality="public", visibility="public")
    before = rows(empty)
    for role in ("stranger", "partner", "union_analyst", "analyst"):
        for name, (method, path, body) in CHANGES.items():
            answer = await api.request(method, path.format(**ids), role=role, json=body, version=1)
            assert answer.status_code == 403, f"{role} {name}: {answer.text}"
    assert rows(empty) == before


# Words that stand in no report, no notice and no file, whoever gets them.
_KEPT = (
    *("canarycitation", "canaryaddress", "canarymistake", "canarystopped", "canaryresumed", "canaryauthority"),
    *("canaryreason", "canarywithdrawal", "canarydecision", "canaryrevoked", "canaryboard", "canaryfile"),
)


async def test_no_report_and_no_notice_says_why_time_stood_still_or_who_set_a_day(
    api: Api, desk: Desk, clock: Clock, empty: Database
) -> None:
    ids = await a_told_case(api, desk, clock, "reader")
    await a_day_goes_by(desk)
    assert await ledger(api)
    texts = {str(path): path.read_text("utf-8") for path in desk.settings.data_dir.rglob("*.eml")}
    assert texts
    with psycopg.connect(empty.owner_url) as connection:
        found = connection.execute("SELECT string_agg(t::text, chr(10)) FROM notice t").fetchone()
    texts["notices"] = str(found)
    whole, coarse = {"profile": "full"}, {"profile": "deidentified"}
    for role, profile in (("staff", whole), ("partner", whole), ("admin", coarse), ("analyst", coarse)):
        for format_ in ("json", "html"):
            asked = {**profile, "format": format_}
            answer = await api.get(f"/v1/complaints/{ids['case']}/report", role=role, params=asked)
            assert answer.status_code == 200, answer.text
            texts[f"report {role} {format_}"] = answer.text
    assert not [(name, word) for name, text in texts.items() for word in _KEPT if word in text]


async def test_repeated_request_tells_nothing_once_access_has_ended(api: Api, clock: Clock) -> None:
    case = await a_draw(api)
    link = await a_link(api, case["id"], api.people.union_id, access="write", expires_at="2026-03-05T00:00:00Z")
    await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner")
    [deadline] = (await api.get("/v1/deadlines", params={"proceeding_id": case["proceeding_id"]})).json()["items"]
    asked = (
        (f"/v1/proceedings/{case['proceeding_id']}/suspensions", STOP),
        (f"/v1/deadlines/{deadline['id']}/override", DAY),
    )
    for status in (201, 404):
        for path, body in asked:
            answer = await api.post(path, role="partner", json=body, headers={"Idempotency-Key": path})
            assert answer.status_code == status, answer.text
        clock.set(datetime.fromisoformat("2026-03-05T00:00:01Z"))


@pytest.mark.parametrize("name", ["suspensions", "overrides", "closures", "proposals", "clock", "clock as text"])
async def test_answer_costs_as_many_statements_beside_twenty_rows(
    api: Api, desk: Desk, clock: Clock, statements: Any, name: str
) -> None:
    ids = await a_told_case(api, desk, clock, "owner")

    async def ask() -> httpx.Response:
        return await api.get(ADDRESSES[name].format(**ids))

    few = await cost_of(statements, ask)
    await several(api, desk, ids, name, 20)
    assert await cost_of(statements, ask) == few <= 9  # one of them notes that it was read


async def test_petition_costs_as_many_statements_beside_twenty_parties(api: Api, statements: Any) -> None:
    case = await a_complaint(api)
    proceeding = await a_proceeding(api, case["id"])

    async def ask() -> httpx.Response:
        return await api.get(ADDRESSES["petition"].format(proceeding=proceeding["id"]))

    await a_link(api, case["id"], (await an_organization(api))["id"], access="none")
    few = await cost_of(statements, ask)
    for number in range(20):
        party = await an_organization(api, name=f"Sindicato {number}")
        await a_link(api, case["id"], party["id"], access="none")
        await a_proceeding(api, case["id"])
    assert await cost_of(statements, ask) == few


async def test_law_of_a_facility_takes_the_right_to_read_facilities(api: Api) -> None:
    plant = await a_facility(api, visibility="public")
    body = {"organization_id": str(api.people.centre_id), "role": "staff", "name": "x", "scopes": ["complaints:read"]}
    made = await api.post("/v1/tokens", role="admin", json=body)
    assert made.status_code == 201, made.text
    less = {"Authorization": f"Bearer {made.json()['token']}"}
    for name in ("facility", "coverage", "prior findings"):
        answer = await api.get(ADDRESSES[name].format(plant=plant["id"]), headers=less)
        assert answer.status_code == 403, f"{name}: {answer.text}"


async def test_public_is_not_told_by_what_is_missing_that_a_closed_case_was_merged(api: Api) -> None:
    seen = {}
    for kind in ("closed", "merged"):
        case = await a_complaint(api, **everything(confidentiality="public"))
        proceeding = await a_proceeding(api, case["id"])
        if kind == "closed":
            done = await api.patch(f"/v1/complaints/{case['id']}", json={"status": "closed"}, version=1)
        else:
            into = {"into": (await a_complaint(api))["id"], "reason": "La misma"}
            done = await api.post(f"/v1/complaints/{case['id']}/merge", json=into, version=1)
        assert done.status_code == 200, done.text
        read = (await api.get(f"/v1/proceedings/{proceeding['id']}", role="stranger")).json()
        clock = (await api.get(f"/v1/complaints/{case['id']}/clock", role="stranger")).json()
        warned = [each["code"] for each in read["warnings"]]
        found = [[each["mechanism"] for each in side["suggestions"]] for side in (read, clock)]
        seen[kind] = (warned, *found)
    assert seen["closed"] == seen["merged"]
