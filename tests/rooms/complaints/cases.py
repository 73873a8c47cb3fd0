"""Complaints that tests share."""

from typing import Any

from tests.builders import a_complaint, a_facility, a_link
from tests.conftest import Api

# One word in each field that some view hides; a word that turns up where it must not names its field.
CANARIES = {
    "title": "canarytitle",
    "summary": "canarysummary",
    "narrative": "canarynarrative",
    "tags": "canarytag",
    "external_ids": "canaryexternal",
    "source_urls": "canarysource",
}


def everything(**changes: Any) -> dict[str, Any]:
    """Return a body with every field that needs no other record."""
    return {
        "title": "Despidos: canarytitle",
        "received_on": "2026-02-17",
        "summary": "Tras la asamblea, canarysummary.",
        "narrative": "Nos dijeron: canarynarrative.",
        "channel": "plant_gate",
        "incidents": [
            {"allegation": "union_dismissal", "on": "2026-01-29", "until": "2026-02-11", "precision": "day"},
            {"allegation": "blacklisting", "on": "2025-01-01", "until": None, "precision": "year"},
        ],
        "allegations": ["union_dismissal", "threats_coercion"],
        "affected_workers": {"min": 120, "max": 400},
        "groups": ["women", "migrant"],
        "languages": ["es", "nah-MX"],
        "interpreter_needed": True,
        "risk_level": "high",
        "external_ids": [{"system": "kobo", "id": "canaryexternal"}],
        "tags": ["canarytag"],
        "source_urls": ["https://example.org/canarysource"],
        "findings": [
            {"by": "US", "result": "denial_remedied", "on": "2026-02-20", "source_url": "https://example.org/us"},
            {"by": "MX", "result": "no_denial", "on": "2026-02-24", "source_url": None},
        ],
        "outcomes": [
            {
                "outcome": "back_pay",
                "stage": "verified",
                "by": "US",
                "count": 36,
                "amount": "1500000.50",
                "currency": "MXN",
                "on": "2026-02-26",
                "source_url": "https://example.org/pay",
            }
        ],
        **changes,
    }


async def a_full_case(api: Api, **changes: Any) -> dict[str, Any]:
    """Log a complaint with every field, at a plant of the centre's own."""
    plant = await a_facility(api, visibility="private")
    return await a_complaint(api, **everything(facility_id=plant["id"], **changes))


async def granted(api: Api, complaint_id: str, access: str) -> dict[str, Any]:
    """Link the union and let it accept."""
    link = await a_link(api, complaint_id, api.people.union_id, access=access)
    answer = await api.post(f"/v1/complaints/{complaint_id}/links/{link['id']}/accept", role="partner")
    assert answer.status_code == 200, answer.text
    accepted: dict[str, Any] = answer.json()
    return accepted


def pointers(problem: dict[str, Any]) -> set[tuple[str, str]]:
    """Return where a problem says what is wrong."""
    return {(fault["pointer"], fault["code"]) for fault in problem["errors"]}
