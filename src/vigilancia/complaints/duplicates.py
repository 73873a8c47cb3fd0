"""Complaints that may be one: shown with a score and reasons, never merged by themselves.

Compared is only what the caller is shown of both, so that no score and no empty list tells of a case unseen.
"""

from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import (
    ARRAY,
    Date,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    literal,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from vigilancia.access import fields, policy
from vigilancia.access.policy import View
from vigilancia.complaints import queries, views
from vigilancia.complaints.models import ComplaintFacilityRow, ComplaintRow
from vigilancia.complaints.schemas import Complaint
from vigilancia.complaints.schemas_merging import LoggedComplaint, PossibleDuplicate
from vigilancia.core.errors import ForbiddenError
from vigilancia.core.identity import Caller, Role
from vigilancia.core.strictyaml import parse
from vigilancia.core.work import Work
from vigilancia.registry.models import FacilityRow

Reason = Literal["same_facility", "near_in_time", "similar_title"]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1)]

COMPARED = ("title", "facility_ids", "received_on")
_VIEWS = tuple(view for view in get_args(View) if all(views.shows(view, field) for field in COMPARED))
_ROW, _PLACE = ComplaintRow.__table__.c, ComplaintFacilityRow.__table__.c


class Weights(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of the score each likeness makes."""

    same_facility: Share
    similar_title: Share
    near_in_time: Share

    def __post_init__(self) -> None:
        """Refuse weights that are no parts of one whole."""
        if round(self.same_facility + self.similar_title + self.near_in_time, 6) != 1:
            message = "weights must add up to 1"
            raise ValueError(message)


class Likeness(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data file: when two complaints may be one."""

    window_days: Count
    least_similarity: Share
    most_shown: Count
    most_compared: Count
    weights: Weights


@cache
def likeness() -> Likeness:
    """Return when two complaints may be one, read once for each process.

    Raises:
        DataFileError: The file does not fit.
    """
    file = files(__package__) / "data" / "duplicates.yaml"
    return parse(file.read_text("utf-8"), Likeness, name=file.name)


async def read_logged(work: Work, made: Any) -> LoggedComplaint:  # noqa: ANN401 - the id that was made
    """Read a complaint just logged, with those that may be the same one.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    shown = await queries.read(work, made)
    found = await find(work, shown) if shown.view in _VIEWS else []
    return LoggedComplaint(**msgspec.structs.asdict(shown), possible_duplicates=found)


async def find(work: Work, own: Complaint) -> list[PossibleDuplicate]:
    """Return the complaints that may be the same as one, the likeliest first, with one statement.

    Args:
        work: On whose behalf.
        own: As the caller is shown it.

    Raises:
        ForbiddenError: The caller is not shown what is compared.
    """
    if own.view not in _VIEWS or own.received_on is None:
        raise ForbiddenError
    asked = {
        "own_id": own.id,
        "own_pointer": own.merged_into,
        "own_title": own.title,
        "own_day": own.received_on,
        "own_plants": own.facility_ids,
        **policy.binds(work.caller, work.now),
    }
    rows = (await work.session.execute(_asking(work.caller.role), asked)).all()
    ours = runs(rows[0].own_words) if rows else frozenset[str]()
    found = [likely for row in rows if (likely := _compare(work.caller, row, ours)) is not None]
    found.sort(key=lambda other: (-other.score, str(other.complaint_id)))
    return found[: likeness().most_shown]


def similarity(ours: frozenset[str], theirs: frozenset[str]) -> float:
    """Return how alike two texts are, from 0 to 1: the share of their runs of three letters that they have in common.

    It takes time in proportion to their length, whatever they say, and does not mind the order of the words.
    """
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours or theirs else 0.0


def runs(text: str) -> frozenset[str]:
    """Return the runs of three letters in the words of a folded text; where a word begins and ends counts too."""
    padded = " " + text.replace(" ", "  ") + " "
    return frozenset(map("".join, zip(padded, padded[1:], padded[2:], strict=False))) if text.strip() else frozenset()


def _compare(
    caller: Caller,
    row: Any,  # noqa: ANN401 - a row of the query below
    ours: frozenset[str],
) -> PossibleDuplicate | None:
    view = policy.view(caller, row.standing, public=row.confidentiality == "public")
    if view not in _VIEWS:
        return None
    rules = likeness()
    same_facility = not set(fields.places(view)).isdisjoint(row.shared)
    alike = similarity(ours, runs(row.words))
    reasons: list[Reason] = ["same_facility"] if same_facility else []
    if alike >= rules.least_similarity:
        reasons.append("similar_title")
    if not reasons:
        return None
    weights, nearness = rules.weights, 1 - abs(row.days) / rules.window_days
    score = weights.same_facility * same_facility + weights.similar_title * alike + weights.near_in_time * nearness
    return PossibleDuplicate(
        complaint_id=row.id, reference=row.reference, score=round(score, 2), reasons=[*reasons, "near_in_time"]
    )


@cache
def _asking(role: Role) -> Select[Any]:
    """Return the statement that reads what is compared, built once for a role.

    Each of the three ways looks at the window alone and ends at a bound, so that it costs the same beside ten
    complaints as beside a million.
    """
    day, window = bindparam("own_day", type_=Date()), literal(likeness().window_days)
    title = func.public.terms(bindparam("own_title", type_=Text()))
    at_own_plant = _PLACE.facility_id == any_(bindparam("own_plants", type_=ARRAY(Uuid())))
    shown = [
        policy.seen(
            policy.any_caller(role),
            queries.ANY_TIME,
            complaint_id=_ROW.id,
            owner_id=_ROW.owner_id,
            confidentiality=_ROW.confidentiality,
        ),
        _ROW.merged_into.is_(None),
        _ROW.id != bindparam("own_id", type_=Uuid()),
        _ROW.id.is_distinct_from(bindparam("own_pointer", type_=Uuid())),
    ]
    if role == "analyst":
        shown.append(_ROW.confidentiality == "public")  # of others it is shown no title
    # The words of the title in one question, any of which may match: the text of a query parts its words by `&`. Asked
    # of the rows of the window in their order: an index of words would bring those of all years.
    any_word = cast(func.replace(cast(func.plainto_tsquery("spanish", title), Text), "&", "|"), TSQUERY)
    worded = _ROW.search.op("@@", is_comparison=True)(select(any_word).scalar_subquery()).is_(true())
    ways = [
        select(_ROW.id)
        .join(ComplaintFacilityRow, _PLACE.complaint_id == _ROW.id)
        .where(at_own_plant, _ROW.received_on.between(day - window, day + window), *shown),
        select(_ROW.id)
        .where(_ROW.received_on.between(day - window, day), worded, *shown)
        .order_by(_ROW.received_on.desc(), _ROW.id.desc()),
        select(_ROW.id)
        .where(_ROW.received_on > day, _ROW.received_on <= day + window, worded, *shown)
        .order_by(_ROW.received_on, _ROW.id),
    ]
    found = union(*(select(way.limit(likeness().most_compared).subquery().c.id) for way in ways))
    shared = (
        select(func.coalesce(func.array_agg(FacilityRow.visibility), cast([], ARRAY(Text))))
        .join(ComplaintFacilityRow, _PLACE.facility_id == FacilityRow.id)
        .where(_PLACE.complaint_id == _ROW.id, at_own_plant)
        .correlate(ComplaintRow)
        .scalar_subquery()
    )
    return select(
        _ROW.id,
        _ROW.reference,
        _ROW.confidentiality,
        queries.standing(role).label("standing"),
        (_ROW.received_on - day).label("days"),
        func.public.terms(_ROW.title).label("words"),
        title.label("own_words"),
        shared.label("shared"),
    ).where(_ROW.id.in_(found))
