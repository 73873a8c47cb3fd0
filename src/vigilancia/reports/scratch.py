"""The temporary tables of one export: which rows it has and how they are seen, and the words of the law."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, Column, Identity, MetaData, Table, Text, Uuid

from vigilancia.core.settings import Locale
from vigilancia.law import loader

RULE = "rule"
ACTOR = "actor"

_scratch = MetaData()

# The rows of the file, in its order. Filled once, so that the rows of the file and their count are one and the same.
PICK = Table(
    "export_pick",
    _scratch,
    Column("place", BigInteger, Identity(always=True), primary_key=True),
    Column("id", Uuid, nullable=False),
    Column("view", Text, nullable=False),  # of the row's complaint, as `access.policy` names it
    Column("pseudonym", Text, nullable=False),  # of the row's complaint
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)

# Titles of rules and names of actors in the language of the file.
LABEL = Table(
    "export_label",
    _scratch,
    Column("mechanism", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("text", Text, nullable=False),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
RULE_LABEL = LABEL.alias("rule_label")
ACTOR_LABEL = LABEL.alias("actor_label")


def law_labels(locale: Locale) -> Iterator[dict[str, Any]]:
    """Yield every label of the law that data sets use, in one language, as a row of `LABEL`."""
    for mechanism in loader.mechanisms().values():
        for rule in mechanism.rules.values():
            yield {"mechanism": mechanism.id, "kind": RULE, "code": rule.id, "text": rule.titles[locale]}
        for code, actor in mechanism.actors.items():
            yield {"mechanism": mechanism.id, "kind": ACTOR, "code": code, "text": actor.labels[locale]}
