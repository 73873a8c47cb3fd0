"""Whom a feed is open to: the address is the secret, and access is asked again at each reading."""

import asyncio
import logging
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.builders import a_complaint, a_contact, a_link, a_proceeding, an_event, an_organization
from tests.conftest import Api, Clock, Database
from tests.rooms.climbing import a_case, a_place
from tests.rooms.complaints.cases import everything
from tests.rooms.feeds.reading import a_feed, event, events, fetch
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.notices.feeds import service

NOWHERE = "00000000-0000-7000-8000-000000000000"


async def references(api: Api, feed: dict[str, Any]) -> set[str]:
    """Return the numbers of the cases in a feed."""
    return {str(each["summary"]).partition("]")[0][1:] for each in await events(api, feed)}


async def test_the_address_is_shown_once_and_kept_nowhere(api: Api, empty: Database) -> None:
    case = await a_case(api)
    feed = await a_feed(api, complaint_id=case["id"])
    secret = re.fullmatch(r"http://vigilancia\.test/calendars/([\w-]{43})\.ics", feed["url"])
    assert secret is not None
    for answer in (await api.get(f"/v1/calendar-feeds/{feed['id']}"), await api.get("/v1/calendar-feeds")):
        assert answer.status_code == 200
        assert "url" not in answer.text
        assert secret[1] not in answer.text
    with psycopg.connect(empty.owner_url) as connection:
        row = connection.execute("SELECT f::text, digest FROM calendar_feed f").fetchone()
    assert row is not None
    assert secret[1] not in row[0]
    assert len(row[1]) == 32


async def test_a_repeated_creation_makes_one_feed_and_shows_no_address_again(api: Api) -> None:
    body = {"organization_id": str(api.people.centre_id)}
    first, again = [
        await api.post("/v1/calendar-feeds", json=body, headers={"Idempotency-Key": "eins"}) for _ in range(2)
    ]
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json()["id"], again.json()["url"]) == (first.json()["id"], None)
    assert len((await api.get("/v1/calendar-feeds")).json()["items"]) == 1


async def test_a_revoked_feed_is_not_found_from_then_on(api: Api) -> None:
    feed = await a_feed(api, complaint_id=(await a_case(api))["id"])
    tag = (await fetch(api, feed)).headers["etag"]
    gone = await api.delete(f"/v1/calendar-feeds/{feed['id']}", version=1)
    assert gone.status_code == 204
    after = await fetch(api, feed, headers={"If-None-Match": tag})
    assert (after.status_code, after.headers["content-type"]) == (404, "application/problem+json")
    shown = (await api.get(f"/v1/calendar-feeds/{feed['id']}")).json()
    assert (shown["revoked_at"], shown["version"]) == ("2026-03-02T15:00:00Z", 2)
    again = await api.delete(f"/v1/calendar-feeds/{feed['id']}", version=2)
    assert again.status_code == 204
    assert (await api.get("/v1/calendar-feeds", params={"revoked": "false"})).json()["items"] == []


async def test_revoking_wants_the_version_it_is_based_on(api: Api) -> None:
    feed = await a_feed(api, complaint_id=(await a_case(api))["id"])
    path = f"/v1/calendar-feeds/{feed['id']}"
    assert (await api.delete(path)).status_code == 428
    assert (await api.delete(path, version=7)).status_code == 412
    assert (await fetch(api, feed)).status_code == 200


async def test_an_unknown_address_answers_like_a_revoked_one(api: Api) -> None:
    feed = await a_feed(api, complaint_id=(await a_case(api))["id"])
    await api.delete(f"/v1/calendar-feeds/{feed['id']}", version=1)
    revoked = (await fetch(api, feed)).json()
    secret = feed["url"].rpartition("/")[2]
    for path in (
        "x.ics",
        ".ics",
        secret.removesuffix(".ics"),
        secret.upper(),
        f"{secret}.ics",
        "a" * 5000 + ".ics",
        "%00.ics",
        "%ED%A0%80.ics",
        "ñ.ics",
    ):
        answer = await api.get(f"/calendars/{path}", role=None)
        assert answer.status_code == 404, path
        assert answer.json() == revoked, path


async def test_no_token_of_the_api_opens_a_feed_and_none_is_asked_for(api: Api) -> None:
    feed = await a_feed(api, complaint_id=(await a_case(api))["id"])
    token = api.people.tokens["staff"]
    assert (await api.get(f"/calendars/{token}.ics")).status_code == 404
    assert (await api.get(feed["url"], role="partner")).status_code == 200


async def test_the_secret_stands_in_no_log_and_no_metric(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    feed = await a_feed(api, complaint_id=(await a_case(api))["id"])
    secret = feed["url"].rpartition("/")[2].removesuffix(".ics")
    await fetch(api, feed)
    await api.delete(f"/v1/calendar-feeds/{feed['id']}", version=1)
    missing = await fetch(api, feed)
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    assert "/calendars/{token}" in ours
    assert secret not in ours
    assert secret not in missing.text
    assert secret not in (await api.get("/metrics", role=None)).text


@pytest.mark.parametrize("role", ["analyst", "admin"])
async def test_only_staff_and_partners_make_feeds(api: Api, role: str) -> None:
    case = await a_case(api)
    answer = await api.post("/v1/calendar-feeds", role=role, json={"complaint_id": case["id"]})
    assert answer.status_code == 403


async def test_a_token_that_may_not_read_cases_reads_none_through_a_feed(api: Api) -> None:
    case = await a_case(api)
    body = {"organization_id": str(api.people.centre_id), "role": "staff", "name": "x", "scopes": ["feeds:write"]}
    api.people.tokens["narrow"] = (await api.post("/v1/tokens", role="admin", json=body)).json()["token"]
    answer = await api.post("/v1/calendar-feeds", role="narrow", json={"complaint_id": case["id"]})
    assert answer.status_code == 403


async def test_a_public_case_that_is_public_no_longer_leaves_the_feed(api: Api) -> None:
    case = await a_case(api, linked=False, confidentiality="public")
    feed = await a_feed(api, role="partner", complaint_id=case["id"])
    assert len(await events(api, feed)) == 1
    closed = await api.patch(f"/v1/complaints/{case['id']}", json={"confidentiality": "restricted"}, version=1)
    assert closed.status_code == 200, closed.text
    assert await events(api, feed) == []


async def test_exactly_one_subject_is_asked_for(api: Api) -> None:
    case = await a_case(api)
    none = await api.post("/v1/calendar-feeds", json={})
    assert (none.status_code, none.json()["errors"][0]["code"]) == (422, "one_of")
    both = await api.post(
        "/v1/calendar-feeds", json={"complaint_id": case["id"], "organization_id": str(api.people.centre_id)}
    )
    assert (both.status_code, [each["pointer"] for each in both.json()["errors"]]) == (422, ["/organization_id"])
    neither = await api.post("/v1/calendar-feeds", json={"complaint_id": None})
    assert neither.status_code == 422


@pytest.mark.parametrize("name", ["dos\r\nBEGIN:VEVENT", "x\ny", "campana\x07", "   ", "x\n"])
async def test_a_name_is_one_line(api: Api, name: str) -> None:
    body = {"organization_id": str(api.people.centre_id), "name": name}
    answer = await api.post("/v1/calendar-feeds", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/name")


async def test_what_is_anothers_is_refused_as_if_it_did_not_exist(api: Api) -> None:
    case = await a_case(api, linked=False)
    hidden = await an_organization(api, visibility="private")
    contact = await a_contact(api, hidden["id"], visibility="private")
    for name, id_ in (
        ("complaint_id", case["id"]),
        ("organization_id", hidden["id"]),
        ("contact_id", contact["id"]),
    ):
        refused = await api.post("/v1/calendar-feeds", role="partner", json={name: id_})
        missing = await api.post("/v1/calendar-feeds", role="partner", json={name: NOWHERE})
        assert refused.status_code == missing.status_code == 404, name
        assert refused.json() == missing.json()


async def test_what_is_known_but_anothers_is_forbidden(api: Api) -> None:
    union = await an_organization(api)
    contact = await a_contact(api, union["id"])
    for body in ({"organization_id": union["id"]}, {"contact_id": contact["id"]}):
        assert (await api.post("/v1/calendar-feeds", json=body)).status_code == 403


async def test_a_feed_of_another_organisation_does_not_exist(api: Api) -> None:
    feed = await a_feed(api, complaint_id=(await a_case(api))["id"])
    path = f"/v1/calendar-feeds/{feed['id']}"
    assert (await api.get(path, role="partner")).status_code == 404
    assert (await api.delete(path, role="partner", version=1)).status_code == 404
    assert (await api.get("/v1/calendar-feeds", role="partner")).json()["items"] == []
    assert (await fetch(api, feed)).status_code == 200


async def test_lost_access_takes_the_entries_away_without_a_word(api: Api) -> None:
    case = await a_case(api, linked=False)
    link = await a_link(api, case["id"], api.people.union_id)
    one = await a_feed(api, role="partner", complaint_id=case["id"])
    all_ = await a_feed(api, role="partner", organization_id=str(api.people.union_id))
    (contact,) = (await api.get(f"/v1/organizations/{api.people.union_id}/contacts", role="partner")).json()["items"]
    mine = await a_feed(api, role="partner", contact_id=contact["id"])
    for feed in (one, all_, mine):
        assert len(await events(api, feed)) == 1
    gone = await api.delete(f"/v1/complaints/{case['id']}/links/{link['id']}", version=1)
    assert gone.status_code == 204
    for feed in (one, all_, mine):
        answer = await fetch(api, feed)
        assert (answer.status_code, answer.text.count("BEGIN:VEVENT")) == (200, 0)


async def test_a_link_that_ends_takes_the_entries_away_at_its_hour(api: Api, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    await a_link(api, case["id"], api.people.union_id, expires_at="2026-03-02T16:00:00Z")
    feed = await a_feed(api, role="partner", complaint_id=case["id"])
    assert len(await events(api, feed)) == 1
    clock.advance(timedelta(hours=1))
    assert await events(api, feed) == []


async def test_an_organisations_feed_has_what_it_owns_reads_or_is_told_about_and_nothing_else(api: Api) -> None:
    union = str(api.people.union_id)
    told = await a_case(api)
    read = await a_case(api, linked=False)
    link = await a_place(api, read["id"], access="read", role="election_observer")
    offered = await a_case(api, linked=False)
    await a_place(api, offered["id"], access="read", role="election_observer")
    accused = await a_case(api, linked=False)
    await a_place(api, accused["id"], access="none", role="accused")
    foreign, public = await a_case(api, linked=False), await a_case(api, linked=False, confidentiality="public")
    own = await a_complaint(api, role="partner")
    await an_event(api, (await a_proceeding(api, own["id"], role="partner"))["id"], role="partner")
    await api.post(f"/v1/complaints/{read['id']}/links/{link['id']}/accept", role="partner")
    feed = await a_feed(api, role="partner", organization_id=union)
    assert await references(api, feed) == {told["reference"], read["reference"], own["reference"]}
    assert foreign["reference"] != public["reference"]
    single = await a_feed(api, role="partner", complaint_id=public["id"])
    assert await references(api, single) == {public["reference"]}  # asked for by itself, as anybody may read it


async def test_a_contacts_feed_has_the_cases_it_handles_and_those_its_organisation_is_told_about(api: Api) -> None:
    centre, union = str(api.people.centre_id), str(api.people.union_id)
    ana = await a_contact(api, centre, name="Ana", desk=False)
    hers, nobodys = await a_case(api, handler_id=ana["id"]), await a_case(api)
    told = await a_complaint(api, role="partner")
    await an_event(api, (await a_proceeding(api, told["id"], role="partner"))["id"], role="partner")
    await a_link(api, told["id"], centre, role="partner")
    read = await a_complaint(api, role="partner")
    await an_event(api, (await a_proceeding(api, read["id"], role="partner"))["id"], role="partner")
    body = {"organization_id": centre, "role": "election_observer", "access": "read"}
    link = (await api.post(f"/v1/complaints/{read['id']}/links", role="partner", json=body)).json()
    await api.post(f"/v1/complaints/{read['id']}/links/{link['id']}/accept")
    assert await references(api, await a_feed(api, contact_id=ana["id"])) == {hers["reference"], told["reference"]}
    desks = (await api.get(f"/v1/organizations/{centre}/contacts", params={"desk": "true"})).json()["items"]
    mesa = await a_feed(api, contact_id=desks[0]["id"])
    assert await references(api, mesa) == {nobodys["reference"], told["reference"]}
    (theirs,) = (await api.get(f"/v1/organizations/{union}/contacts", role="partner")).json()["items"]
    unions = await a_feed(api, role="partner", contact_id=theirs["id"])
    assert await references(api, unions) == {
        told["reference"],
        read["reference"],
        hers["reference"],
        nobodys["reference"],
    }


async def test_a_case_handed_over_moves_from_one_contacts_feed_to_the_others(api: Api) -> None:
    centre = str(api.people.centre_id)
    ana = await a_contact(api, centre, name="Ana", desk=False)
    bea = await a_contact(api, centre, name="Bea", desk=False)
    case = await a_case(api, linked=False, handler_id=ana["id"])
    anas, beas = await a_feed(api, contact_id=ana["id"]), await a_feed(api, contact_id=bea["id"])
    assert (len(await events(api, anas)), len(await events(api, beas))) == (1, 0)
    patched = await api.patch(f"/v1/complaints/{case['id']}", json={"handler_id": bea["id"]}, version=1)
    assert patched.status_code == 200, patched.text
    assert (len(await events(api, anas)), len(await events(api, beas))) == (0, 1)


async def test_a_deleted_contact_takes_its_feed_along(api: Api) -> None:
    ana = await a_contact(api, str(api.people.centre_id), name="Ana", desk=False)
    feed = await a_feed(api, contact_id=ana["id"])
    assert (await fetch(api, feed)).status_code == 200
    assert (await api.delete(f"/v1/contacts/{ana['id']}", version=1)).status_code == 204
    assert (await fetch(api, feed)).status_code == 404


async def test_the_language_is_the_contacts_else_the_organisations(api: Api) -> None:
    ana = await a_contact(api, str(api.people.centre_id), name="Ana", desk=False, locale="fr")
    assert (await a_feed(api, contact_id=ana["id"]))["locale"] == "fr"
    assert (await a_feed(api, contact_id=ana["id"], locale="en"))["locale"] == "en"
    made = await a_feed(api, organization_id=str(api.people.centre_id))
    assert (made["locale"], made["name"]) == ("es", "Plazos de los casos")


async def test_no_word_of_a_case_stands_in_its_feed(api: Api) -> None:
    case = await a_complaint(api, **everything())
    proceeding = await a_proceeding(api, case["id"])
    told: dict[str, Any] = {
        "note": "canarynote",
        "stated_by": "canarystater",
        "sources": ["https://example.org/canaryproof"],
    }
    await an_event(api, proceeding["id"], **told)
    await an_event(api, proceeding["id"], type="review_requested", on="2026-02-26", **told)
    stop = {"starts_on": "2026-02-11", "ends_on": "2026-02-13", "basis": "court_order", "citation": "canarycitation"}
    await api.post(f"/v1/proceedings/{proceeding['id']}/suspensions", json=stop)
    await a_contact(api, str(api.people.centre_id), name="canarycontact", desk=False)
    for locale in ("es", "en", "fr"):
        for subject in ({"complaint_id": case["id"]}, {"organization_id": str(api.people.centre_id)}):
            text = (await fetch(api, await a_feed(api, locale=locale, alarms=True, **subject))).text
            assert "BEGIN:VEVENT" in text
            assert "canary" not in text.replace("\r\n ", "").lower()
            assert "Centro de prueba" not in text.replace("\r\n ", "")


async def test_that_a_feed_was_read_is_noted_at_most_once_an_hour_and_changes_no_version(
    api: Api, clock: Clock, statements: Any
) -> None:
    feed = await a_feed(api, complaint_id=(await a_case(api))["id"])
    path = f"/v1/calendar-feeds/{feed['id']}"
    await fetch(api, feed)
    assert (await api.get(path)).json()["last_read_at"] == "2026-03-02T15:00:00Z"
    clock.advance(timedelta(minutes=59))
    with statements() as sent:
        await fetch(api, feed)
    assert len(sent) == 3
    clock.advance(timedelta(minutes=1))
    await fetch(api, feed)
    shown = (await api.get(path)).json()
    assert (shown["last_read_at"], shown["version"]) == ("2026-03-02T16:00:00Z", 1)


async def test_a_reading_does_not_wait_for_a_revocation_under_way_nor_block_it(api: Api, desk: Desk) -> None:
    feed = await a_feed(api, complaint_id=(await a_case(api))["id"])
    async with desk.work(api.people.staff) as work:
        await service.revoke(work, UUID(feed["id"]), 1)
        answer = await asyncio.wait_for(fetch(api, feed), timeout=5)
        assert answer.status_code == 200  # not committed yet
    assert (await fetch(api, feed)).status_code == 404


async def test_feeds_are_listed_by_what_they_are_about(api: Api) -> None:
    case = await a_case(api)
    one = await a_feed(api, complaint_id=case["id"])
    await a_feed(api, organization_id=str(api.people.centre_id))
    page = await api.get("/v1/calendar-feeds", params={"complaint_id": case["id"]})
    assert [item["id"] for item in page.json()["items"]] == [one["id"]]
    assert (await api.get("/v1/calendar-feeds", params={"contact_id": str(uuid4())})).json()["items"] == []
    assert (await api.get("/v1/calendar-feeds", params={"contact_id": "x"})).status_code == 400
    assert (await api.get("/v1/calendar-feeds", params={"q": "x"})).status_code == 400


async def test_a_feed_without_entries_is_a_calendar_all_the_same(api: Api, desk: Desk) -> None:
    feed = await a_feed(api, organization_id=str(api.people.centre_id))
    assert await events(api, feed) == []
    async with desk.work(SYSTEM) as work:
        found = await service.recognise(work, feed["url"].rpartition("/")[2])
    assert (found.caller.role, found.caller.scopes) == ("staff", frozenset())


async def test_an_entry_is_called_the_same_in_every_feed(api: Api) -> None:
    case = await a_case(api)
    one = await event(api, await a_feed(api, complaint_id=case["id"]))
    other = await event(api, await a_feed(api, role="partner", organization_id=str(api.people.union_id), locale="fr"))
    assert one["uid"] == other["uid"]
