"""Which ladder is climbed: what names most, what the default ones say, and what completes one's own."""

from datetime import UTC, date, datetime
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from tests.conftest import Api
from tests.rooms.climbing import a_case, the_run
from vigilancia.core.ids import new_id
from vigilancia.core.work import Desk
from vigilancia.escalation import ladder
from vigilancia.escalation.ladder import Kind, Rung
from vigilancia.escalation.schemas import PolicyNature
from vigilancia.escalation.sweep import sweep
from vigilancia.escalation.working_days import count, office
from vigilancia.law import loader

PATH = "/v1/escalation-policies"
OURS = Kind(mechanism="usmca-31a-us-mx", rule="review_answer", actor="mexico", nature="mandatory")


class Kept(Struct, kw_only=True):
    """A policy as far as the choice sees it."""

    id: UUID
    created_at: datetime
    mechanism: str | None = None
    rule: str | None = None
    actor: str | None = None
    nature: str | None = None
    rungs: list[Any] = []


def kept(**names: Any) -> Kept:
    return Kept(id=new_id(), created_at=datetime(2026, 1, 1, tzinfo=UTC), **names)


def test_a_rule_counts_for_more_than_an_actor_an_actor_than_a_nature_a_nature_than_a_mechanism() -> None:
    mechanism = {"mechanism": "usmca-31a-us-mx"}
    ranked = [
        kept(),
        kept(**mechanism),
        kept(nature="mandatory"),
        kept(**mechanism, nature="mandatory"),
        kept(**mechanism, actor="mexico"),
        kept(**mechanism, actor="mexico", nature="mandatory"),
        kept(**mechanism, rule="review_answer"),
    ]

    for place, best in enumerate(ranked):
        assert ladder.most_specific(ranked[: place + 1][::-1], OURS) is best


def test_what_names_something_else_is_not_climbed() -> None:
    others = [kept(nature="soft"), kept(mechanism="ilo-cfa"), kept(mechanism="usmca-31a-us-mx", actor="panel")]

    assert ladder.most_specific(others, OURS) is None


def test_tasks_climb_only_ladders_that_name_them() -> None:
    task = Kind(mechanism="usmca-31a-us-mx", nature="task")
    named = kept(nature="task")

    assert ladder.most_specific([kept(), kept(mechanism="usmca-31a-us-mx")], task) is None
    assert ladder.most_specific([kept(), named], task) is named
    assert ladder.most_specific([named], OURS) is None


def test_default_ladders_name_only_what_the_law_has() -> None:
    known = loader.mechanisms()
    for ready in ladder.defaults().ladders:
        for mechanism in ready.mechanisms:
            assert mechanism in known
        rules = {rule for name in ready.mechanisms or known for rule in known[name].rules}
        actors = {actor for name in ready.mechanisms or known for actor in known[name].actors}
        assert set(ready.rules) <= rules
        assert set(ready.actors) <= actors
        assert set(ready.natures) <= set(get_args(PolicyNature))


def test_every_deadline_has_a_default_ladder_with_its_last_day_and_the_day_after() -> None:
    for mechanism in loader.mechanisms().values():
        for rule in mechanism.rules.values():
            kind = Kind(mechanism=mechanism.id, rule=rule.id, actor=rule.actor, nature=rule.nature)
            frozen = ladder.frozen_for(kind, None)
            names = {rung.at for rung in frozen.rungs}
            assert names == {"0"} if rule.nature == "not_before" else {"0", "+1d"} <= names, rule.id
            assert all(rung.always for rung in frozen.rungs if rung.at in ("0", "+1d"))


def test_a_clock_of_ten_days_is_not_warned_of_on_its_first_day() -> None:
    assert [rung.at for rung in ladder.frozen_for(OURS, None).rungs] == ["-3bd", "-1bd", "0", "+1d"]


def test_only_the_last_day_does_not_wait_for_working_hours() -> None:
    assert [rung.at for rung in ladder.for_nature("mandatory", None).rungs if rung.at_once] == ["0"]


def test_a_ladder_of_ones_own_is_completed_with_the_last_day_and_the_day_after() -> None:
    own = [Rung(at="-5bd", audiences=["counsel"], always=False)]

    assert [rung.at for rung in ladder.for_nature("mandatory", own).rungs] == ["-5bd", "0", "+1d"]


def test_a_ladder_that_names_floors_is_climbed_by_them_as_it_is() -> None:
    policy = kept(
        nature="not_before", rungs=[{"at": "-2d", "audiences": ["linked"], "always": False, "at_once": False}]
    )

    assert [rung.at for rung in ladder.frozen_for(Kind(nature="not_before"), policy).rungs] == ["-2d", "0"]


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"actor": "mexico"}, ["/actor"]),
        ({"mechanism": "usmca-31a-us-mx", "actor": "martians"}, ["/actor"]),
        ({"mechanism": "usmca-31a-us-mx", "actor": "martians", "rule": "lunch"}, ["/actor", "/rule"]),
        ({"mechanism": "usmca-31a-us-mx", "rule": "review_answer", "actor": "panel"}, ["/actor"]),
        ({"mechanism": "usmca-31a-us-mx", "rule": "review_answer", "nature": "soft"}, ["/nature"]),
        ({"nature": "holy"}, ["/nature"]),
        ({"nature": "task", "mechanism": "usmca-31a-us-mx", "actor": "mexico"}, ["/actor"]),
        ({"nature": "not_before", "rungs": [{"at": "+1d", "audiences": ["linked"]}]}, ["/rungs/0/at"]),
        ({"rungs": [{"at": "-0bd", "audiences": ["linked"]}]}, ["/rungs/0/at"]),
        ({"rungs": [{"at": "-3bdd", "audiences": ["linked"]}]}, ["/rungs/0/at"]),
        ({"rungs": [{"at": "-3bd\n", "audiences": ["linked"]}]}, ["/rungs/0/at"]),
        ({"rungs": [{"at": "-3d", "audiences": ["accused"]}]}, ["/rungs/0/audiences/0"]),
        ({"rungs": [{"at": "+3bd", "audiences": ["linked"], "always": False}]}, ["/rungs/0/always"]),
    ],
)
async def test_a_ladder_for_nothing_that_exists_is_refused_at_its_place(
    api: Api, change: dict[str, Any], pointers: list[str]
) -> None:
    body = {"name": "x", "rungs": [{"at": "-2d", "audiences": ["linked"]}], **change}

    answer = await api.post(PATH, json=body)

    assert answer.status_code == 422, answer.text
    assert sorted(error["pointer"] for error in answer.json()["errors"]) == pointers


async def test_changing_the_nature_alone_is_checked_against_the_rungs_kept(api: Api) -> None:
    made = await api.post(PATH, json={"name": "x", "rungs": [{"at": "+2d", "audiences": ["linked"]}]})

    answer = await api.patch(f"{PATH}/{made.json()['id']}", json={"nature": "not_before"}, version=1)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/rungs/0/at"]


async def test_a_ladder_for_an_actor_is_climbed_by_its_deadlines(api: Api, desk: Desk) -> None:
    body = {"name": "comité", "mechanism": "usmca-31a-us-mx", "actor": "ilc"}
    own = await api.post(PATH, json={**body, "rungs": [{"at": "-2bd", "audiences": ["handler_or_desk"]}]})
    assert own.status_code == 201, own.text
    assert (own.json()["actor"], own.json()["nature"]) == ("ilc", None)
    case = await a_case(api)

    await sweep(desk)

    assert (await the_run(api, case["id"]))["policy_id"] == own.json()["id"]


def test_a_ladder_frozen_before_working_days_were_known_is_still_climbed() -> None:
    old = {
        "rungs": [{"at": "-3d", "audiences": ["handler_or_desk", "linked"], "always": False}],
        "acknowledgement_hours": 24,
        "acknowledgement_hours_most": 240,
        "silent_after_days": 7,
        "late_after_minutes": 15,
    }

    frozen = msgspec.convert(old, ladder.Ladder)

    assert [step.key for step in frozen.steps(date(2026, 3, 10), "America/Mexico_City")] == [
        ("-3d", datetime(2026, 3, 7, 6, tzinfo=UTC))
    ]


@given(
    st.lists(
        st.one_of(
            st.integers(1, 60).map(lambda days: f"-{days}d"),
            st.integers(1, 60).map(lambda days: f"-{days}bd"),
            st.integers(1, 30).map(lambda days: f"+{days}bd"),
        ),
        unique=True,
        max_size=8,
    ),
    st.dates(date(2026, 1, 1), date(2030, 12, 31)),
)
def test_whatever_the_rungs_their_steps_are_in_the_order_of_time_and_on_their_side_of_the_last_day(
    names: list[str], due_on: date
) -> None:
    own = [Rung(at=name, audiences=["linked"], always=False) for name in names]
    frozen = ladder.for_nature("mandatory", own)
    offsets = count(office(["mx-lft", "us-federal"], "America/Mexico_City", {}), names, due_on)
    frozen = msgspec.structs.replace(frozen, offsets=offsets)

    steps = frozen.steps(due_on, "America/Mexico_City")

    assert [step.due_at for step in steps] == sorted(step.due_at for step in steps)
    assert {step.rung.at for step in steps} == {*names, "0", "+1d"}
    last = frozen.instant("0", due_on, "America/Mexico_City")
    for step in steps:
        assert (step.due_at < last) == step.rung.at.startswith("-")
        assert (step.due_at > last) == step.rung.at.startswith("+")
