"""One word of its own in each sensitive field of a case, looked for at every way out: a table of fields by exits."""

import logging
from collections import Counter
from itertools import product
from typing import Any

import pytest

from tests.api.test_strangers import requests
from tests.api.world import a_world
from tests.conftest import Api, Database
from tests.rooms.reports.files import made, text_of
from tests.sealing.words import dumped
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.delivery import deliver_all
from vigilancia.notices.webhooks.publishing import publish_all

# What stands in which field. The world of the tests brings some words along; the rest is recorded below.
FIELDS = {
    "narrative": "canarynarrative",
    "summary": "zorzalsummary",
    "event.note": "zorzalnote",
    "person.name": "canaryname",
    "person.contact": "canaryphone",
    "person.contact_safe": "canarysafe",
    "person.notes": "canaryremark",
    "file.name": "canaryfile",
    "file.source": "zorzalsource",
    "file.transcript": "zorzaltranscript",
    "consent.note": "zorzalconsent",
    "link.purpose": "zorzalpurpose",
    "override.reason": "zorzaloverride",
    "wall.reason, approval.reason": "canaryreason",
    "hold.reason": "canaryhold",
}
# Roles that have no place in the case but its alerts, and the owner's administrators, who read no narrative.
OTHERS = ("partner", "stranger", "analyst", "union_analyst", "union_admin", "admin")
ADMINS_OWN = {"summary", "event.note", "link.purpose"}  # what an administrator of the owner reads of a case
FULL = {"summary", "event.note"}  # what the owner's own full export holds
REASONS = {"override.reason"}  # why something was done, told to those whose people did it

Exits = dict[str, tuple[str, set[str]]]


async def test_no_sensitive_word_leaves_by_any_exit(
    api: Api, desk: Desk, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        ids = await a_told_world(api, desk)
        exits = await all_exits(api, desk, database, ids)
    exits["log"] = (caplog.text, set())
    leaks = [
        f"{field} at {exit_}"
        for exit_, (text, allowed) in exits.items()
        for field, word in FIELDS.items()
        if field not in allowed and word in text.casefold()
    ]
    kinds = Counter(name.split(" ")[0] for name in exits)
    print(f"{len(FIELDS)} fields x {len(exits)} exits = {len(FIELDS) * len(exits)} cells: {dict(kinds)}")  # noqa: T201
    assert len(exits) > 500
    assert leaks == []


async def a_told_world(api: Api, desk: Desk) -> dict[str, str]:
    """Record the world with a word in every sensitive field."""
    ids = await a_world(api, desk)
    case = f"/v1/complaints/{ids['complaint_id']}"
    version = (await api.get(case)).json()["version"]
    assert (await api.patch(case, version=version, json={"summary": FIELDS["summary"]})).status_code == 200
    told = {"type": "review_requested", "on": "2026-02-26", "note": FIELDS["event.note"]}
    assert (await api.post(f"/v1/proceedings/{ids['proceeding_id']}/events", json=told)).status_code == 201
    file = f"{case}/evidence/{ids['file_id']}"
    change = {"source": FIELDS["file.source"]}
    assert (await api.patch(file, version=1, json=change)).status_code == 200
    words = {"text": FIELDS["file.transcript"], "language": "es"}
    answer = await api.request("PUT", f"{file}/transcript", version=0, json=words)
    assert answer.status_code in (200, 201), answer.text
    consent = {"purpose": "store", "answer": "given", "text_id": "store", "text_version": 1, "language": "es"}
    consent |= {"mode": "spoken", "given_on": "2026-03-01", "note": FIELDS["consent.note"]}
    answer = await api.post(f"{case}/consents", json=consent)
    assert answer.status_code == 201, answer.text
    link: dict[str, Any] = {"organization_id": ids["organization_id"], "role": "observer", "access": "read"}
    link |= {"purpose": FIELDS["link.purpose"], "consent_override": {"reason": FIELDS["override.reason"]}}
    answer = await api.post(f"{case}/links", json=link)
    assert answer.status_code == 201, answer.text
    return ids


async def all_exits(api: Api, desk: Desk, database: Database, ids: dict[str, str]) -> Exits:
    """Go out by every door; return what each let out, and which fields it is there to show."""
    found = await answers(api, ids)
    found |= await searches(api)
    found |= await exports(api, desk)
    found |= await refusals(api)
    found |= await told(api, desk, ids)
    found |= on_the_disk(desk)
    found["dump"] = (dumped(database), set())
    return found


async def answers(api: Api, ids: dict[str, str]) -> Exits:
    """Read every address and list of the contract as everybody but the owner's staff."""
    found: Exits = {}
    document = (await api.get("/schema/openapi.json", role=None)).json()
    reads = [sent for sent in requests(document, ids) if sent[1] == "GET"]
    paths = document["paths"].items()
    lists = [path for path, item in paths if path.startswith("/v1/") and "{" not in path and "get" in item]
    for role in OTHERS:
        allowed = ADMINS_OWN if role == "admin" else set()
        for name, _, address, sent in reads:
            found[f"read {name} as {role}"] = ((await api.get(address, role=role, **sent)).text, allowed)
        for path in lists:
            found[f"list {path} as {role}"] = ((await api.get(path, role=role)).text, allowed)
    return found


async def searches(api: Api) -> Exits:
    """Search each word, as the staff too: no search reads a sealed field."""
    found: Exits = {}
    for role in ("staff", *OTHERS):
        for field, word in FIELDS.items():
            answer = await api.get("/v1/complaints", role=role, params={"q": word})
            assert answer.json()["items"] == [], (role, field)
            found[f"search {field} as {role}"] = (answer.text, set())
    return found


async def exports(api: Api, desk: Desk) -> Exits:
    """Take everything home, in every form."""
    found: Exits = {}
    for dataset, profile, format_ in product(
        ("complaints", "deadlines", "notices"), ("full", "deidentified"), ("csv", "jsonl")
    ):
        export = await made(api, desk, dataset=dataset, profile=profile, format=format_)
        found[f"export {dataset} {profile} {format_}"] = (
            await text_of(api, export),
            FULL if profile == "full" else set(),
        )
    return found


async def refusals(api: Api) -> Exits:
    """Have each word refused as a value and as a name."""
    found: Exits = {}
    for field, word in FIELDS.items():
        answer = await api.post("/v1/complaints", json={"title": 7, "received_on": word, word: word})
        found[f"error {field}"] = (blanked(answer.text, word), set())
    return found


async def told(api: Api, desk: Desk, ids: dict[str, str]) -> Exits:
    """Read the report, the trail and the calendar, and have everybody told what there is to tell."""
    await publish_all(desk)
    await sweep(desk)
    await deliver_all(desk)
    case = f"/v1/complaints/{ids['complaint_id']}"
    feed = (await api.post("/v1/calendar-feeds", json={"complaint_id": ids["complaint_id"]})).json()["url"]
    asked = {"profile": "deidentified"}
    return {
        "report html": ((await api.get(f"{case}/report", params=asked | {"format": "html"})).text, set()),
        "report json": ((await api.get(f"{case}/report", params=asked | {"format": "json"})).text, set()),
        "trail": ((await api.get("/v1/audit", params={"limit": 200})).text, REASONS),
        "feed": ((await api.client.get(feed)).text, set()),
    }


def on_the_disk(desk: Desk) -> Exits:
    """Read every file the installation wrote, letters and keys too, and its name; exports were read above."""
    found: Exits = {}
    for place in desk.settings.data_dir.rglob("*"):
        if place.is_file() and place.parent != desk.settings.exports_dir:
            found[f"file {place}"] = (f"{place} {place.read_bytes().decode('latin-1')}", set())
    return found


def blanked(text: str, word: str) -> str:
    """Return an answer without the pointer to the field, which is the sender's own word."""
    return text.replace(f'"pointer":"/{word}"', "")
