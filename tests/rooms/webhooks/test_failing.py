"""A dying endpoint: disabled in time, and its owner told once for each occasion."""

import email
from datetime import timedelta
from email import policy
from typing import Any, cast

import pytest

from tests.builders import a_complaint
from tests.conftest import Api, Clock
from tests.rooms.climbing import ledger
from tests.rooms.webhooks.receiver import Receiver, all_goes_out, an_endpoint, deliveries
from vigilancia.core.i18n import LOCALES, t
from vigilancia.core.settings import Locale, Settings
from vigilancia.core.work import Desk
from vigilancia.notices.delivery import deliver_all
from vigilancia.notices.webhooks import letters


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[letters.OwnerLetter]:
    """The letters handed to the ledger."""
    found: list[letters.OwnerLetter] = []

    async def keep(_work: Any, letter: letters.OwnerLetter) -> None:
        found.append(letter)

    monkeypatch.setattr(letters, "tell_owner", keep)
    return found


async def read(api: Api, endpoint: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = (await api.get(f"/v1/webhook-endpoints/{endpoint['id']}")).json()
    return answer


async def test_gone_disables_at_once_and_the_owner_is_told(
    api: Api, desk: Desk, receiver: Receiver, told: list[letters.OwnerLetter]
) -> None:
    receiver.usual = 410
    endpoint = await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await a_complaint(api)
    await all_goes_out(desk)

    assert len(receiver.calls) == 1
    assert (await read(api, endpoint))["disabled_reason"] == "gone"
    assert [(row["status"], row["reason"]) for row in await deliveries(api, endpoint)] == [
        ("failed", "gone"),
        ("suppressed", "endpoint_disabled"),
    ]
    assert [letter.occasion for letter in told] == ["disabled"]


async def test_five_days_without_a_success_disable_and_the_owner_is_told_twice(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver, told: list[letters.OwnerLetter]
) -> None:
    receiver.usual = 500
    endpoint = await an_endpoint(api, receiver.url)
    began = clock.now
    seen: list[tuple[str, timedelta]] = []
    while clock.now - began <= timedelta(hours=121):
        await a_complaint(api)
        await all_goes_out(desk)
        seen += [(letter.occasion, clock.now - began) for letter in told[len(seen) :]]
        clock.advance(timedelta(hours=12))

    assert seen == [("failing", timedelta(days=1)), ("disabled", timedelta(days=5))]
    assert (await read(api, endpoint))["disabled_reason"] == "failing"
    assert {row["status"] for row in await deliveries(api, endpoint)} <= {"failed", "suppressed"}


async def test_one_success_ends_a_run_of_failures(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver, told: list[letters.OwnerLetter]
) -> None:
    endpoint = await an_endpoint(api, receiver.url)
    for usual in (500, 500, 204, 500, 500):
        receiver.usual = usual
        await a_complaint(api)
        await all_goes_out(desk)
        clock.advance(timedelta(hours=23))

    assert (await read(api, endpoint))["first_failed_at"] is not None
    assert told == []


async def test_a_failure_long_after_the_last_begins_a_new_run(
    api: Api, desk: Desk, clock: Clock, receiver: Receiver, told: list[letters.OwnerLetter]
) -> None:
    receiver.usual = 500
    endpoint = await an_endpoint(api, receiver.url)
    await api.post(f"/v1/webhook-endpoints/{endpoint['id']}/test")
    await all_goes_out(desk)
    for _ in range(12):
        clock.advance(timedelta(hours=30))  # past every wait: the tries of one event come to their end
        await all_goes_out(desk)
    told.clear()
    clock.advance(timedelta(days=20))
    await a_complaint(api)
    await all_goes_out(desk)

    assert (await read(api, endpoint))["enabled"] is True
    assert told == []


async def test_enabling_again_begins_anew(
    api: Api, desk: Desk, receiver: Receiver, told: list[letters.OwnerLetter]
) -> None:
    receiver.usual = 410
    endpoint = await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await all_goes_out(desk)
    receiver.usual = 204
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    answer = await api.patch(path, json={"enabled": True}, version=(await read(api, endpoint))["version"])
    assert answer.status_code == 200, answer.text
    again = await api.post(f"{path}/replay", json={"since": "2026-03-02T00:00:00Z"})
    assert again.json() == {"planned": 1, "next": None}
    await all_goes_out(desk)

    assert (await deliveries(api, endpoint))[-1]["status"] == "delivered"
    assert len(told) == 1


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_letter_says_what_to_do_and_no_address_of_the_endpoint(
    api: Api, desk: Desk, receiver: Receiver, settings: Settings, locale: str
) -> None:
    await a_desk_that_reads(api, locale)
    receiver.usual = 410
    endpoint = await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await all_goes_out(desk)
    await deliver_all(desk)

    (notice,) = await ledger(api, kind="endpoint")
    assert (notice["status"], notice["complaint_id"]) == ("stored", None)
    stored = email.message_from_bytes((settings.mail_dir / f"{notice['id']}.eml").read_bytes(), policy=policy.default)
    text = stored.get_body(("plain",))
    assert text is not None
    said = f"{stored['Subject']} {text.get_content()}"
    assert f"/v1/webhook-endpoints/{endpoint['id']}" in said
    assert "{" not in said
    assert receiver.url not in said
    assert t("webhooks.disabled_gone.subject", cast("Locale", locale)) in said


async def test_an_endpoint_that_works_again_needs_no_letter(api: Api, desk: Desk, receiver: Receiver) -> None:
    receiver.usual = 410
    endpoint = await an_endpoint(api, receiver.url)
    await a_complaint(api)
    await all_goes_out(desk)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    await api.patch(path, json={"enabled": True}, version=(await read(api, endpoint))["version"])
    await deliver_all(desk)

    assert [(each["status"], each["reason"]) for each in await ledger(api, kind="endpoint")] == [
        ("suppressed", "superseded")
    ]


async def a_desk_that_reads(api: Api, locale: str) -> None:
    """Have the centre's desk read a language."""
    found = await api.get(f"/v1/organizations/{api.people.centre_id}/contacts", params={"desk": "true"})
    (desk,) = found.json()["items"]
    answer = await api.patch(f"/v1/contacts/{desk['id']}", json={"locale": locale}, version=desk["version"])
    assert answer.status_code == 200, answer.text
