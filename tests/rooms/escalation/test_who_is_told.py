"""Who is told by the place an organisation has in a case, and whom an acknowledgement silences."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import a_complaint, a_proceeding, an_event
from tests.conftest import Api, Clock
from tests.rooms.climbing import a_case, a_day_goes_by, ledger, the_run
from vigilancia.core.vocabularies import codes
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep

TOLD = {"petitioner", "co_petitioner", "representative", "challenger_union", "counsel", "supporter"}
ROLES = sorted(codes("link_role"))
OVERRIDE = {"by": "Ana", "reason": "Ella misma pidió la revisión"}


async def told_as(api: Api, desk: Desk, role: str, **link: Any) -> bool:
    """Link the union in a role, let a rung fall due, and say whether the union was told."""
    complaint = await a_complaint(api)
    body = {"organization_id": str(api.people.union_id), "role": role, **link}
    answer = await api.post(f"/v1/complaints/{complaint['id']}/links", json=body)
    assert answer.status_code == 201, answer.text
    proceeding = await a_proceeding(api, complaint["id"])
    await an_event(api, proceeding["id"])
    await sweep(desk)
    told = {notice["organization_id"] for notice in await ledger(api)}
    assert str(api.people.centre_id) in told
    return str(api.people.union_id) in told


def test_the_list_names_roles_that_exist() -> None:
    assert set(ROLES) > TOLD


@pytest.mark.parametrize("role", ROLES)
async def test_without_an_approval_only_the_roles_of_the_list_are_told(api: Api, desk: Desk, role: str) -> None:
    access = {"access": "read", "adverse": False}  # an offer to read alerts already, but only these
    assert await told_as(api, desk, role, **access) is (role in TOLD)


@pytest.mark.parametrize("role", ROLES)
async def test_with_a_named_approval_every_role_is_told(api: Api, desk: Desk, role: str) -> None:
    approved = {"access": "alerts", "alerts_approved_by": "Ana", "adverse_override": OVERRIDE}
    assert await told_as(api, desk, role, **approved)


@pytest.mark.parametrize("role", ROLES)
async def test_a_link_without_access_tells_nobody_anything(api: Api, desk: Desk, role: str) -> None:
    assert not await told_as(api, desk, role, alerts_approved_by="Ana")


@pytest.mark.parametrize("role", sorted(set(ROLES) - TOLD))
async def test_alerts_to_a_role_outside_the_list_want_a_name(api: Api, role: str) -> None:
    complaint = await a_complaint(api)
    body = {"organization_id": str(api.people.union_id), "role": role, "access": "alerts", "adverse": False}
    answer = await api.post(f"/v1/complaints/{complaint['id']}/links", json=body)

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/alerts_approved_by"]


@pytest.mark.parametrize(("who", "silent"), [("staff", "centre_id"), ("partner", "union_id")])
async def test_an_acknowledgement_silences_its_own_organisation_only(
    api: Api, desk: Desk, clock: Clock, who: str, silent: str
) -> None:
    clock.advance(timedelta(days=-5))  # the rung three days before has spoken by now, the next one not
    case = await a_case(api)
    await a_day_goes_by(desk)
    clock.advance(timedelta(days=4))
    run = await the_run(api, case["id"], role=who)
    until = (clock.now + timedelta(days=3)).isoformat()
    answer = await api.post(f"/v1/escalations/{run['id']}/acknowledge", json={"until": until}, role=who)
    assert answer.status_code in {200, 201}, answer.text
    clock.advance(timedelta(days=1))
    await a_day_goes_by(desk)

    before = {each["organization_id"]: each["status"] for each in await ledger(api) if each["rung"] == "-1d"}
    own, other = str(getattr(api.people, silent)), {"centre_id": "union_id", "union_id": "centre_id"}[silent]
    assert before[own] == "suppressed"
    assert before[str(getattr(api.people, other))] == "stored"
    clock.advance(timedelta(days=1))
    await a_day_goes_by(desk)
    last_day = {each["organization_id"]: each["status"] for each in await ledger(api) if each["rung"] == "0"}
    assert set(last_day.values()) == {"stored"}
    assert len(last_day) == 2
