"""Telling how long a case is kept, by which rule, in words."""

from uuid import UUID

from vigilancia.core import i18n
from vigilancia.core.errors import NotFoundError
from vigilancia.core.work import Work
from vigilancia.keeping import due, facts
from vigilancia.keeping.counting import Term, term_of
from vigilancia.keeping.door import owners_case
from vigilancia.keeping.facts import Facts
from vigilancia.keeping.rules import retention
from vigilancia.keeping.schemas import ForgottenBesides, Retained, RetentionRule, RetentionRules


async def read(work: Work, complaint_id: UUID) -> Retained:
    """Tell when a case would be erased, and why; a merged case is kept as the one that goes on for it.

    Raises:
        NotFoundError: For this caller it does not exist.
        GoneError: It was erased, and the caller had seen it.
        ForbiddenError: The caller is not of its owner's staff.
    """
    door = await owners_case(work, complaint_id)
    case = await facts.of(work, door.merged_into or complaint_id)
    if case is None:
        raise NotFoundError
    term = term_of(case, retention(), due.today_of(work, case))
    return Retained(
        complaint_id=complaint_id,
        kept_with=door.merged_into,
        rule=term.rule.id if term else None,
        rules_version=retention().version,
        mechanism=term.mechanism if term else None,
        outcome=term.outcome if term else None,
        counted_from=term.counted_from if term else None,
        warned_on=term.warned_on if term else None,
        erase_on=term.erase_on if term else None,
        held=case.held,
        explained=" ".join(_sentences(work, case, term)),
    )


def rules(work: Work) -> RetentionRules:
    """Return the rules in force, their reasons in the caller's language."""
    told = retention()
    return RetentionRules(
        version=told.version,
        warning_days=told.warning_days,
        rules=[
            RetentionRule(
                id=rule.id,
                outcome=rule.outcome,
                mechanisms=rule.mechanisms,
                days=rule.days,
                months=rule.months,
                why=rule.why[work.locale],
            )
            for rule in told.rules
        ],
        besides=[ForgottenBesides(what=each.what, days=each.days) for each in told.besides],
    )


def _sentences(work: Work, case: Facts, term: Term | None) -> list[str]:
    if term is None:
        return [_t(work, "open")]
    count = term.rule.months or term.rule.days or 0
    unit = "months" if term.rule.months else "days"
    said = [
        _t(work, f"kept_{unit}", count=count, day=i18n.long_date(term.counted_from, work.locale)),
        term.rule.why[work.locale],
    ]
    if case.held:
        return [*said, _t(work, "held")]
    day = i18n.long_date(term.erase_on, work.locale)
    if term.warned_on is None:
        return [*said, _t(work, "to_be_warned", day=day, days=retention().warning_days)]
    return [*said, _t(work, "warned", day=day, warned=i18n.long_date(term.warned_on, work.locale))]


def _t(work: Work, key: str, **places: object) -> str:
    return i18n.t(f"keeping.{key}", work.locale, **places)
