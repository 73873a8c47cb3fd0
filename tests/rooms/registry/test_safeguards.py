"""Safeguards: what an organisation asks of itself, and that loosening them does not go unnoticed."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.builders import a_contact, an_organization
from tests.conftest import Api, looking
from tests.rooms.complaints.cases import pointers
from vigilancia.access.models import AuditRow, PrivacyAlertRow
from vigilancia.core.work import Desk

STRICT = {"consent": "always", "second_person": ["close", "identity"], "privacy_lead_id": None}
LAX: dict[str, Any] = {"consent": "people", "second_person": [], "privacy_lead_id": None}


def address(api: Api) -> str:
    return f"/v1/organizations/{api.people.centre_id}/safeguards"


async def choose(api: Api, version: int, **body: Any) -> dict[str, Any]:
    answer = await api.request("PUT", address(api), json=body, version=version)
    assert answer.status_code == 200, answer.text
    chosen: dict[str, Any] = answer.json()
    return chosen


async def told(desk: Desk) -> list[tuple[str, dict[str, Any] | None]]:
    async with looking(desk) as session:
        alerts = (await session.scalars(select(PrivacyAlertRow).order_by(PrivacyAlertRow.id))).all()
        notes = (
            await session.scalars(select(AuditRow).where(AuditRow.what == "safeguards").order_by(AuditRow.seq))
        ).all()
    assert len(alerts) == len(notes)
    return [(str(alert.subject_id), note.facts) for alert, note in zip(alerts, notes, strict=True)]


async def test_as_long_as_nothing_is_chosen_the_usual_holds_at_version_0(api: Api) -> None:
    answer = await api.get(address(api))
    assert answer.headers["ETag"] == '"v0"'
    assert answer.json() == {"organization_id": str(api.people.centre_id), **LAX, "version": 0}


async def test_they_are_chosen_whole_and_by_version(api: Api, desk: Desk) -> None:
    first = await api.request("PUT", address(api), json=STRICT, version=0)
    assert (first.status_code, first.headers["ETag"]) == (200, '"v1"')
    assert (await api.request("PUT", address(api), json=STRICT, version=0)).status_code == 412
    assert (await api.request("PUT", address(api), json=STRICT)).status_code == 428
    assert (await choose(api, 1, **STRICT))["version"] == 1  # nothing differs
    read = await api.get(address(api), headers={"If-None-Match": '"v1"'})
    assert read.status_code == 304
    assert await told(desk) == []


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({**LAX, "second_person": ["close", "close"]}, {("/second_person/1", "duplicate")}),
        ({**LAX, "consent": "never"}, {("/consent", "code")}),
        ({**LAX, "second_person": ["sleep"]}, {("/second_person/0", "code")}),
        ({"consent": "people", "second_person": []}, {("/privacy_lead_id", "required")}),
        ({**LAX, "privacy_lead_id": str(uuid4())}, {("/privacy_lead_id", "not_found")}),
    ],
)
async def test_what_does_not_fit_is_refused(api: Api, body: dict[str, Any], faults: set[tuple[str, str]]) -> None:
    answer = await api.request("PUT", address(api), json=body, version=0)
    assert answer.status_code == 422
    assert {pointer for pointer, _ in pointers(answer.json())} == {pointer for pointer, _ in faults}


async def test_the_privacy_lead_is_a_contact_that_the_organisation_keeps_of_itself(api: Api) -> None:
    other = await an_organization(api)
    theirs = await a_contact(api, other["id"])
    refused = await api.request("PUT", address(api), json={**LAX, "privacy_lead_id": theirs["id"]}, version=0)
    assert refused.status_code == 422
    ana = await a_contact(api, api.people.centre_id, desk=False, visibility="private")
    assert (await choose(api, 0, **{**LAX, "privacy_lead_id": ana["id"]}))["privacy_lead_id"] == ana["id"]


async def test_only_ones_own_are_read_and_chosen(api: Api) -> None:
    known = await an_organization(api, visibility="public")
    path = f"/v1/organizations/{known['id']}/safeguards"
    assert (await api.get(path, role="partner")).status_code == 403
    assert (await api.request("PUT", path, json=LAX, version=0, role="partner")).status_code == 403
    hidden = await an_organization(api, visibility="private")
    for place in (hidden["id"], uuid4()):
        assert (await api.get(f"/v1/organizations/{place}/safeguards", role="partner")).status_code == 404
    assert (await api.get(address(api), role="analyst")).status_code == 403
    for role in ("admin", "analyst"):
        assert (await api.request("PUT", address(api), json=LAX, version=0, role=role)).status_code == 403
    assert (await api.get(address(api), role="admin")).status_code == 200


async def test_what_asks_less_is_noted_and_told(api: Api, desk: Desk) -> None:
    await choose(api, 0, **STRICT)
    await choose(api, 1, **{**STRICT, "second_person": ["close", "identity", "publish"]})
    assert await told(desk) == []
    await choose(api, 2, **{**STRICT, "second_person": ["publish"]})
    await choose(api, 3, **LAX)
    centre = str(api.people.centre_id)
    assert await told(desk) == [
        (centre, {"loosened": ["close", "identity"]}),
        (centre, {"loosened": ["consent", "publish"]}),
    ]


async def test_a_lead_is_not_replaced_behind_its_back(api: Api, desk: Desk) -> None:
    ana, luz = [(await a_contact(api, api.people.centre_id, name=name, desk=False))["id"] for name in ("Ana", "Luz")]
    await choose(api, 0, **{**LAX, "privacy_lead_id": ana})
    await choose(api, 1, **{**LAX, "privacy_lead_id": luz})
    await choose(api, 2, **LAX)
    assert await told(desk) == [(ana, {"loosened": ["privacy_lead"]}), (luz, {"loosened": ["privacy_lead"]})]
