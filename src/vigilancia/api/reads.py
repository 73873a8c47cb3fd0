"""What a request read: the case its address names, and the cases that its answer tells of.

Decided here, for every route alike, from the address and from the type of the answer, so that a new route is noted
without asking for it.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from litestar.types import Scope
from msgspec import Struct

from vigilancia.access.audit import Entry
from vigilancia.complaints.schemas import Complaint

# Parts of an address that name something of one case, the surest first; the database knows the way (migration 0025).
WAYS = ("complaint_id", "proceeding_id", "deadline_id", "escalation_id", "notice_id", "proposal_id")
# What is read and is no case: by its operation, as which kind of thing.
_OTHERS: Mapping[str, str] = {"GetExportFile": "export", "ListAudit": "audit"}
_SEARCH = "q"


def entries(scope: Scope, content: Any) -> list[Entry]:  # noqa: ANN401 - what a handler answered
    """Return what is to be noted of a good answer; nothing where nobody's data was read.

    Args:
        scope: Of the request, routed.
        content: What the handler answered, before it became text.
    """
    if scope.get("method") != "GET":
        return []  # changes are told by the database's triggers
    operation = operation_of(scope)
    facts: dict[str, Any] = {"operation": operation}
    asked = {name for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)}
    if _SEARCH in asked:
        facts["searched"] = True  # that words were searched for; never the words
    named, way, thing = subject(scope)
    cases = set(cases_of(content))
    if way is not None:
        # What hangs on a case by another thing lists rows of that case alone; by its own id, others may be told of.
        cases = cases - {named} if way == "complaint_id" else set()
    found = []
    if way is not None:
        found.append(Entry(action="read", what="complaint", way=way, thing=named, subject_id=thing, facts=facts))
    if cases:
        found.append(Entry(action="read", what="list", shown=sorted(cases), facts={**facts, "count": len(cases)}))
    elif not found and (operation in _OTHERS or _SEARCH in asked):
        what = _OTHERS.get(operation, "list")
        found.append(Entry(action="export" if what == "export" else "read", what=what, subject_id=thing, facts=facts))
    return found


def operation_of(scope: Scope) -> str:
    """Return the name the contract gives to what was asked for."""
    return str(getattr(scope.get("route_handler"), "operation_id", None) or "unknown")


def subject(scope: Scope) -> tuple[UUID | None, str | None, UUID | None]:
    """Return what in the address names a case, as which part of it, and the last thing the address names."""
    parts: Mapping[str, Any] = scope.get("path_params", {})
    ids = {name: value for name, value in parts.items() if isinstance(value, UUID)}
    way = next((name for name in WAYS if name in ids), None)
    return ids.get(way or ""), way, next(reversed(ids.values()), None)


def cases_of(content: Any) -> Iterator[UUID]:  # noqa: ANN401
    """Yield the cases that an answer tells of: its own, and those of the rows of its lists."""
    if not isinstance(content, Struct):
        return
    if isinstance(content, Complaint):
        yield content.id
        return
    own = getattr(content, "complaint_id", None)
    if isinstance(own, UUID):
        yield own
    for name in content.__struct_fields__:
        rows = getattr(content, name)
        if isinstance(rows, list):
            for row in rows:
                case = row.id if isinstance(row, Complaint) else getattr(row, "complaint_id", None)
                if isinstance(case, UUID):
                    yield case
