"""Who may learn who somebody is, with which reason, and what the audit keeps."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.api.exits import STANDINGS
from tests.api.test_problems import the_problem
from tests.builders import a_complaint, a_link
from tests.conftest import Api, Clock
from tests.rooms.complaints.cases import granted, pointers
from tests.rooms.people.persons import (
    NAME,
    WHY,
    WORDS,
    a_person,
    ask,
    audited,
    be_careful,
    decide,
    identity,
    room,
    shared,
    traces,
)
from vigilancia.core.errors import ConflictError, ForbiddenError
from vigilancia.core.work import Desk

_INSIDE = ("owner", "writer")


@pytest.mark.parametrize("standing", list(STANDINGS))
async def test_the_room_is_there_only_for_those_who_may_record_in_the_case(
    api: Api, clock: Clock, standing: str
) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    role, give = STANDINGS[standing]
    await give(api, case["id"])
    clock.advance(timedelta(days=10))
    path = f"{room(case)}/{made['id']}"
    lists = [await api.get(address, role=role) for address in (room(case), path)]
    writes = [
        await api.post(room(case), json={"role": "witness"}, role=role),
        await api.patch(path, json={"notes": "x"}, role=role, version=1),
        await api.delete(path, role=role, version=1),
        await identity(api, case, made, role=role),
        await ask(api, case, made, role=role),
    ]
    for answer in (*lists, *writes):
        assert not traces(answer.text) or (standing == "owner" and answer is writes[3])
    if standing not in _INSIDE:
        assert {answer.status_code for answer in lists} == {404}
        assert {answer.status_code for answer in writes} <= {403, 404}  # 403: a role that never has the scope
        assert {answer.status_code for answer in writes} == ({403} if role in _WITHOUT_SCOPE else {404})
    elif standing == "writer":
        assert [answer.status_code for answer in lists + writes] == [200, 200, 201, 403, 403, 403, 403]
        assert lists[1].json()["shared_with"] is None


_WITHOUT_SCOPE = ("admin", "analyst", "union_admin", "union_analyst")


async def test_the_owners_staff_reads_who_it_is_and_the_audit_keeps_why(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    answer = await identity(api, case, made)
    assert answer.status_code == 200
    told = answer.json()
    assert {name: told[name] for name in WORDS} == WORDS
    assert answer.headers["Cache-Control"] == "no-store"
    ((row, why),) = await audited(desk, "person")
    assert (row.action, str(row.complaint_id), str(row.subject_id)) == ("read", case["id"], made["id"])
    assert (row.organization_id, row.token_id) == (api.people.centre_id, api.people.staff.token_id)
    assert why == WHY
    assert row.why is not None
    assert b"canarywhy" not in row.why


async def test_no_identity_is_read_without_a_reason(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    for body, fault in (({}, "required"), ({"reason": "  "}, "too_short"), ({"reason": ""}, "too_short")):
        answer = await api.post(f"{room(case)}/{made['id']}/identity", json=body)
        assert pointers(answer.json()) == {("/reason", fault)}
    assert await audited(desk, "person") == []


async def test_each_reading_is_kept_also_when_it_is_sent_again(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    for _ in range(2):
        path = f"{room(case)}/{made['id']}/identity"
        await api.post(path, json={"reason": WHY}, headers={"Idempotency-Key": "a"})
    assert len(await audited(desk, "person")) == 2


async def test_a_person_of_another_case_is_not_found_by_its_id(api: Api) -> None:
    case, other = await a_complaint(api), await a_complaint(api)
    made = await a_person(api, case)
    the_problem(await identity(api, other, made), 404, "not-found")
    the_problem(await api.get(f"{room(other)}/{made['id']}"), 404, "not-found")
    the_problem(await api.patch(f"{room(other)}/{made['id']}", json={"notes": None}, version=1), 404, "not-found")


async def test_a_writer_reads_who_it_is_only_where_the_owner_says_so_for_that_person(api: Api) -> None:
    case = await a_complaint(api)
    await granted(api, case["id"], "write")
    told, hidden = await a_person(api, case), await a_person(api, case, name="Otra")
    the_problem(await identity(api, case, told, role="partner"), 403, "forbidden")
    assert (await shared(api, case, told, api.people.union_id)).status_code == 200
    assert (await identity(api, case, told, role="partner")).json()["name"] == NAME
    the_problem(await identity(api, case, hidden, role="partner"), 403, "forbidden")
    assert (await shared(api, case, told)).status_code == 200
    the_problem(await identity(api, case, told, role="partner"), 403, "forbidden")


async def test_what_is_shared_ends_with_the_link(api: Api) -> None:
    case = await a_complaint(api)
    link = await granted(api, case["id"], "write")
    made = await a_person(api, case)
    await shared(api, case, made, api.people.union_id)
    path = f"/v1/complaints/{case['id']}/links/{link['id']}"
    assert (await api.patch(path, json={"access": "read"}, version=link["version"])).status_code == 200
    the_problem(await identity(api, case, made, role="partner"), 404, "not-found")


async def test_a_link_that_is_not_accepted_may_be_named_and_opens_nothing(api: Api) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    link = await a_link(api, case["id"], api.people.union_id, access="write")
    assert (await shared(api, case, made, api.people.union_id)).status_code == 200
    the_problem(await identity(api, case, made, role="partner"), 404, "not-found")
    await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner")
    assert (await identity(api, case, made, role="partner")).status_code == 200


async def test_who_also_stands_on_the_other_side_is_never_told(api: Api) -> None:
    case = await a_complaint(api)
    await granted(api, case["id"], "write")
    made = await a_person(api, case)
    await shared(api, case, made, api.people.union_id)
    adverse = {"organization_id": str(api.people.union_id), "role": "accused", "adverse": True, "access": "none"}
    assert (await api.post(f"/v1/complaints/{case['id']}/links", json=adverse)).status_code == 201
    the_problem(await identity(api, case, made, role="partner"), 404, "not-found")  # a wall stands: there is no case
    assert (await shared(api, case, made, api.people.union_id)).status_code == 422


async def test_who_records_somebody_may_read_it_again_until_the_owner_ends_that(api: Api) -> None:
    case = await a_complaint(api)
    await granted(api, case["id"], "write")
    made = await a_person(api, case, role="partner")
    assert (await identity(api, case, made, role="partner")).json()["name"] == NAME
    assert (await api.get(f"{room(case)}/{made['id']}")).json()["shared_with"] == [str(api.people.union_id)]
    await shared(api, case, made)
    the_problem(await identity(api, case, made, role="partner"), 403, "forbidden")


async def test_a_writer_changes_what_it_sees_and_not_the_words_it_may_not_read(api: Api) -> None:
    case = await a_complaint(api)
    await granted(api, case["id"], "write")
    path = f"{room(case)}/{(await a_person(api, case))['id']}"
    assert (await api.patch(path, json={"interpreter_needed": False}, role="partner", version=1)).status_code == 200
    bodies: tuple[dict[str, Any], ...] = (
        {"name": "x"},
        {"contact": []},
        {"notes": None},
        {"contact_safe": "x"},
        {"shared_with": []},
    )
    for body in bodies:
        the_problem(await api.patch(path, json=body, role="partner", version=2), 403, "forbidden")
    the_problem(await api.delete(path, role="partner", version=2), 403, "forbidden")


async def test_a_token_without_the_scope_reads_nobody(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    body = {"role": "staff", "name": "t", "scopes": ["complaints:read"], "organization_id": str(api.people.centre_id)}
    token = (await api.post("/v1/tokens", json=body, role="admin")).json()["token"]
    api.people.tokens["narrow"] = token
    assert (await api.get(f"{room(case)}/{made['id']}", role="narrow")).status_code == 200
    the_problem(await identity(api, case, made, role="narrow"), 403, "forbidden")
    the_problem(await ask(api, case, made, role="narrow"), 403, "forbidden")
    assert await audited(desk, "person") == []


class TestWhereASecondPersonIsWanted:
    """The owner named `identity` among what wants another person's yes."""

    async def test_the_refusal_says_what_to_do(self, api: Api, desk: Desk) -> None:
        case = await a_complaint(api)
        made = await a_person(api, case)
        await be_careful(desk, api.people.centre_id)
        answer = await identity(api, case, made)
        problem = the_problem(answer, 403, "approval-required")
        assert [fault["code"] for fault in problem["errors"]] == ["ask_identity"]
        assert "identity-requests" in problem["errors"][0]["detail"]
        assert not traces(answer.text)

    async def test_another_persons_yes_serves_once_for_who_asked(self, api: Api, desk: Desk) -> None:
        case = await a_complaint(api)
        made = await a_person(api, case)
        await be_careful(desk, api.people.centre_id)
        asked = await ask(api, case, made, role="ana")
        assert (asked.status_code, asked.json()["status"], asked.json()["person_id"]) == (201, "asked", made["id"])
        the_problem(await identity(api, case, made, role="ana"), 403, "approval-required")
        await decide(desk, api.people.bea, asked)
        the_problem(await identity(api, case, made, role="bea"), 403, "approval-required")
        assert (await identity(api, case, made, role="ana_too")).json()["name"] == NAME  # the same holder
        the_problem(await identity(api, case, made, role="ana"), 403, "approval-required")
        told = [row.facts for row, _ in await audited(desk, "person")]
        assert told == [{"second_person": True}]

    @pytest.mark.parametrize("decider", ["ana", "ana_too"])
    async def test_nobody_says_yes_to_himself(self, api: Api, desk: Desk, decider: str) -> None:
        case = await a_complaint(api)
        made = await a_person(api, case)
        await be_careful(desk, api.people.centre_id)
        asked = await ask(api, case, made, role="ana")
        with pytest.raises(ForbiddenError):
            await decide(desk, api.people.callers[decider], asked)
        the_problem(await identity(api, case, made, role="ana"), 403, "approval-required")

    async def test_a_no_opens_nothing(self, api: Api, desk: Desk) -> None:
        case = await a_complaint(api)
        made = await a_person(api, case)
        await be_careful(desk, api.people.centre_id)
        asked = await ask(api, case, made, role="ana")
        await decide(desk, api.people.bea, asked, yes=False)
        the_problem(await identity(api, case, made, role="ana"), 403, "approval-required")
        with pytest.raises(ConflictError):
            await decide(desk, api.people.bea, asked)

    async def test_a_yes_for_one_person_is_none_for_another(self, api: Api, desk: Desk) -> None:
        case = await a_complaint(api)
        made, other = await a_person(api, case), await a_person(api, case)
        await be_careful(desk, api.people.centre_id)
        await decide(desk, api.people.bea, await ask(api, case, made, role="ana"))
        the_problem(await identity(api, case, other, role="ana"), 403, "approval-required")

    async def test_a_yes_lapses_after_a_week(self, api: Api, desk: Desk, clock: Clock) -> None:
        case = await a_complaint(api)
        made = await a_person(api, case)
        await be_careful(desk, api.people.centre_id)
        await decide(desk, api.people.bea, await ask(api, case, made, role="ana"))
        clock.advance(timedelta(days=7, seconds=1))
        the_problem(await identity(api, case, made, role="ana"), 403, "approval-required")

    async def test_of_ten_who_read_at_once_with_one_yes_one_does(self, api: Api, desk: Desk) -> None:
        case = await a_complaint(api)
        made = await a_person(api, case)
        await be_careful(desk, api.people.centre_id)
        await decide(desk, api.people.bea, await ask(api, case, made, role="ana"))
        answers = await asyncio.gather(*(identity(api, case, made, role="ana") for _ in range(10)))
        assert sorted(answer.status_code for answer in answers) == [200] + [403] * 9

    async def test_a_partner_wants_the_owners_yes_too(self, api: Api, desk: Desk) -> None:
        case = await a_complaint(api)
        await granted(api, case["id"], "write")
        made = await a_person(api, case)
        the_problem(await ask(api, case, made, role="partner"), 403, "forbidden")
        await shared(api, case, made, api.people.union_id)
        await be_careful(desk, api.people.centre_id)
        the_problem(await identity(api, case, made, role="partner"), 403, "approval-required")
        await decide(desk, api.people.staff, await ask(api, case, made, role="partner"))
        assert (await identity(api, case, made, role="partner")).json()["name"] == NAME

    async def test_a_request_sent_twice_with_a_key_is_one_and_its_reason_is_sealed(self, api: Api, desk: Desk) -> None:
        case = await a_complaint(api)
        made = await a_person(api, case)
        path = f"{room(case)}/{made['id']}/identity-requests"
        sent = [await api.post(path, json={"reason": WHY}, headers={"Idempotency-Key": "a"}) for _ in range(2)]
        assert sent[0].json() == sent[1].json()
        assert "canarywhy" not in sent[0].text
        assert UUID(sent[0].json()["id"])
        assert await audited(desk, "person") == []
