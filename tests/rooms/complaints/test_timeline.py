"""The timeline: complete, in order, and in the reader's view."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.builders import a_complaint, a_facility, a_link
from tests.conftest import Api, Clock
from tests.rooms.complaints.cases import CANARIES, a_full_case, everything, granted
from vigilancia.complaints.timeline import Note, note_all
from vigilancia.core.work import Desk


async def entries(api: Api, complaint_id: str, *, role: str = "staff", **params: str) -> list[dict[str, Any]]:
    """Return a timeline's first page."""
    answer = await api.get(f"/v1/complaints/{complaint_id}/timeline", role=role, params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_reading_it_from_first_to_last_rebuilds_the_case(api: Api, clock: Clock) -> None:
    plant, other = await a_facility(api), await a_facility(api, name="Otra")
    kin = await a_complaint(api)
    made = await a_complaint(api, **everything(facility_ids=[plant["id"], other["id"]]))
    path = f"/v1/complaints/{made['id']}"
    changes: list[dict[str, Any]] = [
        {"status": "open", "handler_id": None},
        {"title": "Con otro título", "affected_workers": {"min": 10, "max": None}, "tags": []},
        {"facility_ids": [other["id"]], "related": [{"complaint_id": kin["id"], "kind": "same_question"}]},
        {"narrative": "Otra cosa", "incidents": [], "confidentiality": "partners", "received_on": "2026-02-18"},
        {"status": "closed"},
        {"affected_workers": None, "facility_id": plant["id"], "narrative": None},
    ]
    for version, change in enumerate(changes, start=1):
        clock.advance(timedelta(hours=1))
        answer = await api.patch(path, json=change, version=version)
        assert answer.status_code == 200, answer.text
    rebuilt: dict[str, Any] = {}
    for entry in await entries(api, made["id"]):
        before = entry["before"] or {}
        assert {name: rebuilt.get(name) for name in before} == before
        rebuilt |= entry["after"]
    shown = (await api.get(path)).json()
    assert (rebuilt.pop("narrative"), rebuilt.pop("summary")) == ("changed", "changed")
    rest = {"id", "view", "version", "created_at", "updated_at", "narrative", "summary"}
    assert rebuilt == {name: value for name, value in shown.items() if name not in rest}


async def test_an_entry_says_who_when_and_what(api: Api, clock: Clock) -> None:
    made = await a_complaint(api)
    await granted(api, made["id"], "write")
    clock.advance(timedelta(minutes=5))
    await api.patch(f"/v1/complaints/{made['id']}", json={"risk_level": "high"}, version=1, role="partner")
    last = (await entries(api, made["id"]))[-1]
    assert last["type"] == "complaint_changed"
    assert last["at"] == "2026-03-02T15:05:00Z"
    assert last["actor"] == {
        "organization_id": str(api.people.union_id),
        "token_id": str(api.people.partner.token_id),
    }
    assert (last["before"], last["after"]) == ({"risk_level": None}, {"risk_level": "high"})


async def test_every_step_of_a_link_is_noted(api: Api) -> None:
    made = await a_complaint(api)
    link = await granted(api, made["id"], "read")
    path = f"/v1/complaints/{made['id']}/links/{link['id']}"
    await api.patch(path, json={"access": "write"}, version=2)
    await api.delete(path, version=3)
    noted = await entries(api, made["id"])
    assert [(entry["type"], entry["subject_id"]) for entry in noted[1:]] == [
        ("link_recorded", link["id"]),
        ("link_accepted", link["id"]),
        ("link_changed", link["id"]),
        ("link_removed", link["id"]),
    ]
    assert noted[3]["before"] == {"access": "read", "accepted_at": "2026-03-02T15:00:00Z"}
    assert noted[3]["after"] == {"access": "write", "accepted_at": None}


@pytest.mark.parametrize("name", ["narrative", "summary"])
async def test_narrative_and_summary_never_stand_in_it(api: Api, name: str) -> None:
    made = await a_full_case(api)
    answer = await api.patch(f"/v1/complaints/{made['id']}", json={name: f"Otra {CANARIES[name]}"}, version=1)
    assert answer.status_code == 200
    told = (await api.get(f"/v1/complaints/{made['id']}/timeline")).text
    assert CANARIES[name] not in told
    assert told.count(f'"{name}":"changed"') == 2


async def test_it_is_paged_in_the_order_of_writing(api: Api) -> None:
    made = await a_complaint(api)
    for version in range(1, 6):
        await api.patch(f"/v1/complaints/{made['id']}", json={"title": f"v{version}"}, version=version)
    path = f"/v1/complaints/{made['id']}/timeline"
    first = (await api.get(path, params={"limit": "4"})).json()
    rest = (await api.get(path, params={"limit": "4", "cursor": first["next"]})).json()
    titles = [entry["after"]["title"] for entry in [*first["items"], *rest["items"]]]
    assert titles == ["Despidos tras una asamblea", "v1", "v2", "v3", "v4", "v5"]
    assert rest["next"] is None
    newest = await entries(api, made["id"], sort="-seq", limit="1")
    assert newest[0]["after"] == {"title": "v5"}


async def test_one_kind_of_entry_can_be_asked_for(api: Api) -> None:
    made = await a_complaint(api)
    await api.patch(f"/v1/complaints/{made['id']}", json={"status": "open"}, version=1)
    found = await entries(api, made["id"], type="complaint_status_changed,link_recorded")
    assert [entry["after"] for entry in found] == [{"status": "open"}]


async def test_a_refused_write_is_not_noted(api: Api) -> None:
    made = await a_complaint(api)
    await api.patch(f"/v1/complaints/{made['id']}", json={"status": "intake", "title": ""}, version=1)
    await api.patch(f"/v1/complaints/{made['id']}", json={"title": "x"}, version=9)
    assert len(await entries(api, made["id"])) == 1


@pytest.fixture
async def steps(api: Api, desk: Desk) -> dict[str, Any]:
    """A case on whose timeline a step and a date are noted, between other things."""
    case = await a_full_case(api)
    async with desk.work(api.people.staff) as work:
        notes = [
            Note(type="event_recorded", after={"on": "2026-02-20", "note": "canarynote"}),
            Note(type="notice_planned", after={"contact": "canarycontact"}),
            Note(type="deadline_moved", before={"due_on": "2026-03-20"}, after={"due_on": "2026-03-22"}),
            Note(type="eventually_not_a_step", after={"x": "canaryx"}),
        ]
        await note_all(work, UUID(case["id"]), notes)
    return case


async def test_who_gets_alerts_sees_only_which_steps_and_dates_were_recorded(api: Api, steps: dict[str, Any]) -> None:
    await a_link(api, steps["id"], api.people.union_id)
    seen = await entries(api, steps["id"], role="partner")
    assert [(entry["type"], entry["at"]) for entry in seen] == [
        ("event_recorded", "2026-03-02T15:00:00Z"),
        ("deadline_moved", "2026-03-02T15:00:00Z"),
    ]
    assert all(entry["before"] is entry["after"] is entry["actor"] is None for entry in seen)
    assert await entries(api, steps["id"], role="partner", type="complaint_logged") == []


async def test_analysts_see_the_month_of_a_step(api: Api, steps: dict[str, Any]) -> None:
    seen = await entries(api, steps["id"], role="analyst")
    assert [(entry["type"], entry["at"]) for entry in seen] == [
        ("event_recorded", "2026-03-01T00:00:00Z"),
        ("deadline_moved", "2026-03-01T00:00:00Z"),
    ]
    assert all(entry["before"] is entry["after"] is entry["actor"] is None for entry in seen)


async def test_a_public_case_shows_its_steps_whole_but_no_remarks(api: Api, steps: dict[str, Any]) -> None:
    await api.patch(f"/v1/complaints/{steps['id']}", json={"confidentiality": "public"}, version=1)
    seen = await entries(api, steps["id"], role="stranger")
    assert [(entry["before"], entry["after"]) for entry in seen] == [
        (None, {"on": "2026-02-20"}),
        ({"due_on": "2026-03-20"}, {"due_on": "2026-03-22"}),
    ]
    assert seen[0]["actor"] == {"organization_id": str(api.people.centre_id), "token_id": None}


async def test_related_cases_stand_in_it_only_for_who_sees_them(api: Api) -> None:
    hidden = await a_complaint(api)
    made = await a_complaint(api, related=[{"complaint_id": hidden["id"], "kind": "born_of"}])
    await granted(api, made["id"], "read")
    own, partners = [(await entries(api, made["id"], role=role))[0]["after"] for role in ("staff", "partner")]
    assert own["related"] == [{"complaint_id": hidden["id"], "kind": "born_of"}]
    assert partners["related"] == []


async def test_decisions_on_links_stand_in_it_for_the_owner_alone(api: Api) -> None:
    made = await a_complaint(api)
    override = {"by": "Ana López", "reason": "canaryreason"}
    await granted(api, made["id"], "read")
    body: dict[str, Any] = {"organization_id": str(api.people.union_id), "role": "accused", "access": "alerts"}
    body |= {"alerts_approved_by": "Ana López", "adverse_override": override}
    assert (await api.post(f"/v1/complaints/{made['id']}/links", json=body)).json()["adverse"] is True
    path = f"/v1/complaints/{made['id']}/timeline"
    assert "canaryreason" in (await api.get(path)).text
    partners = (await api.get(path, role="partner")).text
    assert "canaryreason" not in partners
    assert "Ana López" not in partners
