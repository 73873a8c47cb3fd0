"""Answers about consent that tests share."""

from typing import Any

from tests.conftest import Api

OVERRIDE = {"reason": "Peligro esta noche: canaryoverride"}


def an_answer(purpose: str = "share", **changes: Any) -> dict[str, Any]:
    """Return the body of a yes, spoken in Spanish today."""
    body = {"purpose": purpose, "text_id": purpose, "text_version": 1, "language": "es", "mode": "spoken"}
    return {**body, "answer": "given", "given_on": "2026-03-02", **changes}


async def somebody(api: Api, complaint_id: str) -> str:
    """Record somebody in a case, without a word about who it is."""
    made = await api.post(f"/v1/complaints/{complaint_id}/people", json={"role": "affected"})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def answered(api: Api, complaint_id: str, purpose: str = "share", **changes: Any) -> dict[str, Any]:
    """Record an answer; of sharing one about the union, unless said otherwise."""
    if purpose in ("share", "counsel"):
        changes = {"receiver_id": str(api.people.union_id), **changes}
    made = await api.post(f"/v1/complaints/{complaint_id}/consents", json=an_answer(purpose, **changes))
    assert made.status_code == 201, made.text
    consent: dict[str, Any] = made.json()
    return consent


async def withdrawn(api: Api, complaint_id: str, consent_id: str, **rest: Any) -> dict[str, Any]:
    """Withdraw one."""
    path = f"/v1/complaints/{complaint_id}/consents/{consent_id}/withdraw"
    answer = await api.post(path, **{"json": {}, **rest})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def linked(api: Api, complaint_id: str, **link: Any) -> Any:
    """Try to give the union alerts as a petitioner, or what is said."""
    body = {"organization_id": str(api.people.union_id), "role": "petitioner", "access": "alerts", **link}
    return await api.post(f"/v1/complaints/{complaint_id}/links", json=body)


async def always(api: Api) -> None:
    """Have the worker centre ask for consent in every case."""
    path = f"/v1/organizations/{api.people.centre_id}/safeguards"
    body: dict[str, Any] = {"consent": "always", "second_person": [], "privacy_lead_id": None}
    answer = await api.request("PUT", path, json=body, version=0)
    assert answer.status_code == 200, answer.text


async def without_override(api: Api) -> str:
    """Return the name of a token of the centre's staff that may do everything but override."""
    scopes = ["complaints:read", "complaints:write", "consents:write", "registry:read"]
    body: dict[str, Any] = {
        "organization_id": str(api.people.centre_id),
        "role": "staff",
        "name": "Ana",
        "scopes": scopes,
    }
    api.people.tokens["careful"] = (await api.post("/v1/tokens", role="admin", json=body)).json()["token"]
    return "careful"
