"""Plain sentences about where a procedure stands and what is due in it: whose act, which day, how sure, what to do.

Every word comes from the rule files or from `core/i18n/*/clock.yaml`; no field of a complaint comes near.
"""

from datetime import datetime

from vigilancia.core import clock, i18n
from vigilancia.core.settings import Locale
from vigilancia.law.model import Deadline
from vigilancia.law.texts import texts
from vigilancia.proceedings import words
from vigilancia.proceedings.clock.queries import Case, Due, Track
from vigilancia.proceedings.schemas import NextEvent

_FLOOR = "not_before"
_MONTHS_ONLY = "deidentified"


def where_it_stands(case: Case, track: Track, locale: Locale) -> str:
    """Say the stage of a procedure and what was recorded last."""
    lines = [i18n.t("clock.stands.stage", locale, stage=words.label(track.outcome.stage_labels, locale))]
    if not track.events:
        return " ".join([*lines, i18n.t("clock.stands.nothing", locale)])
    last = track.events[-1]
    label = words.event_label(track.mechanism, last.type, locale)
    if case.view == _MONTHS_ONLY:
        lines.append(i18n.t("clock.stands.last_month", locale, event=label, month=words.month(last.on, locale)))
    else:
        lines.append(i18n.t("clock.stands.last", locale, event=label, day=i18n.long_date(last.on, locale)))
    return " ".join(lines)


def of_event(event: NextEvent, locale: Locale) -> str:
    """Say that an event may come for which no day is fixed."""
    return i18n.t("clock.undated", locale, event=event.label)


def of_day(case: Case, track: Track, day: Due, locale: Locale, now: datetime) -> str:
    """Say whose act it is, by when, what practice makes of it, what follows, how sure it is, and what to do now.

    Who sees months only is told neither the day nor how many days are left, nor anything else that would tell it.

    Args:
        case: How the reader sees it, and whether the reader may record in it.
        track: The procedure.
        day: The deadline and its status.
        locale: es, en or fr.
        now: The instant of asking.
    """
    deadline = day.deadline
    actor = track.mechanism.actors.get(deadline.actor)
    side = actor.side if actor else "government"
    who = i18n.t(f"clock.who.{side}", locale, actor=deadline.actor_labels[locale])
    sure = i18n.t(f"clock.sure.{deadline.confidence}", locale)
    if case.view == _MONTHS_ONLY:
        return " ".join([who, _month(day, locale), *_soft(deadline, locale), sure])
    left = (deadline.due_on - clock.local_date(now, deadline.zone)).days
    phase = _phase(deadline, left)
    do = f"{side}.{phase}" if case.records else "tell"
    return " ".join(
        [
            who,
            *_day(deadline, phase, left, locale),
            *_soft(deadline, locale),
            *_expiry(deadline, locale),
            sure,
            i18n.t(f"clock.now.{do}", locale),
        ]
    )


def _phase(deadline: Deadline, left: int) -> str:
    if deadline.nature == _FLOOR:
        return "floor_before" if left > 0 else "floor"
    if left == 0:
        return "last"
    return "before" if left > 0 else "over"


def _day(deadline: Deadline, phase: str, left: int, locale: Locale) -> list[str]:
    counted = {"count": abs(left)} if phase in ("before", "over", "floor_before") else {}
    day = i18n.long_date(deadline.due_on, locale)
    lines = [_capital(i18n.t(f"clock.day.{phase}", locale, day=day, **counted))]
    if phase in ("before", "last"):
        city = texts(locale).zones.get(deadline.zone, deadline.zone)
        lines.append(i18n.t("clock.day.zone", locale, city=city))
    if deadline.practice_on is not None and phase == "before":
        lines.append(i18n.t("clock.day.practice", locale, day=i18n.long_date(deadline.practice_on, locale)))
    if deadline.latest_due_on != deadline.due_on:
        other = "latest_floor" if deadline.nature == _FLOOR else "latest"
        lines.append(i18n.t(f"clock.day.{other}", locale, day=i18n.long_date(deadline.latest_due_on, locale)))
    if deadline.computation.provisional:
        lines.append(i18n.t("clock.day.provisional", locale))
    return lines


def _month(day: Due, locale: Locale) -> str:
    phase = "over" if day.status in ("missed", "exceeded") else "before"
    if day.deadline.nature == _FLOOR:
        phase = "floor" if day.status == "in_force" else "floor_before"
    return i18n.t(f"clock.month.{phase}", locale, month=words.month(day.deadline.due_on, locale))


def _soft(deadline: Deadline, locale: Locale) -> list[str]:
    return [i18n.t("clock.day.soft", locale)] if deadline.nature in ("soft", "indicative") else []


def _expiry(deadline: Deadline, locale: Locale) -> list[str]:
    """Say what the text attaches to a last day gone by, and whether that was checked."""
    effect = deadline.effect_labels.get(locale)
    if not effect or deadline.nature == _FLOOR:
        return []
    lines = [i18n.t("clock.day.effect", locale, effect=effect)]
    if deadline.effect_confidence != "primary":
        lines.append(i18n.t("clock.day.effect_unsure", locale))
    return lines


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
