"""`docker/prometheus/alerts.yaml` has the shape of Prometheus rules, and asks only for figures we give."""

import re
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from tests.conftest import Api
from vigilancia.core.strictyaml import parse

FILE = Path(__file__).parent.parent / "docker" / "prometheus" / "alerts.yaml"
# Figures that explain an alarm and make none: all failures ever, and which kind of work the queue's age is of.
WITHOUT_ALARM = {"vigilancia_notices_failed", "vigilancia_job_age_seconds"}
NAME = re.compile(r"\bvigilancia_[a-z_]+\b")
DURATION = re.compile(r"(\d+(ms|[smhdwy]))+")


class Labels(msgspec.Struct, forbid_unknown_fields=True):
    severity: Literal["page", "ticket"]


class Annotations(msgspec.Struct, forbid_unknown_fields=True):
    summary: str
    description: str


class Rule(msgspec.Struct, forbid_unknown_fields=True):
    """An alerting rule, as Prometheus documents it; `for` is a word of Python's."""

    alert: str
    expr: str
    labels: Labels
    annotations: Annotations
    lasting: str = msgspec.field(name="for", default="0s")


class Group(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    rules: list[Rule]


class Rules(msgspec.Struct, forbid_unknown_fields=True):
    groups: list[Group]


RULES = [rule for group in parse(FILE.read_text(), Rules, name=FILE.name).groups for rule in group.rules]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.alert)
def test_an_alarm_is_a_rule_of_prometheus_and_says_what_to_do(rule: Rule) -> None:
    assert re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", rule.alert)
    assert DURATION.fullmatch(rule.lasting)
    assert all(rule.expr.count(pair[0]) == rule.expr.count(pair[1]) for pair in ("()", "[]", "{}"))
    assert len(rule.annotations.description) > 80
    for text in (rule.annotations.summary, rule.annotations.description):
        assert set(re.findall(r"\{\{ (.*?) \}\}", text)) <= {
            "$value",
            "$value | humanize",
            "$value | humanizeDuration",
            "$value | humanizePercentage",
        }


def test_no_two_alarms_have_one_name() -> None:
    assert len({rule.alert for rule in RULES}) == len(RULES)


async def test_every_figure_an_alarm_asks_for_is_given(api: Api) -> None:
    await api.get("/v1/complaints")  # so that requests are counted
    given = set(NAME.findall((await api.get("/metrics", role=None)).text))
    asked = {name for rule in RULES for name in NAME.findall(rule.expr)}
    assert asked <= given


async def test_every_figure_that_names_a_risk_has_an_alarm(api: Api) -> None:
    lines = (await api.get("/metrics", role=None)).text.splitlines()
    gauges = {line.split()[2] for line in lines if line.startswith("# TYPE vigilancia_") and line.endswith(" gauge")}
    asked = {name for rule in RULES for name in NAME.findall(rule.expr)}
    assert {name for name in gauges if not name.endswith("_created")} - WITHOUT_ALARM <= asked
