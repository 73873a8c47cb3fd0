"""Links: parties, what they may see, and who decides."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.builders import a_complaint, a_link, an_organization
from tests.conftest import Api, Clock, looking
from tests.rooms.complaints.cases import a_full_case, granted, pointers
from vigilancia.core.work import Desk


async def try_link(api: Api, complaint_id: str, organization_id: Any, **body: Any) -> Any:
    """Try to record a link."""
    return await api.post(
        f"/v1/complaints/{complaint_id}/links", json={"organization_id": str(organization_id), **body}
    )


async def test_a_link_is_a_fact_without_access_unless_said(api: Api) -> None:
    case = await a_complaint(api)
    answer = await try_link(api, case["id"], api.people.union_id, role="petitioner")
    link = answer.json()
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"v1"'
    assert (link["access"], link["adverse"], link["accepted_at"]) == ("none", False, None)
    assert (await api.get(f"/v1/complaints/{case['id']}", role="partner")).status_code == 404


async def test_dates_and_source_stay_with_the_link(api: Api) -> None:
    case = await a_complaint(api)
    facts = {"valid_from": "2023-05-09", "expires_at": "2026-12-31T06:00:00Z", "source": "https://example.org/p"}
    link = await a_link(api, case["id"], api.people.union_id, **facts)
    assert {name: link[name] for name in facts} == facts


async def test_alerts_count_at_once(api: Api) -> None:
    case = await a_complaint(api)
    await a_link(api, case["id"], api.people.union_id, access="alerts")
    assert (await api.get(f"/v1/complaints/{case['id']}", role="partner")).json()["view"] == "alerts"


@pytest.mark.parametrize(("access", "writes"), [("read", 403), ("write", 200)])
async def test_read_and_write_count_from_acceptance(api: Api, access: str, writes: int) -> None:
    case = await a_complaint(api)
    path = f"/v1/complaints/{case['id']}"
    link = await a_link(api, case["id"], api.people.union_id, access=access)
    assert (await api.get(path, role="partner")).json()["view"] == "alerts"  # a petitioner's offer alerts already
    accepted = await api.post(f"{path}/links/{link['id']}/accept", role="partner")
    assert accepted.json()["accepted_at"] == "2026-03-02T15:00:00Z"
    assert (await api.get(path, role="partner")).json()["view"] == "full"
    assert (await api.patch(path, json={"tags": ["a"]}, version=1, role="partner")).status_code == writes


async def test_the_receiver_sees_and_accepts_its_offer_before_it_sees_the_case(api: Api) -> None:
    case = await a_complaint(api)
    offer = await try_link(api, case["id"], api.people.union_id, role="observer", access="read")
    path = f"/v1/complaints/{case['id']}"
    link_path = f"{path}/links/{offer.json()['id']}"
    assert (await api.get(path, role="partner")).status_code == 404
    assert (await api.get(link_path, role="partner")).json()["access"] == "read"
    assert len((await api.get(f"{path}/links", role="partner")).json()["items"]) == 1
    assert (await api.get(link_path, role="stranger")).status_code == 404
    assert (await api.post(f"{link_path}/accept", role="stranger")).status_code == 404
    assert (await api.post(f"{link_path}/accept")).status_code == 403  # the owner cannot accept for another
    assert (await api.post(f"{link_path}/accept", role="union_analyst")).status_code == 403
    assert (await api.post(f"{link_path}/accept", role="partner")).status_code == 200
    assert (await api.get(path, role="partner")).json()["view"] == "full"


async def test_accepting_twice_changes_nothing(api: Api, clock: Clock) -> None:
    case = await a_complaint(api)
    first = await granted(api, case["id"], "read")
    clock.advance(timedelta(days=1))
    again = await api.post(f"/v1/complaints/{case['id']}/links/{first['id']}/accept", role="partner")
    assert again.json() == first


async def test_there_is_nothing_to_accept_in_alerts_or_a_mere_fact(api: Api) -> None:
    case = await a_complaint(api)
    link = await a_link(api, case["id"], api.people.union_id, access="alerts")
    answer = await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner")
    assert answer.status_code == 409
    fact = await try_link(api, case["id"], api.people.union_id, role="observer")
    path = f"/v1/complaints/{case['id']}/links/{fact.json()['id']}"
    assert (await api.get(path, role="partner")).status_code == 404


async def test_more_access_than_was_accepted_wants_acceptance_anew(api: Api) -> None:
    case = await a_complaint(api)
    link = await granted(api, case["id"], "read")
    path = f"/v1/complaints/{case['id']}/links/{link['id']}"
    raised = await api.patch(path, json={"access": "write"}, version=2)
    assert raised.json()["accepted_at"] is None
    await api.post(f"{path}/accept", role="partner")
    lowered = await api.patch(path, json={"access": "read"}, version=4)
    assert lowered.json()["accepted_at"] is not None


async def test_access_ends_with_the_link(api: Api, clock: Clock) -> None:
    case = await a_complaint(api)
    await a_link(api, case["id"], api.people.union_id, expires_at="2026-03-10T06:00:00Z")
    path = f"/v1/complaints/{case['id']}"
    clock.set(datetime(2026, 3, 10, 5, 59, 59, tzinfo=UTC))
    assert (await api.get(path, role="partner")).status_code == 200
    clock.set(datetime(2026, 3, 10, 6, 0, tzinfo=UTC))
    assert (await api.get(path, role="partner")).status_code == 404
    assert (await api.get("/v1/complaints", role="partner")).json()["items"] == []


async def test_a_union_petitions_and_is_itself_accused(api: Api) -> None:
    case = await a_complaint(api)
    union = await an_organization(api)
    for role in ("petitioner", "accused", "contract_holder"):
        answer = await try_link(api, case["id"], union["id"], role=role)
        assert answer.status_code == 201
        assert answer.json()["adverse"] is (role == "accused")
    twice = await try_link(api, case["id"], union["id"], role="accused")
    assert twice.status_code == 409
    assert pointers(twice.json()) == {("/role", "duplicate")}


async def test_an_adverse_party_gets_nothing_unless_a_person_says_why(api: Api) -> None:
    case = await a_complaint(api)
    path = f"/v1/complaints/{case['id']}"
    refused = await try_link(api, case["id"], api.people.union_id, role="petitioner", access="alerts", adverse=True)
    assert pointers(refused.json()) == {("/access", "not_allowed")}
    override = {"by": "Ana López", "reason": "Firmó la petición y corrigió su falta"}
    answer = await try_link(
        api,
        case["id"],
        api.people.union_id,
        role="petitioner",
        access="alerts",
        adverse=True,
        adverse_override=override,
    )
    assert answer.json()["adverse_override"] == override
    assert (await api.get(path, role="partner")).json()["view"] == "alerts"
    link_path = f"{path}/links/{answer.json()['id']}"
    assert (await api.get(link_path, role="partner")).json()["adverse_override"] is None
    withdrawn = await api.patch(link_path, json={"adverse_override": None}, version=1)
    assert pointers(withdrawn.json()) == {("/access", "not_allowed")}
    assert (await api.patch(link_path, json={"adverse_override": None, "access": "none"}, version=1)).status_code == 200
    assert (await api.get(path, role="partner")).status_code == 404


async def test_no_override_is_null_in_the_database_too(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    link = await a_link(api, case["id"], api.people.union_id)
    await api.patch(f"/v1/complaints/{case['id']}/links/{link['id']}", json={"source": "acta"}, version=1)
    async with looking(desk) as session:
        assert await session.scalar(text("SELECT adverse_override IS NULL FROM complaint_link"))


async def test_alerts_to_other_roles_want_a_persons_approval(api: Api) -> None:
    case = await a_complaint(api)
    body = {"role": "election_observer", "access": "alerts"}
    refused = await try_link(api, case["id"], api.people.union_id, **body)
    assert pointers(refused.json()) == {("/alerts_approved_by", "required")}
    approved = await try_link(api, case["id"], api.people.union_id, **body, alerts_approved_by="Ana López")
    assert approved.status_code == 201
    assert (await api.get(f"/v1/complaints/{case['id']}", role="partner")).json()["view"] == "alerts"


async def test_all_faults_of_a_link_come_at_once(api: Api) -> None:
    case = await a_complaint(api)
    body = {"role": "accused", "access": "alerts", "valid_from": "2026-02-01", "expires_at": "2026-01-01T00:00:00Z"}
    answer = await try_link(api, case["id"], uuid4(), **body)
    assert pointers(answer.json()) == {
        ("/organization_id", "not_found"),
        ("/access", "not_allowed"),
        ("/alerts_approved_by", "required"),
        ("/expires_at", "range"),
    }


async def test_an_organisation_one_may_not_see_answers_like_one_that_does_not_exist(api: Api) -> None:
    case = await a_complaint(api)
    hidden = await an_organization(api, role="partner")
    answers = [await try_link(api, case["id"], id_, role="observer") for id_ in (hidden["id"], uuid4())]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json()["errors"] == answers[1].json()["errors"]


async def test_a_linked_writer_records_but_does_not_manage_links(api: Api) -> None:
    case = await a_complaint(api)
    own = await granted(api, case["id"], "write")
    path = f"/v1/complaints/{case['id']}/links"
    body = {"organization_id": str(api.people.union_id), "role": "counsel"}
    assert (await api.post(path, json=body, role="partner")).status_code == 403
    assert (await api.patch(f"{path}/{own['id']}", json={"source": "x"}, version=2, role="partner")).status_code == 403
    assert (await api.delete(f"{path}/{own['id']}", version=2, role="partner")).status_code == 403
    assert (await api.post(path, json=body, role="stranger")).status_code == 404


async def test_an_ended_link_gives_nothing_and_stays_on_the_timeline(api: Api) -> None:
    case = await a_complaint(api)
    link = await granted(api, case["id"], "read")
    path = f"/v1/complaints/{case['id']}"
    assert (await api.delete(f"{path}/links/{link['id']}")).status_code == 428
    assert (await api.delete(f"{path}/links/{link['id']}", version=1)).status_code == 412
    assert (await api.delete(f"{path}/links/{link['id']}", version=2)).status_code == 204
    assert (await api.get(path, role="partner")).status_code == 404
    last = (await api.get(f"{path}/timeline")).json()["items"][-1]
    assert (last["type"], last["before"]["access"]) == ("link_removed", "read")


async def test_a_public_case_names_only_parties_whose_own_record_is_public(api: Api) -> None:
    case = await a_full_case(api, confidentiality="public")
    known = await an_organization(api, name="Sindicato Conocido", visibility="public")
    await a_link(api, case["id"], known["id"], source="https://example.org")
    await a_link(api, case["id"], api.people.union_id)
    seen = (await api.get(f"/v1/complaints/{case['id']}/links", role="stranger")).json()["items"]
    assert [link["organization_id"] for link in seen] == [known["id"]]
    assert (seen[0]["role"], seen[0]["access"]) == ("petitioner", None)
    asked = await api.get(f"/v1/complaints/{case['id']}/links", role="stranger", params={"access": "alerts"})
    assert asked.json()["items"] == []


async def test_links_are_filtered_and_paged(api: Api) -> None:
    case = await a_complaint(api)
    made = [await a_link(api, case["id"], (await an_organization(api, name=f"S {n}"))["id"]) for n in range(3)]
    await a_link(api, case["id"], api.people.union_id, access="read")
    path = f"/v1/complaints/{case['id']}/links"
    page = (await api.get(path, params={"limit": "2"})).json()
    rest = (await api.get(path, params={"limit": "2", "cursor": page["next"]})).json()
    shown = [link["id"] for link in [*page["items"], *rest["items"]]]
    assert shown == sorted(shown)  # ids tell no instant, and so no order either
    assert {link["id"] for link in made} < set(shown)
    read = (await api.get(path, params={"access": "read,write"})).json()["items"]
    assert [link["organization_id"] for link in read] == [str(api.people.union_id)]


async def test_a_role_is_corrected_unless_the_party_holds_it_already(api: Api) -> None:
    case = await a_complaint(api)
    link = await a_link(api, case["id"], api.people.union_id)
    await try_link(api, case["id"], api.people.union_id, role="counsel")
    path = f"/v1/complaints/{case['id']}/links/{link['id']}"
    assert (await api.patch(path, json={"role": "co_petitioner"}, version=1)).json()["role"] == "co_petitioner"
    assert (await api.patch(path, json={"role": "counsel"}, version=2)).status_code == 409
