"""What crosses the wire: complaints that may be one, and their merging."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from vigilancia.complaints.schemas import Complaint

Reason = Annotated[str, Meta(min_length=3, max_length=500)]


class PossibleDuplicate(Struct, frozen=True, kw_only=True):
    """A complaint that may be the same one; it stays as it is until somebody merges the two.

    Attributes:
        complaint_id: Of the other.
        reference: Of the other.
        score: From 0 to 1, two decimals; the likeliest has most.
        reasons: Why it is shown.
    """

    complaint_id: UUID
    reference: str
    score: float
    reasons: list[Literal["same_facility", "near_in_time", "similar_title"]]


class PossibleDuplicates(Struct, frozen=True, kw_only=True):
    """Complaints that may be the same as one, the likeliest first; five at most."""

    possible_duplicates: list[PossibleDuplicate]


class LoggedComplaint(Complaint, frozen=True, kw_only=True):
    """A complaint just logged, with those that may be the same one, the likeliest first; five at most."""

    possible_duplicates: list[PossibleDuplicate]


class MergeIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Into which case another is merged.

    Attributes:
        into: The case that goes on.
        reason: Why; told to those who read the case and see the other one too.
    """

    into: UUID
    reason: Reason


class UnmergeIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a merge is undone; told as the reason of the merge is."""

    reason: Reason
