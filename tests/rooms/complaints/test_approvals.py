"""A second person's yes: asked with a reason, given by somebody else, used once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from tests.builders import a_complaint, a_contact
from tests.conftest import Api, Clock, looking
from tests.rooms.complaints.cases import granted, pointers
from tests.rooms.complaints.test_walls import a_second_token, hold, wall
from vigilancia.core.work import Desk
from vigilancia.registry.models import SafeguardRow


async def careful(api: Api, desk: Desk, *kinds: str) -> None:
    """Let the centre want a second person for some kinds."""
    async with looking(desk) as session:
        await session.execute(
            insert(SafeguardRow).values(
                organization_id=api.people.centre_id,
                consent="people",
                second_person=list(kinds),
                version=1,
                updated_at=desk.now(),
            )
        )
        await session.commit()


async def ask(api: Api, complaint_id: str, kind: str = "close", *, role: str = "staff", **more: Any) -> Any:
    """Ask for a yes."""
    body = {"kind": kind, "complaint_id": complaint_id, "reason": "canaryreason", **more}
    return await api.post("/v1/approvals", role=role, json=body)


@pytest.mark.parametrize(
    ("kind", "change"), [("close", {"status": "closed"}), ("publish", {"confidentiality": "public"})]
)
async def test_closing_and_publishing_want_another_persons_yes(
    api: Api, desk: Desk, kind: str, change: dict[str, str]
) -> None:
    await a_second_token(api, desk)
    await careful(api, desk, kind)
    case = await a_complaint(api)
    path = f"/v1/complaints/{case['id']}"
    refused = await api.patch(path, json=change, version=1)
    assert (refused.status_code, refused.json()["code"]) == (403, "approval-required")
    assert kind in refused.json()["detail"]
    asked = (await ask(api, case["id"], kind)).json()
    assert (asked["status"], asked["subject_id"], asked["reason"]) == ("asked", case["id"], "canaryreason")
    assert (await api.patch(path, json=change, version=1)).status_code == 403
    granted_ = await api.post(f"/v1/approvals/{asked['id']}/grant", role="colleague")
    assert granted_.json()["status"] == "granted"
    assert (await api.patch(path, json=change, version=1, role="colleague")).status_code == 403  # not the asker
    done = await api.patch(path, json=change, version=1)
    assert done.status_code == 200, done.text
    assert (await api.get(f"/v1/approvals/{asked['id']}")).json()["status"] == "used"


async def test_a_yes_serves_once(api: Api, desk: Desk) -> None:
    await a_second_token(api, desk)
    await careful(api, desk, "close")
    case = await a_complaint(api)
    path = f"/v1/complaints/{case['id']}"
    asked = (await ask(api, case["id"])).json()
    await api.post(f"/v1/approvals/{asked['id']}/grant", role="colleague")
    assert (await api.patch(path, json={"status": "closed"}, version=1)).status_code == 200
    assert (await api.patch(path, json={"status": "open"}, version=2)).status_code == 200
    assert (await api.patch(path, json={"status": "closed"}, version=3)).status_code == 403


async def test_a_refused_request_uses_no_yes(api: Api, desk: Desk) -> None:
    await a_second_token(api, desk)
    await careful(api, desk, "close")
    case = await a_complaint(api)
    asked = (await ask(api, case["id"])).json()
    await api.post(f"/v1/approvals/{asked['id']}/grant", role="colleague")
    path = f"/v1/complaints/{case['id']}"
    assert (await api.patch(path, json={"status": "closed"}, version=7)).status_code == 412
    assert (await api.patch(path, json={"status": "closed", "facility_id": case["id"]}, version=1)).status_code == 422
    assert (await api.get(f"/v1/approvals/{asked['id']}")).json()["status"] == "granted"


async def test_no_way_round_by_logging_or_merging(api: Api, desk: Desk) -> None:
    await careful(api, desk, "close", "publish")
    body = {"title": "x", "received_on": "2026-02-02"}
    for more in ({"confidentiality": "public"}, {"status": "closed"}):
        answer = await api.post("/v1/complaints", json=body | more)
        assert answer.json()["code"] == "approval-required"
    case, other = await a_complaint(api), await a_complaint(api)
    merged = await api.post(
        f"/v1/complaints/{case['id']}/merge", json={"into": other["id"], "reason": "la misma"}, version=1
    )
    assert merged.json()["code"] == "approval-required"


async def test_taking_back_from_the_public_wants_nobody(api: Api, desk: Desk) -> None:
    case = await a_complaint(api, confidentiality="public")
    await careful(api, desk, "close", "publish")
    path = f"/v1/complaints/{case['id']}"
    assert (await api.patch(path, json={"confidentiality": "restricted"}, version=1)).status_code == 200


async def test_without_safeguards_one_person_closes_and_publishes(api: Api) -> None:
    case = await a_complaint(api)
    path = f"/v1/complaints/{case['id']}"
    assert (await api.patch(path, json={"status": "closed", "confidentiality": "public"}, version=1)).status_code == 200


async def test_nobody_decides_on_what_he_asked_by_whichever_token(api: Api, desk: Desk) -> None:
    ana = await a_contact(api, api.people.centre_id, name="Ana", desk=False)
    case = await a_complaint(api)
    asked = (await ask(api, case["id"])).json()
    path = f"/v1/approvals/{asked['id']}"
    assert (await api.post(f"{path}/grant")).status_code == 403
    await hold(desk, "test staff", ana["id"])
    await a_second_token(api, desk, ana["id"])
    asked = (await ask(api, case["id"])).json()
    path = f"/v1/approvals/{asked['id']}"
    for role in ("staff", "colleague"):
        for verb in ("grant", "refuse"):
            assert (await api.post(f"{path}/{verb}", role=role)).status_code == 403, (role, verb)
    await hold(desk, "colleague", None)
    assert (await api.post(f"{path}/refuse", role="colleague")).json()["status"] == "refused"


async def test_the_other_token_of_the_same_person_may_use_the_yes(api: Api, desk: Desk) -> None:
    ana = await a_contact(api, api.people.centre_id, name="Ana", desk=False)
    await careful(api, desk, "close")
    case = await a_complaint(api)
    await hold(desk, "test staff", ana["id"])
    await a_second_token(api, desk)
    asked = (await ask(api, case["id"])).json()
    await api.post(f"/v1/approvals/{asked['id']}/grant", role="colleague")
    await hold(desk, "colleague", ana["id"])
    closed = await api.patch(f"/v1/complaints/{case['id']}", json={"status": "closed"}, version=1, role="colleague")
    assert closed.status_code == 200


async def test_a_linked_writer_asks_and_the_owner_decides(api: Api, desk: Desk) -> None:
    await careful(api, desk, "close")
    case = await a_complaint(api)
    await granted(api, case["id"], "write")
    asked = (await ask(api, case["id"], role="partner")).json()
    assert (await ask(api, case["id"], "publish", role="partner")).status_code == 403
    path = f"/v1/approvals/{asked['id']}"
    assert (await api.post(f"{path}/grant", role="partner")).status_code == 403
    assert (await api.get(path, role="stranger")).status_code == 404
    assert (await api.post(f"{path}/grant", role="stranger")).status_code == 404
    assert (await api.get(path, role="partner")).json()["reason"] == "canaryreason"
    assert (await api.post(f"{path}/grant")).status_code == 200
    closed = await api.patch(f"/v1/complaints/{case['id']}", json={"status": "closed"}, version=1, role="partner")
    assert closed.status_code == 200


async def test_requests_lapse(api: Api, desk: Desk, clock: Clock) -> None:
    await a_second_token(api, desk)
    case = await a_complaint(api)
    asked = (await ask(api, case["id"])).json()
    clock.advance(timedelta(days=7))
    path = f"/v1/approvals/{asked['id']}"
    assert (await api.get(path)).json()["status"] == "lapsed"
    assert (await api.post(f"{path}/grant", role="colleague")).status_code == 409
    assert (await api.get("/v1/approvals", params={"status": "asked"})).json()["items"] == []
    assert len((await api.get("/v1/approvals", params={"status": "lapsed", "kind": "close"})).json()["items"]) == 1


async def test_who_is_walled_off_decides_on_nothing_there(api: Api, desk: Desk) -> None:
    await a_second_token(api, desk)
    case = await a_complaint(api)
    asked = (await ask(api, case["id"])).json()
    await wall(api, case["id"], token_id=str(await hold(desk, "colleague", None)))
    assert (await api.get("/v1/approvals", role="colleague")).json()["items"] == []
    assert (await api.post(f"/v1/approvals/{asked['id']}/grant", role="colleague")).status_code == 404


async def test_a_yes_about_one_case_is_not_asked_in_the_name_of_another(api: Api) -> None:
    case, other = await a_complaint(api), await a_complaint(api)
    refused = await ask(api, case["id"], subject_id=other["id"])
    assert pointers(refused.json()) == {("/subject_id", "not_found")}
    nobody = await ask(api, case["id"], "identity", subject_id=other["id"])
    assert pointers(nobody.json()) == {("/subject_id", "not_found")}
    nothing = await ask(api, case["id"], "unmask")
    assert pointers(nothing.json()) == {("/subject_id", "required")}


async def test_reasons_stay_out_of_the_timeline_and_approvals_out_of_a_partys(api: Api) -> None:
    case = await a_complaint(api)
    await granted(api, case["id"], "read")
    await ask(api, case["id"])
    path = f"/v1/complaints/{case['id']}/timeline"
    own = (await api.get(path)).text
    assert "approval_asked" in own
    assert "canaryreason" not in own
    assert "approval_" not in (await api.get(path, role="partner")).text
