"""Contacts: persons and desks that can be reached, by which channel and when."""

from typing import Any

import pytest

from tests.builders import a_contact, an_organization
from tests.conftest import Api, People

HOURS = [
    {"days": ["mon", "fri"], "from": "09:00", "until": "18:00"},
    {"days": ["sat"], "from": "22:00", "until": "24:00"},
]
FULL = {
    "name": "Licenciada Ejemplo",
    "desk": False,
    "locale": "fr",
    "timezone": "America/Toronto",
    "working_hours": HOURS,
    "channels": [
        {"kind": "email", "address": "l.ejemplo+casos@correo.example.org"},
        {"kind": "webhook", "address": "https://example.org/hook"},
        {"kind": "apprise", "address": "signal://host/15551234567"},
    ],
    "visibility": "public",
}


async def test_what_was_recorded_is_read_back_field_by_field(api: Api, people: People) -> None:
    """The contact belongs to the organisation and is kept by the recorder's."""
    union = await an_organization(api)
    deputy = await a_contact(api, union["id"])
    made = await api.post(f"/v1/organizations/{union['id']}/contacts", json={**FULL, "deputy_id": deputy["id"]})
    assert made.status_code == 201
    read = (await api.get(f"/v1/contacts/{made.json()['id']}")).json()
    assert read == made.json()
    assert {name: read[name] for name in FULL} == FULL
    assert read["organization_id"] == union["id"]
    assert read["owner_id"] == str(people.centre_id)
    assert read["deputy_id"] == deputy["id"]


async def test_a_name_is_enough(api: Api) -> None:
    """No hours means always; no channel means not reachable yet."""
    union = await an_organization(api)
    made = await api.post(f"/v1/organizations/{union['id']}/contacts", json={"name": "Ana"})
    assert made.status_code == 201
    assert (made.json()["working_hours"], made.json()["channels"], made.json()["desk"]) == ([], [], False)
    assert made.json()["visibility"] == "linked"


async def test_an_address_that_smuggles_a_header_is_refused(api: Api, people: People) -> None:
    """A notice must go to one inbox; what is a mailbox is tested with the other words."""
    body = {"name": "Ana", "channels": [{"kind": "email", "address": "a@example.org\r\nBcc: all@example.org"}]}
    answer = await api.post(f"/v1/organizations/{people.centre_id}/contacts", json=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/channels/0/address"]


async def test_every_fault_of_a_contact_is_told_at_once(api: Api, people: People) -> None:
    """Hours, channels and plain fields alike."""
    body: dict[str, Any] = {
        "name": "",
        "timezone": "CST",
        "working_hours": [
            {"days": [], "from": "09:00", "until": "09:00"},
            {"days": ["mon"], "from": "9", "until": "25:00"},
        ],
        "channels": [
            {"kind": "webhook", "address": "ftp://example.org"},
            {"kind": "apprise", "address": "signal"},
            {"kind": "fax", "address": "1"},
        ],
    }
    answer = await api.post(f"/v1/organizations/{people.centre_id}/contacts", json=body)
    assert {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]} == {
        ("/name", "too_short"),
        ("/timezone", "format"),
        ("/working_hours/0/days", "too_short"),
        ("/working_hours/0/until", "not_allowed"),
        ("/working_hours/1/from", "format"),
        ("/working_hours/1/until", "format"),
        ("/channels/0/address", "format"),
        ("/channels/1/address", "format"),
        ("/channels/2/kind", "code"),
    }


async def test_one_address_twice_is_one_too_many(api: Api, people: People) -> None:
    """Capitals make no second inbox."""
    channels = [{"kind": "email", "address": "a@example.org"}, {"kind": "email", "address": "A@example.org"}]
    body = {"name": "Ana", "channels": channels}
    answer = await api.post(f"/v1/organizations/{people.centre_id}/contacts", json=body)
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [("/channels/1", "duplicate")]


async def test_a_deputy_is_another_contact_of_the_same_organisation(api: Api) -> None:
    """Neither somebody elsewhere nor oneself; both refusals leave the record as it was."""
    here, there = await an_organization(api), await an_organization(api)
    contact, stranger = await a_contact(api, here["id"]), await a_contact(api, there["id"])
    body = {"name": "Ana", "deputy_id": stranger["id"]}
    refused = await api.post(f"/v1/organizations/{here['id']}/contacts", json=body)
    assert [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]] == [("/deputy_id", "not_found")]
    for deputy, code in ((stranger, "not_found"), (contact, "not_allowed")):
        answer = await api.patch(f"/v1/contacts/{contact['id']}", json={"deputy_id": deputy["id"]}, version=1)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == code
    assert (await api.get(f"/v1/contacts/{contact['id']}")).json() == contact


async def test_a_change_replaces_channels_and_hours_whole(api: Api, people: People) -> None:
    """A number that changed is not kept beside the new one."""
    made = (await api.post(f"/v1/organizations/{people.centre_id}/contacts", json=FULL)).json()
    new = [{"kind": "email", "address": "otra@example.org"}]
    changed = await api.patch(
        f"/v1/contacts/{made['id']}", json={"channels": new, "working_hours": [], "locale": None}, version=1
    )
    assert changed.json() == {**made, "channels": new, "working_hours": [], "locale": None, "version": 2}


async def test_a_contact_that_stands_in_for_another_is_not_deleted(api: Api, people: People) -> None:
    """First the one who relies on it, then it."""
    deputy = await a_contact(api, people.centre_id)
    relying = await a_contact(api, people.centre_id, deputy_id=deputy["id"])
    assert (await api.delete(f"/v1/contacts/{deputy['id']}", version=1)).status_code == 409
    assert (await api.delete(f"/v1/contacts/{relying['id']}", version=1)).status_code == 204
    assert (await api.delete(f"/v1/contacts/{deputy['id']}", version=1)).status_code == 204
    assert (await api.get(f"/v1/contacts/{deputy['id']}")).status_code == 404


async def test_a_hidden_deputy_is_not_named(api: Api) -> None:
    """The contact shows; who stands in for it is the keeper's own knowledge."""
    union = await an_organization(api, visibility="public")
    hidden = await a_contact(api, union["id"], visibility="private")
    shown = await a_contact(api, union["id"], visibility="public", deputy_id=hidden["id"])
    assert shown["deputy_id"] == hidden["id"]
    assert (await api.get(f"/v1/contacts/{shown['id']}", role="partner")).json()["deputy_id"] is None


async def test_contacts_are_listed_by_desk_and_by_name(api: Api) -> None:
    """Words ignore accents; only the organisation's own contacts are in its list."""
    union, other = await an_organization(api), await an_organization(api)
    desk = await a_contact(api, union["id"], name="Recepción")
    person = await a_contact(api, union["id"], name="José Ángel", desk=False)
    await a_contact(api, other["id"], name="Jose Recepcion")
    path = f"/v1/organizations/{union['id']}/contacts"

    async def listed(**wanted: str) -> list[str]:
        return [one["id"] for one in (await api.get(path, params=wanted)).json()["items"]]

    assert await listed() == [desk["id"], person["id"]]
    assert await listed(sort="name") == [person["id"], desk["id"]]
    assert await listed(desk="true") == [desk["id"]]
    assert await listed(desk="false") == [person["id"]]
    assert await listed(q="jose angel") == [person["id"]]
    assert await listed(q="recepcion") == [desk["id"]]
    assert await listed(updated_since="2026-03-02T15:00:01Z") == []


async def test_contacts_of_no_organisation_are_not_found(api: Api) -> None:
    """An id that is none answers 404, to reading and to recording."""
    path = "/v1/organizations/01890000-0000-7000-8000-000000000000/contacts"
    assert (await api.get(path)).status_code == 404
    assert (await api.post(path, json={"name": "Ana"})).status_code == 404


OWN_TIME: dict[str, Any] = {
    "quiet_hours": {"from": "21:00", "until": "07:30"},
    "holidays": "mx-lft",
    "away": [{"from": "2026-03-05", "until": "2026-03-05"}],
    "digest": {"every": "week", "at": "08:00", "weekday": "mon", "empty": True, "beside": False},
    "calm": False,
    "verified_by": "Ana, por teléfono",
}


async def test_its_own_time_is_read_back_field_by_field(api: Api, people: People) -> None:
    """One day away begins and ends on the same date."""
    made = await api.post(f"/v1/organizations/{people.centre_id}/contacts", json={**FULL, **OWN_TIME})
    assert made.status_code == 201, made.text
    assert {name: made.json()[name] for name in OWN_TIME} == OWN_TIME
    assert made.json()["verified_at"] == "2026-03-02T15:00:00Z"


async def test_every_fault_of_its_own_time_is_told_at_once(api: Api, people: People) -> None:
    """Each with the place where it stands."""
    body: dict[str, Any] = {
        "name": "Ana",
        "quiet_hours": {"from": "22:00", "until": "22:00"},
        "holidays": "mx-nowhere",
        "away": [{"from": "2026-03-05", "until": "2026-03-04"}, {"from": "2026-02-30", "until": "2026-03-04"}],
        "digest": {"every": "week", "at": "08:00"},
    }
    answer = await api.post(f"/v1/organizations/{people.centre_id}/contacts", json=body)
    assert answer.status_code == 422
    assert {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]} == {
        ("/quiet_hours/until", "not_allowed"),
        ("/holidays", "code"),
        ("/away/0/until", "before_start"),
        ("/away/1/from", "date"),
        ("/digest/weekday", "required"),
    }


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"quiet_hours": {"from": "22:00", "until": "24:00"}}, "/quiet_hours/until"),
        ({"quiet_hours": {"from": "22:00"}}, "/quiet_hours/until"),
        ({"quiet_hours": {"from": "22:00", "until": "07:00", "days": ["mon"]}}, "/quiet_hours/days"),
        ({"digest": {"every": "day", "at": "08:00", "weekday": "mon"}}, "/digest/weekday"),
        ({"digest": {"every": "month", "at": "08:00"}}, "/digest/every"),
        ({"digest": {"every": "day", "at": "8:00"}}, "/digest/at"),
        ({"digest": {"every": "day", "at": "08:00", "tone": "soft"}}, "/digest/tone"),
        ({"away": [{"from": "2026-03-05", "until": None}]}, "/away/0/until"),
        ({"calm": "yes"}, "/calm"),
        ({"verified_by": ""}, "/verified_by"),
        ({"verified_at": "2026-03-02T15:00:00Z"}, "/verified_at"),
        ({"digest_next_at": "2026-03-02T15:00:00Z"}, "/digest_next_at"),
    ],
)
async def test_a_fault_of_its_own_time_names_its_place(
    api: Api, people: People, changes: dict[str, Any], pointer: str
) -> None:
    """On recording and on changing alike."""
    path = f"/v1/organizations/{people.centre_id}/contacts"
    contact = await a_contact(api, people.centre_id)
    for answer in (
        await api.post(path, json={"name": "Ana", **changes}),
        await api.patch(f"/v1/contacts/{contact['id']}", json=changes, version=1),
    ):
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert (await api.get(f"/v1/contacts/{contact['id']}")).json() == contact


async def test_strangers_do_not_learn_when_somebody_is_away_or_who_vouched(api: Api) -> None:
    """Hours are there for all who see the contact: they say when to call."""
    union = await an_organization(api, visibility="public")
    shown = await a_contact(api, union["id"], visibility="public", working_hours=HOURS, **OWN_TIME)
    path = f"/v1/contacts/{shown['id']}"
    listed = await api.get(f"/v1/organizations/{union['id']}/contacts", role="partner")
    for seen in ((await api.get(path, role="partner")).json(), listed.json()["items"][0]):
        assert {name: seen[name] for name in ("away", "digest", "calm", "verified_by")} == {
            "away": [],
            "digest": None,
            "calm": None,
            "verified_by": None,
        }
        assert (seen["working_hours"], seen["quiet_hours"]) == (HOURS, OWN_TIME["quiet_hours"])
    assert (await api.get(path)).json() == shown


async def test_what_is_taken_back_is_gone(api: Api, people: People) -> None:
    """Null ends quiet hours, days off and the digest; an empty list the days away."""
    made = await api.post(f"/v1/organizations/{people.centre_id}/contacts", json={**FULL, **OWN_TIME})
    ended: dict[str, Any] = {"quiet_hours": None, "holidays": None, "away": [], "digest": None}
    changed = await api.patch(f"/v1/contacts/{made.json()['id']}", json=ended, version=1)
    assert changed.json() == {**made.json(), **ended, "version": 2}
