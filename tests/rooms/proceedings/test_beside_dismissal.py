"""The dismissed worker's two months beside a rapid response case, as the package's own rule files say it."""

from datetime import UTC, datetime

from tests.builders import a_complaint, a_proceeding, an_event
from tests.conftest import Api, Clock


async def test_a_petition_over_a_dismissal_warns_of_the_workers_two_months_and_the_clock_puts_them_first(
    api: Api, clock: Clock
) -> None:
    complaint = await a_complaint(api, incidents=[{"allegation": "union_dismissal", "on": "2026-01-15"}])
    opened = await a_proceeding(api, complaint["id"])
    [suggestion] = opened["suggestions"]
    assert (suggestion["mechanism"], suggestion["event"]) == ("mx-dismissal", "dismissed")
    # Two months after 15 January is Sunday 15 March; Monday 16 March 2026 is the moved holiday of 21 March.
    assert [act["would_be_due_on"] for act in suggestion["acts"]] == ["2026-03-17"]
    assert "vencería el martes 17 de marzo de 2026, si el despido fue el jueves 15 de enero" in suggestion["sentence"]
    assert [warning["code"] for warning in opened["warnings"]] == ["parallel_clock_running"]
    claim = await a_proceeding(api, complaint["id"], mechanism=suggestion["mechanism"])
    await an_event(api, claim["id"], type=suggestion["event"], on="2026-01-15")
    await an_event(api, opened["id"])
    clock.set(datetime(2026, 3, 3, 15, tzinfo=UTC))
    found = (await api.get(f"/v1/complaints/{complaint['id']}/clock")).json()
    assert found["suggestions"] == []
    urgent = found["most_urgent"]
    assert (urgent["mechanism"], urgent["rule"], urgent["ours"]) == ("mx-dismissal", "dismissal_claim", True)
    assert urgent["by"]["due_on"] == "2026-03-17"
