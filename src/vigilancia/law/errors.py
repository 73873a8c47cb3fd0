"""What the law refuses; each refusal carries a stable code and the facts a caller needs to mend it."""

from datetime import date


class LawError(Exception):
    """A refusal of the law's own; `code` never changes."""

    code = "law"

    def __init__(self, message: str, **facts: str) -> None:
        """Keep the facts apart from the words, so that a caller may word them anew."""
        super().__init__(message)
        self.facts = facts


class CalendarHorizonError(LawError):
    """A count ran past the days a calendar is known for."""

    code = "calendar-horizon"

    def __init__(self, calendar: str, day: date, covers_from: date, covers_until: date) -> None:
        """Say which calendar ends where."""
        super().__init__(
            f"{calendar} is known from {covers_from} to {covers_until}; the count reached {day}",
            calendar=calendar,
            day=day.isoformat(),
            covers_from=covers_from.isoformat(),
            covers_until=covers_until.isoformat(),
        )


class UnknownEventError(LawError):
    """An event type the mechanism does not name."""

    code = "unknown-event"

    def __init__(self, mechanism: str, event_type: str) -> None:
        """Say which type is unknown to which mechanism."""
        super().__init__(f"{mechanism} knows no event {event_type!r}", mechanism=mechanism, event=event_type)


class UnknownMechanismError(LawError):
    """A mechanism id that no rule file carries."""

    code = "unknown-mechanism"

    def __init__(self, mechanism: str) -> None:
        """Say which id was asked for."""
        super().__init__(f"no mechanism {mechanism!r}", mechanism=mechanism)


class RuleFilesError(LawError):
    """The rule files that came with the package do not load: a defect, found before it can do harm."""

    code = "rule-files"
