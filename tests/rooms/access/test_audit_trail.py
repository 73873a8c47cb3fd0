"""Reading the audit: the access log of a case, one's own trail, heads; and unusual reading."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.api.world import a_world
from tests.builders import a_complaint, a_link
from tests.conftest import Api, Clock, Database
from tests.rooms.access.auditing import rows
from vigilancia.access import audit
from vigilancia.access.chain import sealing, unusual
from vigilancia.access.chain.unusual import crossings, figures
from vigilancia.core.ids import new_id
from vigilancia.core.work import Desk


async def log_of(api: Api, complaint_id: str, **params: Any) -> list[dict[str, Any]]:
    """Read the access log of a case as its owner's staff."""
    answer = await api.get(f"/v1/complaints/{complaint_id}/access-log", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_the_log_of_a_case_tells_who_came_near_it_the_newest_first(api: Api) -> None:
    complaint = await a_complaint(api)
    await a_link(api, complaint["id"], api.people.union_id, access="none")
    await api.get("/v1/complaints")  # a page that shows it
    await api.get(f"/v1/complaints/{complaint['id']}/report", role="partner")  # not there for it
    entries = await log_of(api, complaint["id"], action="read,refused")
    assert [(entry["action"], entry["what"], entry["operation"]) for entry in entries] == [
        ("refused", "complaint", "GetReport"),
        ("read", "list", "ListComplaints"),
    ]
    who = entries[0]["who"]
    assert (who["organization_id"], who["organization"], who["role"], who["token"]) == (
        str(api.people.union_id),
        "Sindicato de prueba",
        "partner",
        "test partner",
    )


async def test_it_names_the_fields_of_a_change_and_never_what_stood_in_them(api: Api) -> None:
    complaint = await a_complaint(api, title="canaryone")
    await api.patch(f"/v1/complaints/{complaint['id']}", json={"title": "canarytwo"}, version=1)
    answer = await api.get(f"/v1/complaints/{complaint['id']}/access-log", params={"what": "complaint"})
    newest = answer.json()["items"][0]
    assert (newest["change"], newest["fields"]) == ("update", ["title"])
    assert "canary" not in answer.text


async def test_it_opens_the_reason_that_was_given(api: Api, desk: Desk, empty: Database) -> None:
    complaint = await a_complaint(api)
    async with desk.work(api.people.staff) as work:
        await audit.note(work, "read", "person", complaint_id=UUID(complaint["id"]), why="Pide volver a hablar")
    assert "Pide volver" not in str(rows(empty))
    assert [entry["why"] for entry in await log_of(api, complaint["id"], what="person")] == ["Pide volver a hablar"]


@pytest.mark.parametrize("linked", [True, False])
async def test_for_everybody_else_there_is_none(api: Api, desk: Desk, *, linked: bool) -> None:
    """Not for who reads or writes the case by a link either; who may not read the audit at all is told so."""
    ids = await a_world(api, desk, linked=linked)
    path = f"/v1/complaints/{ids['complaint_id']}/access-log"
    assert (await api.get(path, role="partner")).status_code == 404
    assert (await api.get(path, role="analyst")).status_code == 403
    assert (await api.get(path, role="admin")).status_code == 403


async def test_one_reads_the_trail_of_ones_own_organisation_alone(api: Api) -> None:
    complaint = await a_complaint(api)
    await api.get(f"/v1/complaints/{complaint['id']}", role="partner")
    mine = (await api.get("/v1/audit")).json()["items"]
    theirs = (await api.get("/v1/audit", role="partner", params={"action": "refused"})).json()["items"]
    assert {entry["who"]["organization_id"] for entry in mine} == {str(api.people.centre_id)}
    assert [entry["complaint_id"] for entry in theirs] == [complaint["id"]]
    narrowed = {"complaint_id": complaint["id"], "token_id": str(api.people.staff.token_id), "action": "write"}
    assert len((await api.get("/v1/audit", params=narrowed)).json()["items"]) == 1


async def test_it_is_a_list_like_any_other(api: Api) -> None:
    for _ in range(3):
        await a_complaint(api)
    first = (await api.get("/v1/audit", params={"limit": 2, "what": "complaint"})).json()
    second = (await api.get("/v1/audit", params={"limit": 2, "what": "complaint", "cursor": first["next"]})).json()
    ids = [entry["id"] for entry in first["items"] + second["items"]]
    assert len(set(ids)) == 3
    assert second["next"] is None
    assert (await api.get("/v1/audit", params={"q": "x"})).status_code == 400


async def test_heads_are_given_with_the_key_that_signed_them(api: Api, desk: Desk) -> None:
    from vigilancia.access.chain import heads

    await a_complaint(api)
    await sealing.seal(desk)
    (head,) = (await api.get("/v1/audit/heads")).json()["items"]
    assert heads.holds(heads.Head(**head), heads.public_keys(desk.keys))
    assert not heads.holds(heads.Head(**(head | {"position": 1_000})), heads.public_keys(desk.keys))


def alerts(empty: Database) -> list[tuple[Any, ...]]:
    """Return the alerts that were raised: cause, whose privacy lead, about which token, on which occasion."""
    with psycopg.connect(empty.owner_url) as connection:
        query = "SELECT cause, organization_id, subject_id, occasion FROM privacy_alert ORDER BY 1, 4, 2"
        return connection.execute(query).fetchall()


async def read_cases(api: Api, desk: Desk, clock: Clock, count: int, *, minutes: float) -> None:
    """Open so many different cases, so many minutes apart."""
    for _ in range(count):
        clock.advance(timedelta(minutes=minutes))
        async with desk.work(api.people.staff) as work:
            await audit.note(work, "read", "complaint", complaint_id=new_id())


async def test_more_than_fifty_cases_in_an_hour_are_told_once_for_each_token_and_hour(
    api: Api, desk: Desk, clock: Clock, empty: Database
) -> None:
    staff = api.people.staff
    await read_cases(api, desk, clock, 50, minutes=1)
    await sealing.seal(desk)
    assert alerts(empty) == []
    await read_cases(api, desk, clock, 3, minutes=1)
    await sealing.seal(desk)
    await read_cases(api, desk, clock, 3, minutes=1)
    await sealing.seal(desk)
    assert alerts(empty) == [("unusual_reading", staff.organization_id, staff.token_id, "2026-03-02T15")]
    await read_cases(api, desk, clock, 60, minutes=0.5)
    await sealing.seal(desk)
    assert [alert[3] for alert in alerts(empty)] == ["2026-03-02T15", "2026-03-02T16"]


async def test_sixty_minutes_do_not_begin_with_the_hour(api: Api, desk: Desk, clock: Clock, empty: Database) -> None:
    clock.advance(timedelta(minutes=30))
    await read_cases(api, desk, clock, 51, minutes=1)
    await sealing.seal(desk)
    assert [alert[3] for alert in alerts(empty)] == ["2026-03-02T16"]


async def test_the_same_cases_again_and_slow_reading_are_usual(
    api: Api, desk: Desk, clock: Clock, empty: Database
) -> None:
    complaint = await a_complaint(api)
    for _ in range(60):
        await api.get(f"/v1/complaints/{complaint['id']}")
    await read_cases(api, desk, clock, 80, minutes=1.3)
    await sealing.seal(desk)
    assert alerts(empty) == []


async def test_pages_count_by_themselves(
    api: Api, desk: Desk, empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = unusual.Figures(cases_an_hour=50, listed_an_hour=2)
    monkeypatch.setattr(unusual, "figures", lambda: few)
    for _ in range(3):
        await a_complaint(api)
    await api.get("/v1/complaints", params={"limit": 2})
    await sealing.seal(desk)
    assert alerts(empty) == []
    await api.get("/v1/complaints")
    await sealing.seal(desk)
    assert [alert[0] for alert in alerts(empty)] == ["unusual_reading"]


async def test_an_identity_read_elsewhere_is_told_to_both_sides_and_one_of_ones_own_to_nobody(
    api: Api, desk: Desk, clock: Clock, empty: Database
) -> None:
    case = UUID((await a_complaint(api))["id"])
    for caller in (api.people.staff, api.people.partner, api.people.partner):
        async with desk.work(caller) as work:
            await audit.note(work, "read", "person", complaint_id=case, why="Para la audiencia")
    await sealing.seal(desk)
    token = api.people.partner.token_id
    assert {alert[:3] for alert in alerts(empty)} == {
        ("identity_elsewhere", api.people.union_id, token),
        ("identity_elsewhere", api.people.centre_id, token),
    }
    clock.advance(timedelta(hours=1))
    async with desk.work(api.people.partner) as work:
        await audit.note(work, "read", "person", complaint_id=case)
    await sealing.seal(desk)
    assert len(alerts(empty)) == 4


def test_the_window_slides() -> None:
    from tests.conftest import MONDAY

    cases = [new_id() for _ in range(4)]
    seen = [(MONDAY + timedelta(minutes=30 * place), case) for place, case in enumerate(cases)]
    assert crossings(seen, 1) == {"2026-03-02T15", "2026-03-02T16"}
    assert crossings(seen, 2) == set()  # the first leaves when the third, sixty minutes later, comes
    assert figures().cases_an_hour == 50
