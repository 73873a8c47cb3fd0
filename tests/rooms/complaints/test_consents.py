"""Recording what workers agreed to: in which words, for how long, and who sees that."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.builders import a_complaint, a_contact, an_organization
from tests.conftest import Api, Clock, Database
from tests.rooms.complaints.cases import granted, pointers
from tests.rooms.complaints.consenting import an_answer, answered, linked, somebody, withdrawn
from vigilancia.complaints.consents import scripts
from vigilancia.core import i18n


async def test_an_answer_holds_for_as_long_as_its_text_says(api: Api) -> None:
    case = await a_complaint(api)
    consent = await answered(api, case["id"], given_on="2026-02-28")
    assert (consent["state"], consent["counts"], consent["until"]) == ("given", True, "2027-02-28")
    shorter = await answered(api, case["id"], until="2026-05-31")
    assert shorter["until"] == "2026-05-31"
    first = (await api.get(f"/v1/complaints/{case['id']}/consents/{consent['id']}")).json()
    assert (first["state"], first["counts"]) == ("given", False)  # the later answer to the same thing counts


async def test_the_texts_are_told_in_three_languages_with_their_versions(api: Api) -> None:
    items = (await api.get("/v1/consent-texts", role="analyst")).json()["items"]
    assert {one["purpose"] for one in items} == {"store", "share", "counsel", "file", "publish", "contact_again"}
    for one in items:
        for version in one["versions"]:
            assert set(version["texts"]) == set(i18n.LOCALES)
            named = ["{receiver}" in words for words in version["texts"].values()]
            assert named == [one["purpose"] in ("share", "counsel", "file")] * 3
    page = (await api.get("/v1/consent-texts?limit=4")).json()
    rest = (await api.get("/v1/consent-texts", params={"limit": "4", "cursor": page["next"]})).json()
    assert [one["id"] for one in page["items"] + rest["items"]] == sorted(scripts.load())


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (an_answer("share"), {("/receiver_id", "required")}),
        (
            an_answer("share", receiver_country="US"),
            {("/receiver_id", "required"), ("/receiver_country", "not_allowed")},
        ),
        (an_answer("share", receiver_id=str(uuid4())), {("/receiver_id", "not_found")}),
        (an_answer("file"), {("", "one_of")}),
        (an_answer("file", receiver_country="XX"), {("/receiver_country", "format")}),
        (an_answer("publish", receiver_country="US"), {("/receiver_country", "not_allowed")}),
        (an_answer("publish", text_id="share"), {("/text_id", "not_allowed")}),
        (an_answer("publish", text_id="other"), {("/text_id", "not_found")}),
        (an_answer("publish", text_version=2), {("/text_version", "not_found")}),
        (an_answer("publish", given_on="2026-03-03"), {("/given_on", "future")}),
        (an_answer("publish", until="2027-03-03"), {("/until", "range")}),
        (an_answer("publish", until="2026-03-01"), {("/until", "range")}),
        (an_answer("publish", until="2026-06-01", answer="refused"), {("/until", "not_allowed")}),
        (an_answer("publish", taken_by=str(uuid4())), {("/taken_by", "not_found")}),
        (an_answer("sell"), {("/purpose", "code")}),
    ],
)
async def test_what_does_not_fit_is_refused(api: Api, body: dict[str, Any], faults: set[tuple[str, str]]) -> None:
    case = await a_complaint(api)
    answer = await api.post(f"/v1/complaints/{case['id']}/consents", json=body)
    assert answer.status_code == 422, answer.text
    found = pointers(answer.json())
    assert found == faults or {pointer for pointer, _ in found} == {pointer for pointer, _ in faults} == {"/purpose"}


async def test_an_answer_is_recorded_once_for_one_key(api: Api) -> None:
    case = await a_complaint(api)
    path, key = f"/v1/complaints/{case['id']}/consents", {"Idempotency-Key": "una"}
    first = await api.post(path, json=an_answer("publish"), headers=key)
    again = await api.post(path, json=an_answer("publish"), headers=key)
    assert first.json()["id"] == again.json()["id"]
    assert len((await api.get(path)).json()["items"]) == 1


async def test_readers_see_purposes_and_states_and_others_nothing(api: Api) -> None:
    case = await a_complaint(api)
    ana = await a_contact(api, api.people.centre_id, name="canaryana", desk=False)
    other = await an_organization(api)
    person = await somebody(api, case["id"])
    await answered(api, case["id"], person_id=person, taken_by=ana["id"], note="canarynote", language="nah-MX")
    await answered(api, case["id"], receiver_id=other["id"], note="canarynote")
    await granted(api, case["id"], "read")
    path = f"/v1/complaints/{case['id']}/consents"
    whole = (await api.get(path)).json()["items"]
    assert [one["receiver_id"] for one in whole] == [str(api.people.union_id), other["id"]]
    assert (whole[0]["person_id"], whole[0]["taken_by"], whole[0]["language"]) == (person, ana["id"], "nah-MX")
    assert [one["note"] for one in whole] == [None, None]
    assert (await api.get(f"{path}/{whole[0]['id']}")).json()["note"] == "canarynote"
    for role in ("partner", "admin"):
        answer = await api.get(path, role=role)
        shown = answer.json()["items"]
        assert [(one["purpose"], one["state"]) for one in shown] == [("share", "given"), ("share", "given")]
        assert {one["person_id"] for one in shown} == {None}
        mine = [str(api.people.union_id), None] if role == "partner" else [None, None]
        assert [one["receiver_id"] for one in shown] == mine
        single = (await api.get(f"{path}/{shown[0]['id']}", role=role)).json()
        assert "canary" not in answer.text + str(single)
        assert single["text_id"] is None
    for role, status in (("analyst", 403), ("stranger", 404), ("union_analyst", 403)):
        assert (await api.get(path, role=role)).status_code == status
        assert (await api.get(f"{path}/{whole[0]['id']}", role=role)).status_code == status
        assert (await api.get(f"/v1/complaints/{case['id']}/sharing", role=role)).status_code == status
    assert (await api.get(f"/v1/complaints/{case['id']}/sharing", role="partner")).status_code == 403
    told = f"/v1/complaints/{case['id']}/timeline?limit=200&type=consent_recorded"
    timeline = await api.get(told)
    assert "canary" not in timeline.text
    assert person not in timeline.text


async def test_the_public_of_a_public_case_learns_nothing(api: Api) -> None:
    case = await a_complaint(api, confidentiality="public")
    await answered(api, case["id"], "publish")
    path = f"/v1/complaints/{case['id']}"
    for role in ("stranger", "analyst", "union_analyst"):
        assert (await api.get(f"{path}/consents", role=role)).status_code == 403
        assert "consent" not in (await api.get(f"{path}/timeline?limit=200", role=role)).text


async def test_accepted_writers_record_and_readers_do_not(api: Api) -> None:
    body = an_answer("contact_again")
    for access, status in (("read", 403), ("write", 201)):
        case = await a_complaint(api)
        await granted(api, case["id"], access)
        assert (
            await api.post(f"/v1/complaints/{case['id']}/consents", json=body, role="partner")
        ).status_code == status
    assert (await api.post(f"/v1/complaints/{case['id']}/consents", json=body, role="stranger")).status_code == 404
    assert (await api.post(f"/v1/complaints/{case['id']}/consents", json=body, role="analyst")).status_code == 403


async def test_free_words_lie_sealed(api: Api, empty: Database) -> None:
    case = await a_complaint(api)
    consent = await answered(api, case["id"], "store", note="canarynote")
    await withdrawn(api, case["id"], consent["id"], json={"note": "canarywhy"})
    with psycopg.connect(empty.owner_url) as connection:
        for table in ("consent", "timeline_entry", "audit", "privacy_alert"):
            rows = connection.execute(f"SELECT t::text FROM {table} t").fetchall()
            assert "canary" not in str(rows).replace("\\", "")
        kept = connection.execute("SELECT note, withdrawn_note FROM consent").fetchone()
    assert kept is not None
    assert None not in kept
    assert b"canary" not in kept[0] + kept[1]


async def test_the_application_cannot_edit_an_answer(api: Api, empty: Database) -> None:
    case = await a_complaint(api)
    await answered(api, case["id"], "publish", answer="refused")
    with psycopg.connect(empty.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("UPDATE consent SET answer = 'given', until = '2027-01-01'")


async def test_an_expired_answer_says_so(api: Api, clock: Clock) -> None:
    case = await a_complaint(api)
    consent = await answered(api, case["id"], until="2026-03-10")
    assert (await linked(api, case["id"])).status_code == 201
    clock.set(clock().replace(day=11, hour=5))  # still the tenth in Mexico
    path = f"/v1/complaints/{case['id']}/consents/{consent['id']}"
    assert (await api.get(path)).json()["state"] == "given"
    clock.set(clock().replace(hour=6))
    assert (await api.get(path)).json()["state"] == "expired"
    assert (await api.get(f"/v1/complaints/{case['id']}", role="partner")).status_code == 404
