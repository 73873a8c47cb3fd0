"""What a caller may not see answers like what is not there: the same words, and the same work to find out."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.test_statement_counts import cost_of
from tests.api.world import a_world
from tests.conftest import Api
from tests.rooms.complaints.conftest import people
from tests.rooms.complaints.test_walls import a_second_token, accuse, hold, wall
from vigilancia.core.work import Desk

__all__ = ["people"]  # a fixture: more people than the usual ones

READS = (
    "/v1/complaints/{complaint_id}",
    "/v1/complaints/{complaint_id}/links",
    "/v1/complaints/{complaint_id}/links/{link_id}",
    "/v1/complaints/{complaint_id}/timeline",
    "/v1/complaints/{complaint_id}/clock",
    "/v1/complaints/{complaint_id}/proceedings",
    "/v1/complaints/{complaint_id}/report",
    "/v1/complaints/{complaint_id}/walls",
    "/v1/complaints/{complaint_id}/walls/{wall_id}",
    "/v1/proceedings/{proceeding_id}",
    "/v1/proceedings/{proceeding_id}/events",
    "/v1/proceedings/{proceeding_id}/events/{event_id}",
    "/v1/deadlines/{deadline_id}",
    "/v1/deadlines/{deadline_id}/revisions",
    "/v1/escalations/{escalation_id}",
    "/v1/complaints/{complaint_id}/tasks/{task_id}",
    "/v1/complaints/{complaint_id}/possible-duplicates",
    "/v1/proposals/{proposal_id}",
    "/v1/escalations/{escalation_id}/plan",
    "/v1/notices/{notice_id}",
    "/v1/approvals/{approval_id}",
)
WRITES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("PATCH", "/v1/complaints/{complaint_id}", {"tags": ["a"]}),
    ("POST", "/v1/complaints/{complaint_id}/links/{link_id}/accept", {}),
    ("POST", "/v1/complaints/{complaint_id}/links/{link_id}/reject", {"reason": "x"}),
    ("POST", "/v1/complaints/{complaint_id}/links/{link_id}/revoke", {"reason": "x"}),
    ("POST", "/v1/complaints/{complaint_id}/tasks/{task_id}/done", {}),
    ("POST", "/v1/proposals/{proposal_id}/accept", {}),
    ("POST", "/v1/approvals/{approval_id}/grant", {}),
    ("POST", "/v1/proceedings/{proceeding_id}/events", {"type": "petition_received", "on": "2026-02-01"}),
)


def told(answer: Any) -> tuple[int, dict[str, Any]]:
    """Return what an answer says."""
    return answer.status_code, answer.json()


async def hide(api: Api, desk: Desk, ids: dict[str, str], way: str) -> str:
    """Hide the case from somebody in one way; return the role of whom it is hidden from."""
    if way == "walled by name":
        token_id = await hold(desk, "colleague", None)
        assert (await wall(api, ids["complaint_id"], token_id=str(token_id))).status_code == 201
        return "colleague"
    if way == "adverse":
        await accuse(api, ids["complaint_id"], api.people.union_id)
    return "partner"


@pytest.mark.parametrize("way", ["not linked", "adverse", "walled by name"])
async def test_unseen_and_absent_are_answered_alike_with_as_many_statements(
    api: Api, desk: Desk, statements: Any, way: str
) -> None:
    await a_second_token(api, desk)
    ids = await a_world(api, desk, linked=way == "adverse")
    role = await hide(api, desk, ids, way)
    nowhere = {name: str(uuid4()) for name in ids}
    for method, path, body in (*(("GET", path, None) for path in READS), *WRITES):
        answers, costs = [], []
        for place in (ids, nowhere):

            async def ask(place: dict[str, str] = place, path: str = path) -> Any:
                sent: dict[str, Any] = {} if body is None else {"json": body}  # noqa: B023 - called at once
                return await api.request(method, path.format(**place), role=role, version=1, **sent)  # noqa: B023

            answers.append(told(await ask()))
            costs.append(await cost_of(statements, ask))
        assert answers[0][0] == 404, f"{method} {path}: {answers[0]}"
        assert answers[0] == answers[1], path
        assert costs[0] == costs[1], f"{method} {path}: {costs}"
