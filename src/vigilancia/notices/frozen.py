"""What a run froze of its rungs, read beside a notice: the day it was planned for is counted as the run counted it."""

from typing import Any

from sqlalchemy import ColumnElement, Uuid, column, select, table
from sqlalchemy.dialects.postgresql import JSONB

_run = table("escalation_run", column("id", Uuid()), column("ladder", JSONB())).alias("frozen_run")


def offsets_of(run_id: Any) -> ColumnElement[dict[str, int] | None]:  # noqa: ANN401 - a column of whatever is queried
    """Return the SQL expression of a run's frozen working-day rungs, as `rungs.instant` wants them; null: none."""
    return select(_run.c.ladder["offsets"]).where(_run.c.id == run_id).scalar_subquery()
