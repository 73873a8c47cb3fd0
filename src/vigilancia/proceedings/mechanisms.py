"""The mechanisms as published, and what-if questions put to them; nothing here writes a row."""

import msgspec

from vigilancia.core.errors import Fault, InvalidError, NotFoundError
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Event, Silence
from vigilancia.law.status import noon, status_on
from vigilancia.proceedings import words
from vigilancia.proceedings.circumstances import book, under
from vigilancia.proceedings.queries_deadlines import facts
from vigilancia.proceedings.schemas_deadlines import (
    MechanismSummary,
    Preview,
    PreviewDeadline,
    PreviewIn,
    SupposedSilence,
)
from vigilancia.proceedings.values import unknown


def listed(work: Work) -> list[MechanismSummary]:
    """List the mechanisms by id."""
    return [
        MechanismSummary(
            id=mechanism.id,
            title=words.label(mechanism.labels, work.locale),
            labels=mechanism.labels,
            about=words.label(mechanism.about, work.locale),
            in_force=mechanism.in_force,
            last_verified_on=mechanism.last_verified_on,
            parties=mechanism.parties,
            rules=list(mechanism.rules),
            active=mechanism.active,
            digest=mechanism.digest,
        )
        for _, mechanism in sorted(loader.mechanisms().items())
    ]


def read(name: str) -> Mechanism:
    """Return a mechanism whole, as its rule files say it.

    Raises:
        NotFoundError: There is none of that id.
    """
    found = loader.mechanisms().get(name)
    if found is None:
        raise NotFoundError
    return found


async def preview(work: Work, name: str, data: PreviewIn) -> Preview:
    """Say what supposed events would amount to, with every closure that stands.

    Raises:
        NotFoundError: No mechanism of that id.
        InvalidError: Types or rules the mechanism does not have, every one named.
        CalendarHorizonError: A count runs past what a calendar covers.
    """
    mechanism = read(name)
    events = [Event(id=f"/events/{place}", **msgspec.structs.asdict(event)) for place, event in enumerate(data.events)]
    faults = [
        Fault(pointer=f"{event.id}/{field}", code="code", params={"vocabulary": vocabulary})
        for event in events
        for field, vocabulary in unknown(mechanism, event)
    ]
    if faults:
        raise InvalidError(faults=faults)
    closures = await book(work)
    as_of = data.as_of or work.today(mechanism.zone)
    outcome = under(mechanism, closures, closures.head).run(events, as_of=noon(as_of))
    return Preview(
        mechanism=mechanism.id,
        rules_digest=mechanism.digest,
        as_of=as_of,
        stage=outcome.stage,
        stage_label=words.label(outcome.stage_labels, work.locale),
        closed=outcome.closed,
        next_events=words.next_events(outcome.next_events, work.locale),
        silences=[_silence(work, each) for each in outcome.silences],
        deadlines=[
            PreviewDeadline(trigger=each.trigger_event_id, **facts(each, status_on(each, as_of), work.locale))
            for each in outcome.deadlines
        ],
        warnings=words.warnings(outcome.warnings, work.locale),
    )


def _silence(work: Work, silence: Silence) -> SupposedSilence:
    label = words.label(silence.labels, work.locale)
    return SupposedSilence(rule=silence.rule, type=silence.event.type, label=label, on=silence.event.on)
