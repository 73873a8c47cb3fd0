"""Where consent is asked, nothing is shared, filed or published without it; what is overridden is told."""

from typing import Any

import pytest
from sqlalchemy import select, true

from tests.builders import a_complaint, a_link, a_proceeding, an_organization
from tests.conftest import Api, Clock, looking
from tests.rooms.complaints.cases import granted
from tests.rooms.complaints.consenting import OVERRIDE, always, answered, linked, somebody, withdrawn, without_override
from vigilancia.access.models import AuditRow, PrivacyAlertRow
from vigilancia.complaints.consents import asked
from vigilancia.core.work import Desk


def wanted(answer: Any) -> Any:
    """Return the consent that a refusal names."""
    assert answer.status_code == 403, answer.text
    problem = answer.json()
    assert problem["code"] == "consent-required"
    return problem["consent"]


async def test_who_never_recorded_people_or_consents_shares_as_before(api: Api) -> None:
    case = await a_complaint(api, confidentiality="public")
    await granted(api, case["id"], "write")
    path = f"/v1/complaints/{case['id']}"
    assert (await api.patch(path, json={"confidentiality": "restricted"}, version=1)).status_code == 200
    assert (await api.patch(path, json={"confidentiality": "public"}, version=2)).status_code == 200


async def test_where_it_is_always_asked_every_way_out_is_shut(api: Api) -> None:
    await always(api)
    case = await a_complaint(api)
    path = f"/v1/complaints/{case['id']}"
    union = str(api.people.union_id)
    for access in ("alerts", "read", "write"):
        assert wanted(await linked(api, case["id"], access=access)) == {
            "purpose": "share",
            "receiver_id": union,
            "receiver_country": None,
        }
    assert wanted(await linked(api, case["id"], role="counsel"))["purpose"] == "counsel"
    assert wanted(await api.patch(path, json={"confidentiality": "public"}, version=1))["purpose"] == "publish"
    logged = await api.post(
        "/v1/complaints", json={"title": "x", "received_on": "2026-02-02", "confidentiality": "public"}
    )
    assert wanted(logged)["purpose"] == "publish"
    proceeding = await a_proceeding(api, case["id"])
    draft = f"/v1/proceedings/{proceeding['id']}/petition"
    assert (await api.get(draft)).status_code == 200  # what is missing may be asked; the document may not
    for format_ in ("html", "text"):
        assert wanted(await api.get(draft, params={"format": format_}))["receiver_country"] == "US"
    assert (await linked(api, case["id"], access="none")).status_code == 201  # a fact is no sharing
    told = await api.get(f"{path}/timeline?limit=200")
    assert "consent_overridden" not in told.text


async def test_a_consent_opens_its_own_way_alone(api: Api) -> None:
    await always(api)
    case = await a_complaint(api)
    other = await an_organization(api)
    await answered(api, case["id"])
    await answered(api, case["id"], "publish")
    await answered(api, case["id"], "file", receiver_country="US")
    assert (await linked(api, case["id"])).status_code == 201
    assert wanted(await linked(api, case["id"], role="counsel"))["purpose"] == "counsel"
    assert wanted(await linked(api, case["id"], organization_id=other["id"]))["receiver_id"] == other["id"]
    path = f"/v1/complaints/{case['id']}"
    assert (await api.patch(path, json={"confidentiality": "public"}, version=1)).status_code == 200
    drafts = {}
    for mechanism in ("usmca-31a-us-mx", "usmca-31b-ca-mx"):
        proceeding = await a_proceeding(api, case["id"], mechanism=mechanism)
        draft = f"/v1/proceedings/{proceeding['id']}/petition"
        drafts[mechanism] = await api.get(draft, params={"format": "text"})
    assert drafts["usmca-31a-us-mx"].status_code == 200
    assert wanted(drafts["usmca-31b-ca-mx"]) == {"purpose": "file", "receiver_id": None, "receiver_country": "CA"}


async def test_a_government_may_be_named_as_an_organisation(api: Api) -> None:
    case = await a_complaint(api)
    office = await an_organization(api, kind="government", name="OTLA", country="US")
    await answered(api, case["id"], "file", receiver_id=office["id"])
    proceeding = await a_proceeding(api, case["id"])
    path = f"/v1/proceedings/{proceeding['id']}/petition"
    assert (await api.get(path, params={"format": "html"})).status_code == 200
    await answered(
        api, case["id"], "file", receiver_country="US", person_id=await somebody(api, case["id"]), answer="refused"
    )
    assert wanted(await api.get(path, params={"format": "html"}))["purpose"] == "file"


async def test_any_answer_on_record_makes_the_case_one_in_which_consent_is_asked(api: Api) -> None:
    case = await a_complaint(api)
    await answered(api, case["id"], "store")
    assert wanted(await linked(api, case["id"]))["purpose"] == "share"


async def test_a_room_may_say_what_else_makes_it_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "held_things", [lambda _: true()])
    case = await a_complaint(api)
    assert wanted(await linked(api, case["id"]))["purpose"] == "share"


async def test_one_no_outweighs_every_yes_and_a_yes_must_be_everybodys(api: Api) -> None:
    case = await a_complaint(api)
    ana, luz = await somebody(api, case["id"]), await somebody(api, case["id"])
    await answered(api, case["id"], person_id=ana)
    assert (await linked(api, case["id"])).status_code == 201
    no = await answered(api, case["id"], person_id=luz, answer="refused")
    assert no["state"] == "refused"
    assert wanted(await linked(api, case["id"], role="supporter"))["purpose"] == "share"
    await answered(api, case["id"], person_id=luz)
    assert (await linked(api, case["id"], role="supporter")).status_code == 201


async def test_a_paper_from_before_a_withdrawal_does_not_undo_it(api: Api, clock: Clock) -> None:
    case = await a_complaint(api)
    consent = await answered(api, case["id"])
    clock.set(clock().replace(day=9))
    await withdrawn(api, case["id"], consent["id"])
    late = await answered(api, case["id"], given_on="2026-03-05")
    assert late["counts"] is False
    assert wanted(await linked(api, case["id"]))["purpose"] == "share"
    await answered(api, case["id"], given_on="2026-03-09")
    assert (await linked(api, case["id"])).status_code == 201


async def test_access_ends_with_the_consent_it_rests_on(api: Api, clock: Clock) -> None:
    case = await a_complaint(api)
    await answered(api, case["id"], until="2026-03-31")
    link = (await linked(api, case["id"], access="read", expires_at="2026-12-31T00:00:00Z")).json()
    assert link["expires_at"] == "2026-04-01T06:00:00Z"  # the end of the day in Mexico
    path = f"/v1/complaints/{case['id']}/links/{link['id']}"
    longer = await api.patch(path, json={"expires_at": None}, version=1)
    assert longer.json()["expires_at"] == "2026-04-01T06:00:00Z"
    await answered(api, case["id"], person_id=await somebody(api, case["id"]), until="2026-03-15")
    assert (await api.get(path)).json()["expires_at"] == "2026-03-16T06:00:00Z"  # somebody said a shorter time
    clock.set(clock().replace(day=17))
    assert (await api.get(f"/v1/complaints/{case['id']}", role="partner")).status_code == 404
    longer = await api.patch(path, json={"expires_at": None}, version=2)
    assert wanted(longer)["purpose"] == "share"


async def test_a_link_from_before_consent_was_asked_gets_no_more_without_it(api: Api) -> None:
    case = await a_complaint(api)
    link = await a_link(api, case["id"], api.people.union_id)
    await answered(api, case["id"], "store")
    path = f"/v1/complaints/{case['id']}/links/{link['id']}"
    assert (await api.patch(path, json={"source": "Acta"}, version=1)).status_code == 200
    assert wanted(await api.patch(path, json={"access": "read"}, version=2))["purpose"] == "share"
    assert wanted(await api.patch(path, json={"role": "counsel"}, version=2))["purpose"] == "counsel"
    assert (await api.patch(path, json={"access": "none"}, version=2)).status_code == 200


async def test_an_offer_is_not_accepted_once_the_consent_is_gone(api: Api) -> None:
    case = await a_complaint(api)
    offer = (await linked(api, case["id"], access="read", role="election_observer")).json()
    await answered(api, case["id"], "store")
    path = f"/v1/complaints/{case['id']}/links/{offer['id']}/accept"
    assert wanted(await api.post(path, role="partner"))["receiver_id"] == str(api.people.union_id)
    await answered(api, case["id"])
    accepted = await api.post(path, role="partner")
    assert accepted.status_code == 200
    assert accepted.json()["expires_at"] == "2026-05-31T15:00:00Z"  # the grant's own end comes before the consent's


async def test_an_override_wants_its_scope_and_is_noted_and_told_to_the_privacy_lead(api: Api, desk: Desk) -> None:
    await always(api)
    case = await a_complaint(api)
    body: dict[str, Any] = {"organization_id": str(api.people.union_id), "role": "petitioner", "access": "read"}
    path = f"/v1/complaints/{case['id']}/links"
    body |= {"consent_override": OVERRIDE}
    refused = await api.post(path, json=body, role=await without_override(api))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    made = await api.post(path, json=body)
    assert made.status_code == 201, made.text
    accepted = await api.post(f"{path}/{made.json()['id']}/accept", role="partner")
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["expires_at"] == "2026-05-31T15:00:00Z"
    timeline = await api.get(f"/v1/complaints/{case['id']}/timeline", params={"type": "consent_overridden"})
    (entry,) = timeline.json()["items"]
    assert (entry["subject_id"], entry["after"]) == (made.json()["id"], {"purpose": "share"})
    whole = await api.get(f"/v1/complaints/{case['id']}/timeline?limit=200")
    assert "canary" not in whole.text
    async with looking(desk) as session:
        row = await session.scalar(select(AuditRow).where(AuditRow.action == "override"))
        alert = await session.scalar(select(PrivacyAlertRow))
    assert row is not None
    assert row.facts == {"purpose": "share", "receiver_id": str(api.people.union_id)}
    assert await desk.vault.open(row.complaint_id, row.why, field=f"audit.why/{row.id}") == OVERRIDE["reason"]
    assert (alert.cause, alert.organization_id) == ("consent_overridden", api.people.centre_id)
    assert str(alert.subject_id) == made.json()["id"]


async def test_publishing_and_filing_are_overridden_too(api: Api, desk: Desk) -> None:
    await always(api)
    body = {"title": "x", "received_on": "2026-02-02", "confidentiality": "public", "consent_override": OVERRIDE}
    logged = await api.post("/v1/complaints", json=body)
    assert logged.status_code == 201, logged.text
    case = await a_complaint(api)
    path = f"/v1/complaints/{case['id']}"
    patch = {"confidentiality": "public", "consent_override": OVERRIDE}
    assert (await api.patch(path, json=patch, version=1)).status_code == 200
    proceeding = await a_proceeding(api, case["id"])
    draft = f"/v1/proceedings/{proceeding['id']}/petition"
    page = await api.post(draft, json={"consent_override": OVERRIDE})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    plain = await api.post(draft, json={"consent_override": OVERRIDE, "format": "text", "locale": "en"})
    assert plain.headers["content-type"].startswith("text/plain")
    careful = await api.post(draft, json={"consent_override": OVERRIDE}, role=await without_override(api))
    assert (careful.status_code, careful.json()["code"]) == (403, "forbidden")
    for each in (logged.json()["id"], case["id"]):
        assert "canary" not in (await api.get(f"/v1/complaints/{each}/timeline?limit=200")).text
    async with looking(desk) as session:
        alerts = (await session.scalars(select(PrivacyAlertRow))).all()
    assert len(alerts) == 3  # of the drafts made at one instant of the tests' clock one mark is left


async def test_nobody_overrides_a_no(api: Api) -> None:
    case = await a_complaint(api)
    await answered(api, case["id"], answer="refused")
    assert wanted(await linked(api, case["id"], consent_override=OVERRIDE))["purpose"] == "share"
    other = await a_complaint(api)
    consent = await answered(api, other["id"])
    await withdrawn(api, other["id"], consent["id"])
    assert wanted(await linked(api, other["id"], consent_override=OVERRIDE))["purpose"] == "share"


async def test_a_reader_of_another_organisation_overrides_nothing(api: Api) -> None:
    case = await a_complaint(api)
    await granted(api, case["id"], "write")
    await answered(api, case["id"], "store")
    proceeding = await a_proceeding(api, case["id"])
    draft = f"/v1/proceedings/{proceeding['id']}/petition"
    answer = await api.post(draft, json={"consent_override": OVERRIDE}, role="partner")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
