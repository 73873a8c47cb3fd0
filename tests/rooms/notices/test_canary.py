"""A word of its own in every free text of a case and of those in it: it leaves by no way out, in no language."""

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.builders import a_complaint, a_contact, a_facility, a_proceeding, an_event, an_organization
from tests.conftest import Api, Clock, looking
from tests.rooms.climbing import ledger
from tests.rooms.complaints.cases import everything
from tests.rooms.complaints.consenting import an_answer
from tests.rooms.notices.conftest import Mailbox, Subscriber
from tests.rooms.webhooks.receiver import Receiver, all_goes_out, an_endpoint, receiving
from vigilancia.core.i18n import LOCALES
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.delivery import call_all, deliver_all
from vigilancia.registry.models import ContactRow

_EVENT: dict[str, Any] = {
    "note": "canarynote",
    "stated_by": "canarystater",
    "sources": ["https://example.org/canaryproof"],
}
_DAILY = {"every": "day", "at": "08:00", "empty": True, "beside": True}
_KINDS = {"deadline", "task", "alarm", "assignment", "digest", "search", "calm", "confirm", "endpoint", "privacy"}


@pytest.mark.parametrize("locale", LOCALES)
async def test_no_word_of_a_case_leaves_by_any_way(
    api: Api,
    posting: Desk,
    mailbox: Mailbox,
    subscriber: Subscriber,
    clock: Clock,
    locale: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = replace(posting, settings=posting.settings.model_copy(update={"allow_private_targets": True}))
    api.client._transport.app.state.desk = desk  # type: ignore[attr-defined]
    with caplog.at_level(logging.INFO):
        async with receiving() as hooks:
            case = await _a_told_case(api, desk, clock, hooks, subscriber, locale)
            left = await _everything_out(api, desk, clock, case)
            left += [str(call.headers) + call.content.decode() for call in hooks.calls]
    left += [message.as_string() + str(message.get_body(("plain",)).get_content()) for message in mailbox.messages]  # type: ignore[union-attr]
    left += [message.get_body(("html",)).get_content() for message in mailbox.messages]  # type: ignore[union-attr]
    left += [str(each) for each in (*subscriber.headers, *subscriber.bodies, *subscriber.paths)]
    left += [caplog.text, *_file_names(tmp_path)]

    assert {each["kind"] for each in await ledger(api, role="staff")} == _KINDS
    assert len(hooks.calls) > 10
    assert len(subscriber.bodies) >= 2
    assert not [text for text in left if "canary" in text.lower()]


async def _a_told_case(
    api: Api, desk: Desk, clock: Clock, hooks: Receiver, subscriber: Subscriber, locale: str
) -> dict[str, str]:
    """Record a case with everything about it, and have everybody told in every way."""
    centre = api.people.centre_id
    ways = [{"kind": "email", "address": "mesa@example.org"}]
    soon = clock() + timedelta(hours=3)
    await _change_all(desk, locale=locale, channels=ways, digest=_DAILY, name="canarydesk", digest_next_at=soon)
    target = subscriber.url.replace("http://", "json://")
    ana = await a_contact(
        api,
        centre,
        name="canaryana",
        desk=False,
        channels=[{"kind": "apprise", "address": target}, {"kind": "webhook", "address": subscriber.url}],
    )
    await an_endpoint(api, hooks.url, description="canaryhook")
    search = {"name": "canarysearch", "filter": {"q": "asamblea"}, "contact_id": ana["id"]}
    assert (await api.post("/v1/saved-searches", json=search)).status_code == 201
    plant = await a_facility(api, name="canaryplant", company="canarycompany")
    union = await an_organization(api, name="canaryunion", visibility="private")
    case = await a_complaint(api, **everything(facility_id=plant["id"], risk_level="acute", handler_id=ana["id"]))
    link = {"organization_id": union["id"], "role": "petitioner", "access": "alerts", "source": "canarysource"}
    assert (await api.post(f"/v1/complaints/{case['id']}/links", json=link)).status_code == 201
    proceeding = await a_proceeding(api, case["id"])
    await an_event(api, proceeding["id"], on="2026-02-01", **_EVENT)
    await _consents_gone(api, case["id"], ana["id"])
    task = {"code": "prepare_meeting", "due_on": "2026-03-04", "title": "canarytask", "contact_id": ana["id"]}
    assert (await api.post(f"/v1/complaints/{case['id']}/tasks", json=task)).status_code == 201
    return {"case": case["id"], "ana": ana["id"], "proceeding": proceeding["id"]}


async def _consents_gone(api: Api, case_id: str, ana_id: str) -> None:
    """Have the privacy lead told: of a consent withdrawn, and of a link given without one."""
    centre = api.people.centre_id
    chosen = {"consent": "people", "second_person": [], "privacy_lead_id": ana_id}
    assert (await api.request("PUT", f"/v1/organizations/{centre}/safeguards", json=chosen, version=0)).is_success
    path, words = f"/v1/complaints/{case_id}/consents", {"note": "canaryconsent"}
    yes = await api.post(path, json=an_answer("publish", **words))
    assert yes.status_code == 201, yes.text
    assert (await api.post(f"{path}/{yes.json()['id']}/withdraw", json=words)).is_success
    supporter = await an_organization(api, name="canarysupporter", visibility="private")
    link = {"organization_id": supporter["id"], "role": "supporter", "access": "alerts"}
    link |= {"consent_override": {"reason": "canaryoverride"}}
    assert (await api.post(f"/v1/complaints/{case_id}/links", json=link)).status_code == 201


async def _everything_out(api: Api, desk: Desk, clock: Clock, case: dict[str, str]) -> list[str]:
    """Let days go by until each kind of letter has left, and read feeds, pages, ledger, metrics and errors."""
    left: list[str] = []
    await _a_turn(desk)
    run = (await api.get("/v1/escalations", params={"complaint_id": case["case"]})).json()["items"][0]
    left.append((await api.post(f"/v1/escalations/{run['id']}/assign", json={"contact_id": case["ana"]})).text)
    careful = replace(desk, settings=desk.settings.model_copy(update={"confirm_addresses": True}))
    await a_contact(api, api.people.centre_id, name="canarynew", desk=False)
    await sweep(careful)
    await an_event(api, case["proceeding"], type="review_requested", on="2026-02-26", **_EVENT)
    await _an_endpoint_dies(api, desk)
    for hours in (4, 20, 24, 24 * 70):
        clock.advance(timedelta(hours=hours))
        await _a_turn(desk)
    await _change_all(desk, digest=None, digest_next_at=None)
    clock.advance(timedelta(days=9))
    await _change_all(desk, calm_next_at=clock())
    await _a_turn(desk)
    feed = (await api.post("/v1/calendar-feeds", json={"complaint_id": case["case"], "alarms": True})).json()
    left.append((await api.get(feed["url"].removeprefix("http://vigilancia.test"), role=None)).text)
    paths = ("/metrics", "/v1/notices?limit=200", "/v1/escalations", "/v1/nowhere")
    left += [(await api.get(path)).text for path in paths]
    return [*left, (await api.post("/v1/webhook-endpoints", json={"url": "ftp://canary", "events": 3})).text]


async def _an_endpoint_dies(api: Api, desk: Desk) -> None:
    async with receiving() as gone:
        gone.usual = 410
        await an_endpoint(api, gone.url)
        await a_complaint(api)
        await all_goes_out(desk)


def _file_names(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*")]


async def _change_all(desk: Desk, **values: Any) -> None:
    """Change every contact."""
    async with looking(desk) as session:
        await session.execute(update(ContactRow).values(**values))
        await session.commit()


async def _a_turn(desk: Desk) -> None:
    """Let everything that is due happen once."""
    await sweep(desk)
    await deliver_all(desk)
    await call_all(desk)
    await all_goes_out(desk)
