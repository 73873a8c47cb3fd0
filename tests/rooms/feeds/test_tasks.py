"""An organisation's own tasks stand in its feeds beside the deadlines, called by their code, never by their title."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.builders import a_complaint, a_contact, a_link
from tests.conftest import Api, Clock
from tests.rooms.escalation.test_merged import merged, unmerged
from tests.rooms.feeds.reading import a_feed, event, events, fetch


async def a_task(api: Api, complaint_id: str, *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Record that evidence is to be supplemented by 20 March 2026."""
    body = {"code": "supplement_evidence", "due_on": "2026-03-20", "title": "canarytitle", **changes}
    answer = await api.post(f"/v1/complaints/{complaint_id}/tasks", json=body, role=role)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def patched(api: Api, task: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Change a task."""
    path = f"/v1/complaints/{task['complaint_id']}/tasks/{task['id']}"
    answer = await api.patch(path, json=changes, version=(await api.get(path)).json()["version"])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def ended(api: Api, task: dict[str, Any], how: str) -> None:
    """End a task, or open it again."""
    path = f"/v1/complaints/{task['complaint_id']}/tasks/{task['id']}"
    version = (await api.get(path)).json()["version"]
    answer = await api.post(f"{path}/{how}", json={}, version=version)
    assert answer.status_code == 200, answer.text


async def a_tasked_feed(api: Api, **feed: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Record a case with a task, and make a feed of the case."""
    case = await a_complaint(api)
    return case, await a_task(api, case["id"]), await a_feed(api, complaint_id=case["id"], **feed)


async def test_a_task_is_an_entry_called_by_its_code(api: Api) -> None:
    case, task, feed = await a_tasked_feed(api, locale="en", alarms=True)
    entry = await event(api, feed)
    assert entry["uid"] == f"{task['id']}@vigilancia.test"
    assert str(entry["summary"]).startswith(f"[{case['reference']}] Task: ")
    assert (entry.start, entry["status"], entry.sequence) == (date(2026, 3, 20), "CONFIRMED", 0)
    assert "Last day: Friday 20 March 2026." in str(entry["description"])
    assert len(entry.walk("VALARM")) == 1
    assert "canary" not in (await fetch(api, feed)).text


async def test_the_number_of_a_task_grows_with_each_change_and_with_a_merge(api: Api) -> None:
    case, task, feed = await a_tasked_feed(api)
    numbers = [(await event(api, feed)).sequence]
    await patched(api, task, due_on="2026-03-25")
    assert (await event(api, feed)).start == date(2026, 3, 25)
    numbers.append((await event(api, feed)).sequence)
    await merged(api, case)
    assert (await event(api, feed))["status"] == "CANCELLED"
    numbers.append((await event(api, feed)).sequence)
    await unmerged(api, case)
    assert (await event(api, feed))["status"] == "CONFIRMED"
    numbers.append((await event(api, feed)).sequence)
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize(
    ("how", "said", "status"), [("done", "Hecha: ", "CONFIRMED"), ("cancel", "Cancelada: ", "CANCELLED")]
)
async def test_a_task_that_ended_says_so_and_rings_no_more(
    api: Api, clock: Clock, how: str, said: str, status: str
) -> None:
    _, task, feed = await a_tasked_feed(api, alarms=True)
    await ended(api, task, how)
    entry = await event(api, feed)
    assert str(entry["summary"]).startswith(said)
    assert (entry["status"], entry.sequence) == (status, 1)
    assert entry.walk("VALARM") == []
    clock.advance(timedelta(days=90))
    assert len(await events(api, feed)) == (1 if how == "done" else 0)


async def test_a_contacts_feed_has_its_tasks_and_a_desks_those_nobody_is_named_for(api: Api) -> None:
    centre = str(api.people.centre_id)
    ana = await a_contact(api, centre, name="Ana", desk=False)
    desks = (await api.get(f"/v1/organizations/{centre}/contacts", params={"desk": "true"})).json()["items"]
    case = await a_complaint(api)
    hers, nobodys = await a_task(api, case["id"], contact_id=ana["id"]), await a_task(api, case["id"])

    async def shown(**subject: str) -> set[str]:
        return {str(each["uid"]).partition("@")[0] for each in await events(api, await a_feed(api, **subject))}

    assert await shown(contact_id=ana["id"]) == {hers["id"]}
    assert await shown(contact_id=desks[0]["id"]) == {nobodys["id"]}
    assert await shown(organization_id=centre) == {hers["id"], nobodys["id"]}


async def test_another_organisations_task_is_in_no_feed_of_ones_own_and_lost_access_takes_the_own_away(
    api: Api,
) -> None:
    case = await a_complaint(api)
    link = await a_link(api, case["id"], api.people.union_id, access="write")
    path = f"/v1/complaints/{case['id']}/links/{link['id']}"
    assert (await api.post(f"{path}/accept", role="partner")).status_code == 200
    await a_task(api, case["id"])
    theirs = await a_task(api, case["id"], role="partner")
    feed = await a_feed(api, role="partner", complaint_id=case["id"])
    assert str((await event(api, feed))["uid"]).startswith(theirs["id"])
    less = await api.patch(path, json={"access": "alerts"}, version=2)
    assert less.status_code == 200, less.text
    assert await events(api, feed) == []
