"""The data sets `deadlines` and `notices`: one row for each deadline as it stands now, one for each notice."""

from datetime import datetime
from typing import Any

from sqlalchemy import Date, Select, Text, and_, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from vigilancia.complaints.models import ComplaintRow
from vigilancia.notices.models import AttemptRow, NoticeRow
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.proceedings.status import status_at
from vigilancia.reports.columns import EVERYONE, WITH_ALERTS, Column
from vigilancia.reports.scratch import ACTOR, ACTOR_LABEL, PICK, RULE, RULE_LABEL

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
        Column(name="id", type="id", value=_DAY.id, views=EVERYONE, names_case=True),
        Column(name="self", type="url", value=url, views=EVERYONE, names_case=True),
        *_of_case(_DAY.complaint_id),
        Column(name="proceeding_id", type="id", value=_DAY.proceeding_id, views=EVERYONE, names_case=True),
        Column(name="mechanism", type="code", value=_DAY.mechanism, views=EVERYONE),
        Column(name="rule", type="code", value=_DAY.rule, views=EVERYONE),
        Column(name="title", type="text", value=func.coalesce(RULE_LABEL.c.text, _DAY.rule), views=EVERYONE),
        Column(name="actor", type="code", value=_DAY.actor, views=EVERYONE),
        Column(name="actor_name", type="text", value=func.coalesce(ACTOR_LABEL.c.text, _DAY.actor), views=EVERYONE),
        Column(name="nature", type="code", value=_DAY.nature, views=EVERYONE),
        Column(name="due_on", type="date", value=_DAY.due_on, views=WITH_ALERTS),
        Column(name="latest_due_on", type="date", value=_DAY.latest_due_on, views=WITH_ALERTS),
        Column(name="due_month", type="month", value=_DAY.due_on, views=EVERYONE),
        Column(name="closes_at", type="instant", value=_DAY.closes_at, views=WITH_ALERTS),
        Column(name="status", type="code", value=status_at(now), views=EVERYONE),
        Column(name="met_on", type="date", value=_DAY.met_on, views=WITH_ALERTS),
        Column(name="void_reason", type="code", value=_DAY.void_reason, views=EVERYONE),
        Column(name="confidence", type="code", value=_DAY.confidence, views=EVERYONE),
        Column(name="citation", type="text", value=_citation(), views=EVERYONE),
        Column(name="rule_version", type="code", value=_DAY.rule_version, views=EVERYONE),
        Column(name="revision", type="integer", value=_DAY.revision, views=EVERYONE),
        Column(name="updated_at", type="instant", value=_DAY.updated_at, views=WITH_ALERTS),
        Column(name="overridden", type="boolean", value=_OVERRIDDEN_FROM.is_not(None), views=EVERYONE),
        Column(name="overridden_from", type="date", value=cast(_OVERRIDDEN_FROM, Date), views=WITH_ALERTS),
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
        Column(name="id", type="id", value=_NOTICE.id, views=EVERYONE, names_case=True),
        Column(name="self", type="url", value=url, views=EVERYONE, names_case=True),
        *_of_case(_NOTICE.complaint_id),
        Column(name="deadline_id", type="id", value=_NOTICE.deadline_id, views=EVERYONE, names_case=True),
        Column(name="rule", type="code", value=_DAY.rule, views=EVERYONE),
        Column(name="title", type="text", value=func.coalesce(RULE_LABEL.c.text, _DAY.rule), views=EVERYONE),
        Column(name="revision", type="integer", value=_NOTICE.revision, views=EVERYONE),
        Column(name="rung", type="text", value=_NOTICE.rung, views=EVERYONE),
        Column(name="organization_id", type="id", value=_NOTICE.organization_id, views=WITH_ALERTS, profiles=("full",)),
        Column(name="contact_id", type="id", value=_NOTICE.contact_id, views=WITH_ALERTS, profiles=("full",)),
        Column(name="channel", type="code", value=_NOTICE.channel, views=EVERYONE),
        Column(name="resend", type="integer", value=_NOTICE.resend, views=EVERYONE),
        Column(name="locale", type="code", value=_NOTICE.locale, views=EVERYONE),
        Column(name="status", type="code", value=_NOTICE.status, views=EVERYONE),
        Column(name="reason", type="code", value=_NOTICE.reason, views=EVERYONE),
        Column(name="due_at", type="instant", value=_NOTICE.due_at, views=WITH_ALERTS),
        Column(name="planned_at", type="instant", value=_NOTICE.planned_at, views=WITH_ALERTS),
        Column(name="ended_at", type="instant", value=_NOTICE.ended_at, views=WITH_ALERTS),
        Column(name="due_month", type="month", value=_NOTICE.due_at, views=EVERYONE),
        Column(name="attempts", type="integer", value=attempts, views=EVERYONE),
        Column(name="late", type="boolean", value=_NOTICE.late, views=EVERYONE),
    ]


def _of_case(complaint_id: Any) -> list[Column]:  # noqa: ANN401 - a column
    reference = ComplaintRow.reference
    return [
        Column(name="complaint_id", type="id", value=complaint_id, views=EVERYONE, names_case=True),
        Column(name="reference", type="code", value=reference, views=EVERYONE, names_case=True),
        Column(name="pseudonym", type="code", value=PICK.c.pseudonym, views=EVERYONE, profiles=("deidentified",)),
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
