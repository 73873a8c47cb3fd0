"""Between the engine's values and the rows: events go in, deadlines come out and go back in to be explained."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec

from vigilancia.law import loader
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Citation, Computation, Deadline, Event, Warning_
from vigilancia.proceedings.schemas import EventState

# What the engine fixes on a deadline; everything else on its row is keys and bookkeeping.
COMPUTED = (
    "actor",
    "nature",
    "due_on",
    "latest_due_on",
    "raw_due_on",
    "practice_on",
    "closes_at",
    "zone",
    "met",
    "met_on",
    "void",
    "void_reason",
    "confidence",
    "rule_version",
    "computation",
    "citation",
    "warnings",
)

EMPTY: Mapping[str, Mechanism] = MappingProxyType({})

# Why a deadline is void that the engine no longer names; its other reasons are the types of events.
TRIGGER_WITHDRAWN, SUPERSEDED, RULES_CHANGED = "trigger_withdrawn", "superseded", "rules_changed"


def law_event(row: Any, place: int = 0) -> Event:  # noqa: ANN401 - a mapped object or a row of its columns
    """Return an event as the engine takes it; ids tell no order, so `place` says which was recorded first."""
    kind: Any = row.kind
    return Event(
        id=str(row.id),
        type=row.type,
        on=row.on,
        kind=kind,
        due_on=row.due_on,
        rule=row.rule,
        stated_by=row.stated_by,
        place=place,
    )


def law_events(rows: Iterable[Any], triggers: Collection[UUID] = ()) -> list[Event]:
    """Return the events that stand: those nobody took back.

    Args:
        rows: All of a proceeding.
        triggers: Ids of those that set deadlines going already: of events alike and recorded at once they stay first,
            so that a deadline keeps its id.
    """
    standing = sorted(
        (row for row in rows if row.withdrawn_at is None),
        key=lambda row: (row.recorded_at, row.id not in triggers, row.id),
    )
    return [law_event(row, place) for place, row in enumerate(standing)]


def event_state(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a mapped object or a row of its columns
    """Return what an event says, to be kept when it is changed."""
    plain: dict[str, Any] = msgspec.to_builtins(
        EventState(**{name: getattr(row, name) for name in EventState.__struct_fields__})
    )
    return plain


def computed(deadline: Deadline) -> dict[str, Any]:
    """Return the columns of `COMPUTED` for a deadline, and when silence on it begins to speak."""
    open_ = deadline.silence_counts_as is not None and not deadline.met and not deadline.void
    return {
        **{name: getattr(deadline, name, None) for name in COMPUTED},
        "rule_version": deadline.computation.rule_version,
        "computation": msgspec.to_builtins(deadline.computation),
        "citation": msgspec.to_builtins(deadline.citation),
        "warnings": msgspec.to_builtins(deadline.warnings),
        "speaks_at": deadline.closes_at if open_ else None,
    }


def law_deadline(row: Any, rule_sets: Mapping[str, Mechanism] = EMPTY) -> Deadline:  # noqa: ANN401 - a mapped object or a row of the same columns
    """Return a stored deadline as the engine gave it, with the words of the rule set it was computed from.

    Args:
        row: The deadline.
        rule_sets: By digest; where its own is not among them the words are today's, and a rule that newer files
            dropped keeps its dates and is called by its id.
    """
    mechanism = rule_sets.get(row.computation.get("rules_digest", "")) or loader.mechanism(row.mechanism)
    rule, actor = mechanism.rules.get(row.rule), mechanism.actors.get(row.actor)
    expiry = rule.on_expiry if rule else None
    return Deadline(
        **{name: getattr(row, name) for name in COMPUTED if name not in _REBUILT},
        rule=row.rule,
        trigger_event_id=str(row.trigger_event_id),
        titles=rule.titles if rule else dict.fromkeys(("es", "en", "fr"), row.rule),
        actor_labels=actor.labels if actor else dict.fromkeys(("es", "en", "fr"), row.actor),
        ours=actor is not None and actor.side == "workers",
        effect_on_expiry=expiry.effect if expiry else None,
        effect_labels=expiry.labels if expiry else {},
        effect_confidence=expiry.confidence if expiry else None,
        silence_counts_as=expiry.emits if expiry else None,
        computation=msgspec.convert(row.computation, Computation),
        citation=msgspec.convert(row.citation, list[Citation]),
        warnings=msgspec.convert(row.warnings, list[Warning_]),
    )


_REBUILT = frozenset({"rule_version", "computation", "citation", "warnings"})


def unknown(mechanism: Mechanism, event: Event) -> list[tuple[str, str]]:
    """Return which fields of an event name what the mechanism does not have, with the name of the list it is not on."""
    found = []
    if event.type not in mechanism.events:
        found.append(("type", f"{mechanism.id}.events"))
    if event.rule is not None and event.rule not in mechanism.rules:
        found.append(("rule", f"{mechanism.id}.rules"))
    return found


def new_trigger(deadline: Deadline) -> UUID:
    """Return the id of the event that set a deadline going."""
    return UUID(deadline.trigger_event_id)
