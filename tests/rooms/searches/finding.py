"""How the tests of saved searches keep one, let it look, and let it tell."""

from datetime import timedelta
from typing import Any

from tests.conftest import Api, Clock
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.notices.searches.changed import match_changed
from vigilancia.notices.searches.untold import Tidings, untold

DISMISSALS: dict[str, Any] = {"allegation": "union_dismissal"}
FITTING: dict[str, Any] = {"allegations": ["union_dismissal"]}


async def the_desk_of(api: Api, role: str = "staff") -> str:
    """Return the inbox of a role's organisation."""
    organization = api.people.union_id if role == "partner" else api.people.centre_id
    page = await api.get(f"/v1/organizations/{organization}/contacts", role=role, params={"desk": "true"})
    return str(page.json()["items"][0]["id"])


async def a_search(
    api: Api,
    *,
    role: str = "staff",
    filter: dict[str, Any] | None = None,  # noqa: A002 - the field's name
    **changes: Any,
) -> dict[str, Any]:
    """Keep a search for dismissals that tells the organisation's desk."""
    body = {
        "name": "Despidos",
        "filter": DISMISSALS if filter is None else filter,
        "contact_id": changes.pop("contact_id", None) or await the_desk_of(api, role),
        **changes,
    }
    answer = await api.post("/v1/saved-searches", role=role, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def look(desk: Desk, clock: Clock) -> int:
    """Let a minute go by and every search look, as the sweep does."""
    clock.advance(timedelta(minutes=1))
    looked = 0
    more = True
    while more:
        async with desk.work(SYSTEM) as work:
            found = await match_changed(work)
        looked += found
        more = found > 0
    return looked


async def tell(desk: Desk) -> list[Tidings]:
    """Tell what is untold, as whoever puts it into the ledger does."""
    async with desk.work(SYSTEM) as work:
        return await untold(work, 100)


async def told(desk: Desk) -> list[str]:
    """Tell what is untold, and return the numbers of the cases."""
    return sorted(reference for each in await tell(desk) for reference in each.references)


async def changed(api: Api, case: dict[str, Any], **fields: Any) -> None:
    """Change a complaint."""
    path = f"/v1/complaints/{case['id']}"
    version = (await api.get(path)).json()["version"]
    answer = await api.patch(path, json=fields, version=version)
    assert answer.status_code == 200, answer.text
