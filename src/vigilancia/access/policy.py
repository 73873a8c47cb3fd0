"""The one place that decides who may see and record what.

A caller stands to a complaint in one of these ways, the strongest that applies:

* `owner`: the complaint is its organisation's;
* `write`, `read`: a link gives it, accepted and not ended;
* `public`: the complaint is public, and so is its public projection;
* `alerts`: a link of a role that gets alerts; it sees reference, steps and dates only;
* none: for this caller it does not exist (404).

Two walls stand before all of that. An organisation that is adverse in a case, stands above one that is, or below it,
gets nothing by any link of that case which does not itself carry a named override: the database keeps the mark
(`complaint_link.walled`). A person walled off a case by name finds nothing of it, whatever the organisation may
(`walls.py`).

What a standing shows depends on the role too: see `view`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    column,
    exists,
    false,
    literal,
    or_,
    select,
    table,
    true,
)

from vigilancia.access import walls
from vigilancia.core.errors import ForbiddenError
from vigilancia.core.identity import Caller, Role

Standing = Literal["owner", "write", "read", "alerts", "public"]
View = Literal["full", "shared", "deidentified", "alerts", "public"]

# Who may get alerts by its role in the case; any other role needs a named person's approval on the link.
ALERT_ROLES = ("petitioner", "co_petitioner", "representative", "challenger_union", "counsel", "supporter")

_ORGANIZATION, _NOW = "policy_organization", "policy_now"

_link = table(
    "complaint_link",
    column("complaint_id", Uuid()),
    column("organization_id", Uuid()),
    column("role", Text()),
    column("access", Text()),
    column("accepted_at", DateTime(timezone=True)),
    column("expires_at", DateTime(timezone=True)),
    column("valid_from", Text()),
    column("adverse", Boolean()),
    column("adverse_override", Text()),
    column("walled", Boolean()),
    column("rejected_at", DateTime(timezone=True)),
    column("revoked_at", DateTime(timezone=True)),
    column("alerts_approved_by", Text()),
).alias("policy_link")

_complaint = table(
    "complaint", column("id", Uuid()), column("owner_id", Uuid()), column("confidentiality", Text())
).alias("policy_complaint")

_plant = table("complaint_facility", column("complaint_id", Uuid()), column("facility_id", Uuid())).alias(
    "policy_plant"
)


def require(caller: Caller, scope: str) -> None:
    """Refuse a caller whose token lacks a scope.

    Raises:
        ForbiddenError: It does.
    """
    if scope not in caller.scopes:
        raise ForbiddenError(scope=scope)


def binds(caller: Caller, now: datetime) -> dict[str, Any]:
    """Return the values of a prepared statement's conditions of this module: who asks, for whom, and when."""
    return {_ORGANIZATION: caller.organization_id, _NOW: now, **walls.binds(caller)}


def any_caller(role: Role) -> Caller:
    """Return a caller to prepare a statement with, once for a role; `binds` puts the real one in at each execution.

    Building these conditions costs more than running them, so statements that are asked often are built once.
    """
    return Caller(organization_id=None, role=role, scopes=frozenset())


def link_stands(link: Any, now: datetime) -> ColumnElement[bool]:  # noqa: ANN401 - a mapped class or a table's columns
    """Return the condition that a link has not run out, and that no wall closes it.

    A wall closes every link of an adverse party and its kin, unless a named person overrode that on the link itself.
    """
    return and_(
        or_(link.expires_at.is_(None), link.expires_at > _at(now)),
        or_(link.walled.is_(False), link.adverse_override.is_not(None)),
    )


def link_counts(link: Any, now: datetime) -> ColumnElement[bool]:  # noqa: ANN401
    """Return the condition that a link gives what its `access` says, at an instant: it stands, and nobody ended it.

    `read` and `write` count once accepted besides.
    """
    return and_(link_stands(link, now), link.rejected_at.is_(None), link.revoked_at.is_(None))


def link_gets_alerts(link: Any, now: datetime) -> ColumnElement[bool]:  # noqa: ANN401
    """Return the condition that the linked organisation is told about the deadlines of the case."""
    return and_(
        link_counts(link, now),
        link.access != "none",
        or_(link.role.in_(ALERT_ROLES), link.alerts_approved_by.is_not(None)),
    )


def link_may_act(link: Any, now: datetime) -> ColumnElement[bool]:  # noqa: ANN401
    """Return the condition that the linked organisation is told of danger: it accepted `write`, and no wall stands.

    An overridden link of an adverse party or its kin may see a case; of a worker in danger it is not told.
    """
    return and_(
        link_gets_alerts(link, now), link.access == "write", link.accepted_at.is_not(None), link.walled.is_(False)
    )


def standing(
    caller: Caller,
    now: datetime,
    *,
    complaint_id: Any,  # noqa: ANN401 - a column of whatever is queried
    owner_id: Any,  # noqa: ANN401
    confidentiality: Any,  # noqa: ANN401
) -> ColumnElement[str | None]:
    """Return the SQL expression of how a caller stands to a complaint; null where it does not exist for the caller."""
    if caller.is_system:
        return literal("owner")
    stands = standing_of(
        _organization(caller),
        now,
        complaint_id=complaint_id,
        owner_id=owner_id,
        confidentiality=confidentiality,
        analyst=caller.role == "analyst",
    )
    return case((walls.let_in(caller, complaint_id), stands), else_=None)


def standing_of(
    organization_id: Any,  # noqa: ANN401 - a column of whatever is queried
    now: datetime,
    *,
    complaint_id: Any,  # noqa: ANN401
    owner_id: Any,  # noqa: ANN401
    confidentiality: Any,  # noqa: ANN401
    analyst: bool = False,
) -> ColumnElement[str | None]:
    """Return the SQL expression of how an organisation stands to a complaint, for many of them in one statement."""

    def linked(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        mine = and_(_link.c.complaint_id == complaint_id, _link.c.organization_id == organization_id)
        return exists(select(true()).select_from(_link).where(mine, link_counts(_link.c, now), *conditions))

    accepted = _link.c.accepted_at.is_not(None)
    # To an analyst a public case is public whoever owns it: its own organisation's rows would come de-identified.
    public_first = [(confidentiality == "public", literal("public"))] if analyst else []
    return case(
        *public_first,
        (owner_id == organization_id, "owner"),
        (linked(_link.c.access == "write", accepted), "write"),
        (linked(_link.c.access == "read", accepted), "read"),
        (confidentiality == "public", "public"),  # before alerts: a party is not told less than a stranger
        (linked(link_gets_alerts(_link.c, now)), "alerts"),
        else_=None,
    )


def linked_complaints(caller: Caller, now: datetime) -> Select[UUID]:
    """Return the select of the complaints that links open to a caller."""
    return select(_link.c.complaint_id).where(
        _link.c.organization_id == _organization(caller),
        link_counts(_link.c, now),
        walls.let_in(caller, _link.c.complaint_id),
        or_(
            and_(_link.c.access.in_(("read", "write")), _link.c.accepted_at.is_not(None)),
            link_gets_alerts(_link.c, now),
        ),
    )


def seen(
    caller: Caller,
    now: datetime,
    *,
    complaint_id: Any,  # noqa: ANN401
    owner_id: Any,  # noqa: ANN401
    confidentiality: Any,  # noqa: ANN401
    linked: Sequence[UUID] | None = None,
) -> ColumnElement[bool]:
    """Return the condition that a complaint exists for a caller; written so that the indexes serve it.

    Args:
        caller: Who asks.
        now: At which instant.
        complaint_id: Column.
        owner_id: Column.
        confidentiality: Column.
        linked: What `linked_complaints` found, where a long list is asked for: with the ids before it the database
            can tell whether the caller sees nearly everything or nearly nothing, and goes about it accordingly.
    """
    if caller.is_system:
        return true()
    ids = linked_complaints(caller, now) if linked is None else linked
    ways = or_(owner_id == _organization(caller), confidentiality == "public", complaint_id.in_(ids))
    return and_(walls.let_in(caller, complaint_id), ways)


def view(caller: Caller, standing_: Standing, *, public: bool = False) -> View:
    """Return which fields of a complaint a caller is shown.

    `full` has everything; `shared` all but the narrative; `deidentified` is for analysts: months and states, no words;
    `alerts` has reference and status; `public` is the public projection.

    Args:
        caller: Who asks.
        standing_: How the caller stands to it.
        public: Whether the complaint is public: then nobody is shown less than a stranger.
    """
    if caller.is_system:
        return "full"
    if standing_ in ("public", "alerts"):
        return "public" if public else standing_
    if caller.role == "analyst":
        return "public" if public else "deidentified"
    return "shared" if caller.role == "admin" else "full"


def may_record(caller: Caller, standing_: Standing) -> bool:
    """Tell whether a caller may change a complaint and what hangs on it: staff of the owner, and accepted writers."""
    return caller.is_system or (standing_ in ("owner", "write") and caller.role in ("staff", "partner"))


def may_read_files(caller: Caller, standing_: Standing) -> bool:
    """Tell whether the files of a complaint exist for a caller: the owner's staff, accepted readers and writers."""
    return caller.is_system or (standing_ in ("owner", "write", "read") and caller.role in ("staff", "partner"))


def gets_copies_only(caller: Caller, *, owner_id: UUID, organization_id: UUID) -> bool:
    """Tell whether a caller gets redacted copies of a file by default: whoever neither owns the case nor gave the file.

    Args:
        caller: Who asks.
        owner_id: Whose case it is.
        organization_id: Who handed the file in.
    """
    return not caller.is_system and caller.organization_id not in (owner_id, organization_id)


def may_manage(caller: Caller, standing_: Standing) -> bool:
    """Tell whether a caller may decide who else sees a complaint: the owner's own staff alone."""
    return caller.is_system or (standing_ == "owner" and caller.role in ("staff", "partner"))


def record_seen(
    caller: Caller,
    now: datetime,
    *,
    owner_id: Any,  # noqa: ANN401
    visibility: Any,  # noqa: ANN401
    organization_id: Any = None,  # noqa: ANN401
    facility_id: Any = None,  # noqa: ANN401
) -> ColumnElement[bool]:
    """Return the condition that a registry record exists for a caller.

    Args:
        caller: Who asks.
        now: At which instant.
        owner_id: Column: who keeps the record.
        visibility: Column: `private`, `linked` or `public`.
        organization_id: Column: the organisation the record is about, which always sees its own.
        facility_id: Column: the facility the record is about.
    """
    if caller.is_system:
        return true()
    ways = [owner_id == _organization(caller), visibility == "public"]
    readable = select(_complaint.c.id).where(_read_in_full(caller, now))
    if organization_id is not None:
        parties = select(_link.c.organization_id).where(_link.c.complaint_id.in_(readable))
        ways += [organization_id == _organization(caller), and_(visibility == "linked", organization_id.in_(parties))]
    if facility_id is not None:
        plants = select(_plant.c.facility_id).where(_plant.c.complaint_id.in_(readable))
        ways.append(and_(visibility == "linked", facility_id.in_(plants)))
    if caller.role == "admin":
        ways.append(visibility != "private")
    return or_(*ways)


def plant_known(
    caller: Caller,
    now: datetime,
    *,
    owner_id: Any,  # noqa: ANN401
    facility_id: Any,  # noqa: ANN401
) -> ColumnElement[bool]:
    """Return the condition that a caller knows a facility better than the public: as its keeper, or by a case about it.

    The case must not be public, and the facility's keeper must take part in it, as its owner or by a link it accepted:
    otherwise anybody could log a case about a facility and be told what the public is not. Analysts know none better.

    Args:
        caller: Who asks.
        now: At which instant.
        owner_id: Column: who keeps the facility.
        facility_id: Column: the facility.
    """
    if caller.is_system:
        return true()
    if caller.role == "analyst":
        return false()
    theirs = _link.alias("policy_keeper_link").c
    takes_part = or_(
        _complaint.c.owner_id == owner_id,
        exists(
            select(true()).where(
                theirs.complaint_id == _complaint.c.id,
                theirs.organization_id == owner_id,
                theirs.accepted_at.is_not(None),
                link_counts(theirs, now),
            )
        ),
    )
    about = select(true()).where(
        _plant.c.facility_id == facility_id,
        _complaint.c.id == _plant.c.complaint_id,
        _complaint.c.confidentiality != "public",
        _read_in_full(caller, now),
        takes_part,
    )
    return or_(owner_id == _organization(caller), exists(about))


def _organization(caller: Caller) -> ColumnElement[UUID | None]:
    return bindparam(_ORGANIZATION, caller.organization_id, Uuid())


def _at(now: datetime) -> ColumnElement[datetime]:
    return bindparam(_NOW, now, DateTime(timezone=True))


def _read_in_full(caller: Caller, now: datetime) -> ColumnElement[bool]:
    accepted = select(_link.c.complaint_id).where(
        _link.c.organization_id == _organization(caller),
        link_counts(_link.c, now),
        _link.c.access.in_(("read", "write")),
        _link.c.accepted_at.is_not(None),
    )
    mine = _complaint.c.owner_id == _organization(caller)
    ways = or_(mine, _complaint.c.confidentiality == "public", _complaint.c.id.in_(accepted))
    return and_(walls.let_in(caller, _complaint.c.id), ways)


def may_keep(caller: Caller, *, owner_id: UUID, subject_id: UUID | None = None) -> bool:
    """Tell whether a caller may change a registry record: its keeper, or the organisation it is about."""
    return caller.is_system or caller.organization_id in (owner_id, subject_id)
