"""What a notice says: reference, step, whose act it is, the day, what to do now, how sure the date is. Nothing else.

Every word comes from the law's labels or from the catalogues; no field of the complaint but its number comes near.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import babel.dates
from msgspec import Struct

from vigilancia.core import clock, i18n
from vigilancia.core.settings import Locale
from vigilancia.notices.facts import Day, Facts


class Section(Struct, frozen=True, kw_only=True):
    """A heading and what stands under it."""

    name: str  # whose, day or first_day, expiry, now, sure
    label: str
    lines: list[str]


class Call(Struct, frozen=True, kw_only=True):
    """What a letter asks its reader to do, behind its link."""

    label: str  # of the button
    text: str  # of the plain text, before the address


class Content(Struct, frozen=True, kw_only=True):
    """A letter in one language.

    Attributes:
        locale: Language.
        reference: The case's number; none: it is of no single case.
        greeting: The line above the headline.
        headline: Of a notice how many days are left, or gone.
        step: Of a notice the step; empty: the headline says all.
        sections: What follows, in order.
        call: What it asks for; none: nothing.
        footer: The last line; none: that of letters about cases.
    """

    locale: Locale
    reference: str | None
    greeting: str
    headline: str
    step: str
    sections: list[Section]
    call: Call | None = None
    footer: str | None = None

    @property
    def subject(self) -> str:
        """The subject line of a message."""
        said = f"{self.headline}: {self.step}" if self.step else self.headline
        return f"[{self.reference}] {said}" if self.reference else f"[vigilancia] {said}"


def compose(facts: Facts, locale: Locale, now: datetime) -> Content:
    """Write a notice.

    Args:
        facts: The deadline and whom it is told to.
        locale: Language.
        now: The moment of telling: what a message says of days left is true when it leaves, however late that is.
    """
    deadline = facts.deadline
    actor = _capital(deadline.actor_labels[locale])
    left = (deadline.due_on - clock.local_date(now, deadline.zone)).days
    phase = _phase(deadline, left)
    floor = deadline.nature == "not_before"
    moment = "before" if phase == "floor_before" else phase
    texts = {
        "whose": [i18n.t(f"notices.whose.{deadline.side}", locale, actor=actor)],
        "first_day" if floor else "day": _day_lines(deadline, locale),
        **_expiry(deadline, locale),
        "now": [i18n.t(f"notices.now.{deadline.side}.{moment}", locale)],
        "sure": [i18n.t(f"notices.sure.{deadline.confidence}", locale)],
    }
    return Content(
        locale=locale,
        reference=facts.reference,
        greeting=i18n.t("notices.mail.greeting", locale, reference=facts.reference),
        headline=_headline(phase, left, locale),
        step=deadline.titles[locale],
        sections=[
            Section(name=name, label=i18n.t(f"notices.label.{name}", locale), lines=lines)
            for name, lines in texts.items()
        ],
        call=Call(
            label=i18n.t("notices.mail.acknowledge", locale), text=i18n.t("notices.mail.acknowledge_text", locale)
        ),
    )


def moment(instant: datetime, zone: str, locale: Locale) -> str:
    """Return an instant as people of a place write it."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{i18n.long_date(local.date(), locale)}, {babel.dates.format_time(local, 'HH:mm', locale=locale)}"


def _phase(deadline: Day, left: int) -> str:
    if deadline.nature == "not_before":
        return "floor_before" if left > 0 else "floor"
    if left == 0:
        return "last"
    return "before" if left > 0 else "over"


def _headline(phase: str, left: int, locale: Locale) -> str:
    if phase in ("last", "floor"):
        return i18n.t(f"notices.headline.{phase}", locale)
    return i18n.t(f"notices.headline.{phase}", locale, count=abs(left))


def _day_lines(deadline: Day, locale: Locale) -> list[str]:
    floor = deadline.nature == "not_before"
    lines = [_capital(i18n.long_date(deadline.due_on, locale)) + "."]
    if not floor:
        lines.append(i18n.t("notices.day.zone", locale, city=_city(deadline.zone, locale)))
    if deadline.practice_on is not None:
        lines.append(_with_day("practice", deadline.practice_on, locale))
    if deadline.latest_due_on != deadline.due_on:
        lines.append(_with_day("latest_floor" if floor else "latest", deadline.latest_due_on, locale))
    if deadline.nature in ("soft", "indicative"):
        lines.append(i18n.t("notices.day.soft", locale))
    if deadline.provisional:
        lines.append(i18n.t("notices.day.provisional", locale))
    return lines


def _expiry(deadline: Day, locale: Locale) -> dict[str, list[str]]:
    """Return what follows from a last day gone by, where a text says something."""
    if deadline.effect is None or deadline.nature == "not_before":
        return {}
    lines = [deadline.effect[locale]]
    if deadline.effect_confidence != "primary":
        lines.append(i18n.t("notices.day.effect_unsure", locale))
    return {"expiry": lines}


def _with_day(text: str, day: date, locale: Locale) -> str:
    return i18n.t(f"notices.day.{text}", locale, day=i18n.long_date(day, locale))


def _city(zone: str, locale: Locale) -> str:
    return babel.dates.get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
