"""E-mail's manners: valid messages, and one click ends them; nobody is left untold by it."""

import email
import email.policy
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.builders import a_contact
from tests.conftest import Api, Clock, People
from tests.rooms.climbing import a_case, ledger
from tests.rooms.notices.conftest import Mailbox, Subscriber
from tests.rooms.notices.test_channels import keep
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices import tokens
from vigilancia.notices.delivery import call_all, deliver_all
from vigilancia.notices.schedule import schedule

ONE_CLICK = {"Content-Type": "application/x-www-form-urlencoded"}


async def a_link(api: Api, posting: Desk, mailbox: Mailbox) -> str:
    """Send a mail and return the path behind its List-Unsubscribe."""
    await a_case(api, linked=False)
    await sweep(posting)
    await deliver_all(posting)
    found = re.fullmatch(r"<http://vigilancia\.test(/u/[\w-]+)>", str(mailbox.messages[-1]["List-Unsubscribe"]))
    assert found is not None
    return found[1]


async def the_contact(api: Api) -> dict[str, Any]:
    """Read the contact of the newest notice."""
    notice = (await ledger(api))[-1]
    found: dict[str, Any] = (await api.get(f"/v1/contacts/{notice['contact_id']}")).json()
    return found


async def test_a_mail_is_valid_plain_and_html_and_names_its_way_out(api: Api, posting: Desk, mailbox: Mailbox) -> None:
    await a_link(api, posting, mailbox)
    (message,) = mailbox.messages
    raw = message.as_bytes(policy=email.policy.SMTP)
    parsed = email.message_from_bytes(raw, policy=email.policy.default)

    assert parsed.defects == []
    assert all(part.defects == [] for part in parsed.walk())
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()
    assert len(raw) < 30_000
    assert [part.get_content_type() for part in parsed.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert {part["Content-Transfer-Encoding"] for part in parsed.walk() if not part.is_multipart()} <= {
        "quoted-printable",
        "7bit",
    }
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Date"].datetime == posting.now()


async def test_looking_changes_nothing_and_one_click_ends_e_mail(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    path = await a_link(api, posting, mailbox)
    before = await the_contact(api)

    shown = await api.get(path, role=None)
    assert (shown.status_code, before["unsubscribed_at"]) == (200, None)
    assert "<form" in shown.text
    assert (await the_contact(api))["unsubscribed_at"] is None
    done = await api.post(path, role=None, content=b"List-Unsubscribe=One-Click", headers=ONE_CLICK)

    assert done.status_code == 200
    assert "set-cookie" not in done.headers
    after = await the_contact(api)
    assert after["unsubscribed_at"] == "2026-03-02T15:00:00Z"
    assert after["version"] == before["version"] + 1
    clock.advance(timedelta(days=2))
    await sweep(posting)
    await deliver_all(posting)
    assert len(mailbox.messages) == 1
    again = await api.post(path, role=None, content=b"List-Unsubscribe=One-Click", headers=ONE_CLICK)
    assert (again.status_code, (await the_contact(api))["version"]) == (200, after["version"])


async def test_who_wants_no_mail_is_told_another_way(
    api: Api, calling: Desk, mailbox: Mailbox, subscriber: Subscriber, clock: Clock
) -> None:
    path = await a_link(api, calling, mailbox)
    await keep(calling, ("email", "a@example.org"), ("webhook", subscriber.url))
    await api.post(path, role=None, content=b"List-Unsubscribe=One-Click", headers=ONE_CLICK)
    clock.advance(timedelta(days=2))
    await sweep(calling)
    await deliver_all(calling)
    await call_all(calling)

    assert len(mailbox.messages) == 1
    assert len(subscriber.bodies) == 1


async def test_the_keeper_takes_it_back(api: Api, posting: Desk, mailbox: Mailbox) -> None:
    path = await a_link(api, posting, mailbox)
    await api.post(path, role=None)
    contact = await the_contact(api)

    wrong = await api.patch(f"/v1/contacts/{contact['id']}", json={"unsubscribed": True}, version=contact["version"])
    assert wrong.status_code == 422
    right = await api.patch(f"/v1/contacts/{contact['id']}", json={"unsubscribed": False}, version=contact["version"])

    assert (right.status_code, right.json()["unsubscribed_at"]) == (200, None)


@pytest.mark.parametrize("lang", ["es", "en", "fr"])
async def test_the_page_speaks_each_language_and_fetches_nothing(
    api: Api, posting: Desk, mailbox: Mailbox, lang: str
) -> None:
    path = await a_link(api, posting, mailbox)
    page = await api.get(path, role=None, params={"lang": lang})
    assert f'<html lang="{lang}">' in page.text
    assert "src=" not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_a_link_of_another_purpose_or_gone_does_nothing(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    path = await a_link(api, posting, mailbox)
    (notice,) = await ledger(api)
    other = tokens.make(posting.keys, "acknowledge", UUID(notice["id"]), clock.now)
    assert (await api.post(f"/u/{other}", role=None)).status_code == 404
    assert (await api.post("/u/nonsense", role=None)).status_code == 404
    clock.advance(timedelta(days=schedule().link_days))
    assert (await api.post(path, role=None)).status_code == 410
    assert (await the_contact(api))["unsubscribed_at"] is None


@pytest.mark.parametrize(
    ("kind", "address", "code"),
    [
        ("apprise", "syslog://", "format"),
        ("apprise", "file:///etc/passwd", "format"),
        ("apprise", "dbus://", "format"),
        ("apprise", "windows://", "format"),
        ("apprise", "mailto://user:pass@example.org", "format"),
        ("apprise", "JSONX://example.org", "format"),
        ("apprise", "json://127.0.0.1:8080/x", "private_address"),
        ("apprise", "jsons://localhost/x", "private_address"),
        ("apprise", "xml://[::1]/x", "private_address"),
        ("apprise", "form://169.254.169.254/x", "private_address"),
        ("webhook", "https://10.0.0.7/x", "private_address"),
    ],
)
async def test_addresses_that_reach_this_machine_are_refused_where_they_stand(
    api: Api, people: People, kind: str, address: str, code: str
) -> None:
    body = {"name": "M", "channels": [{"kind": "email", "address": "a@b.example"}, {"kind": kind, "address": address}]}
    answer = await api.post(f"/v1/organizations/{people.centre_id}/contacts", json=body)
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/channels/1/address", code)]


@pytest.mark.parametrize("address", ["tgram://123456789:abcdefg_hijklmnop/12315544/", "json://hooks.example.org/x"])
async def test_services_on_the_list_are_taken(api: Api, people: People, address: str) -> None:
    made = await a_contact(api, people.centre_id, channels=[{"kind": "apprise", "address": address}])
    assert made["channels"] == [{"kind": "apprise", "address": address}]


async def test_only_its_keeper_is_shown_a_webhook_s_secret(api: Api, people: People) -> None:
    made = await a_contact(api, people.centre_id, channels=[{"kind": "webhook", "address": "https://a.example/x"}])
    path = f"/v1/contacts/{made['id']}/webhook-secret"
    assert (await api.post(path)).json()["secret"].startswith("whsec_")
    assert (await api.post(path, role="partner")).status_code == 404
    assert (await api.post(path, role="analyst")).status_code == 403
