"""A desk with hours of its own, and what the tests of its time read back."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.conftest import Api, Clock
from tests.rooms.climbing import a_case

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]
OFFICE = [{"days": WEEKDAYS, "from": "09:00", "until": "18:00"}]


def utc(day: int, hour: int = 0, minute: int = 0, *, month: int = 3) -> datetime:
    """Return an instant of March 2026; Mexico City is six hours behind."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


async def the_desk(api: Api, organization_id: UUID | str | None = None, *, role: str = "staff") -> dict[str, Any]:
    """Read the desk of an organisation, the centre's unless told otherwise."""
    path = f"/v1/organizations/{organization_id or api.people.centre_id}/contacts"
    answer = await api.get(path, params={"desk": "true"}, role=role)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["items"][0]
    return found


async def change_contact(api: Api, contact_id: str, *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Change a contact as it is now."""
    version = (await api.get(f"/v1/contacts/{contact_id}", role=role)).json()["version"]
    answer = await api.patch(f"/v1/contacts/{contact_id}", json=changes, version=version, role=role)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def settle_desk(api: Api, **changes: Any) -> dict[str, Any]:
    """Change the centre's desk."""
    return await change_contact(api, (await the_desk(api))["id"], **changes)


async def a_case_at_night(api: Api, clock: Clock, **changes: Any) -> dict[str, Any]:
    """Log a case on Sunday, and wait until the rung of the day before its last day fell due, at night in Mexico."""
    clock.set(utc(1, 20))
    case = await a_case(api, linked=False, **changes)
    clock.set(utc(2, 5, 1))
    return case
