"""The data sets `deadlines` and `notices`: one row for each deadline as it stands now, one for each notice."""

from datetime import datetime
from typing import Any

from sqlalchemy import Date, Select, Text, and_, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from vigilancia.complaints.models import ComplaintRow
from vigilancia.notices.models import AttemptRow, NoticeRow
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.proceedings.status import status_at
from vigilancia.reports.columns import Column
from vigilancia.reports.scratch import ACTOR, ACTOR_LABEL, PICK, RULE, RULE_LABEL

_DEADLINES, _NOTICES = "deadlines_file", "notices_file"  # their tables of `access.fields`
_DAY = DeadlineRow.__table__.c
_NOTICE = NoticeRow.__table__.c
_OVERRIDDEN_FROM = _DAY.computation["overridden_from"].astext  # what was computed, where somebody set another day


def deadline_source(query: Select[Any]) -> Select[Any]:
    """Join what the columns of deadlines are read from."""
    return _with_rule(
        query.select_from(PICK)
        .join(DeadlineRow, _DAY.id == PICK.c.id)
        .join(ComplaintRow, ComplaintRow.id == _DAY.complaint_id)
    ).outerjoin(
        ACTOR_LABEL,
        and_(ACTOR_LABEL.c.mechanism == _DAY.mechanism, ACTOR_LABEL.c.kind == ACTOR, ACTOR_LABEL.c.code == _DAY.actor),
    )


def deadline_columns(base_url: str, now: datetime) -> list[Column]:
    """Return the columns of deadlines in the order of the file."""
    url = literal(f"{base_url}/v1/deadlines/").concat(cast(_DAY.id, Text))
    return [
        Column(name="id", type="id", value=_DAY.id, file=_DEADLINES, names_case=True),
        Column(name="self", type="url", value=url, file=_DEADLINES, names_case=True),
        *_of_case(_DEADLINES, _DAY.complaint_id),
        Column(name="proceeding_id", type="id", value=_DAY.proceeding_id, file=_DEADLINES, names_case=True),
        Column(name="mechanism", type="code", value=_DAY.mechanism, file=_DEADLINES),
        Column(name="rule", type="code", value=_DAY.rule, file=_DEADLINES),
        Column(name="title", type="text", value=func.coalesce(RULE_LABEL.c.text, _DAY.rule), file=_DEADLINES),
        Column(name="actor", type="code", value=_DAY.actor, file=_DEADLINES),
        Column(name="actor_name", type="text", value=func.coalesce(ACTOR_LABEL.c.text, _DAY.actor), file=_DEADLINES),
        Column(name="nature", type="code", value=_DAY.nature, file=_DEADLINES),
        Column(name="due_on", type="date", value=_DAY.due_on, file=_DEADLINES),
        Column(name="latest_due_on", type="date", value=_DAY.latest_due_on, file=_DEADLINES),
        Column(name="due_month", type="month", value=_DAY.due_on, file=_DEADLINES),
        Column(name="closes_at", type="instant", value=_DAY.closes_at, file=_DEADLINES),
        Column(name="status", type="code", value=status_at(now), file=_DEADLINES),
        Column(name="met_on", type="date", value=_DAY.met_on, file=_DEADLINES),
        Column(name="void_reason", type="code", value=_DAY.void_reason, file=_DEADLINES),
        Column(name="confidence", type="code", value=_DAY.confidence, file=_DEADLINES),
        Column(name="citation", type="text", value=_citation(), file=_DEADLINES),
        Column(name="rule_version", type="code", value=_DAY.rule_version, file=_DEADLINES),
        Column(name="revision", type="integer", value=_DAY.revision, file=_DEADLINES),
        Column(name="updated_at", type="instant", value=_DAY.updated_at, file=_DEADLINES),
        Column(name="overridden", type="boolean", value=_OVERRIDDEN_FROM.is_not(None), file=_DEADLINES),
        Column(name="overridden_from", type="date", value=cast(_OVERRIDDEN_FROM, Date), file=_DEADLINES),
    ]


def notice_source(query: Select[Any]) -> Select[Any]:
    """Join what the columns of notices are read from."""
    return _with_rule(
        query.select_from(PICK)
        .join(NoticeRow, _NOTICE.id == PICK.c.id)
        .join(DeadlineRow, _DAY.id == _NOTICE.deadline_id)
        .join(ComplaintRow, ComplaintRow.id == _NOTICE.complaint_id)
    )


def notice_columns(base_url: str) -> list[Column]:
    """Return the columns of notices in the order of the file."""
    url = literal(f"{base_url}/v1/notices/").concat(cast(_NOTICE.id, Text))
    attempts = select(func.count()).where(AttemptRow.notice_id == _NOTICE.id).correlate(NoticeRow).scalar_subquery()
    return [
        Column(name="id", type="id", value=_NOTICE.id, file=_NOTICES, names_case=True),
        Column(name="self", type="url", value=url, file=_NOTICES, names_case=True),
        *_of_case(_NOTICES, _NOTICE.complaint_id),
        Column(name="deadline_id", type="id", value=_NOTICE.deadline_id, file=_NOTICES, names_case=True),
        Column(name="rule", type="code", value=_DAY.rule, file=_NOTICES),
        Column(name="title", type="text", value=func.coalesce(RULE_LABEL.c.text, _DAY.rule), file=_NOTICES),
        Column(name="revision", type="integer", value=_NOTICE.revision, file=_NOTICES),
        Column(name="rung", type="text", value=_NOTICE.rung, file=_NOTICES),
        Column(name="organization_id", type="id", value=_NOTICE.organization_id, file=_NOTICES, profiles=("full",)),
        Column(name="contact_id", type="id", value=_NOTICE.contact_id, file=_NOTICES, profiles=("full",)),
        Column(name="channel", type="code", value=_NOTICE.channel, file=_NOTICES),
        Column(name="resend", type="integer", value=_NOTICE.resend, file=_NOTICES),
        Column(name="locale", type="code", value=_NOTICE.locale, file=_NOTICES),
        Column(name="status", type="code", value=_NOTICE.status, file=_NOTICES),
        Column(name="reason", type="code", value=_NOTICE.reason, file=_NOTICES),
        Column(name="due_at", type="instant", value=_NOTICE.due_at, file=_NOTICES),
        Column(name="planned_at", type="instant", value=_NOTICE.planned_at, file=_NOTICES),
        Column(name="ended_at", type="instant", value=_NOTICE.ended_at, file=_NOTICES),
        Column(name="due_month", type="month", value=_NOTICE.due_at, file=_NOTICES),
        Column(name="attempts", type="integer", value=attempts, file=_NOTICES),
        Column(name="late", type="boolean", value=_NOTICE.late, file=_NOTICES),
    ]


def _of_case(file: str, complaint_id: Any) -> list[Column]:  # noqa: ANN401 - a column
    reference = ComplaintRow.reference
    return [
        Column(name="complaint_id", type="id", value=complaint_id, file=file, names_case=True),
        Column(name="reference", type="code", value=reference, file=file, names_case=True),
        Column(name="pseudonym", type="code", value=PICK.c.pseudonym, file=file, profiles=("deidentified",)),
    ]


def _with_rule(query: Select[Any]) -> Select[Any]:
    rule = and_(RULE_LABEL.c.mechanism == _DAY.mechanism, RULE_LABEL.c.kind == RULE, RULE_LABEL.c.code == _DAY.rule)
    return query.outerjoin(RULE_LABEL, rule)


def _citation() -> Any:  # noqa: ANN401 - an expression
    """Return where the rule is written: title and place of each source, in the order of the rule file."""
    each = func.jsonb_array_elements(_DAY.citation, type_=JSONB).table_valued("value", with_ordinality="place")
    each = each.render_derived(name="cited")
    value = each.c.value
    one = func.concat_ws(", ", value.op("->>")("title"), value.op("->>")("locator"))
    return (
        select(func.string_agg(one, aggregate_order_by(literal("; "), each.c.place)))
        .select_from(each)
        .correlate(DeadlineRow)
        .scalar_subquery()
    )
