"""The published contract only grows: what a client of the last release relies on is still there.

`docs/openapi.json` is the contract as last released; `--write` renews it, which a release does and a reviewer reads.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import create_async_engine

from vigilancia.api.app import build, described
from vigilancia.api.documents import describe
from vigilancia.core.crypto import KeyRing
from vigilancia.core.db import make_sessions
from vigilancia.core.settings import Settings
from vigilancia.core.work import Desk, open_vault

RELEASED = Path(__file__).parents[2] / "docs" / "openapi.json"
_METHODS = ("get", "post", "put", "patch", "delete")


def current() -> dict[str, Any]:
    """Return the contract as the code has it; nothing is opened for it."""
    engine = create_async_engine("postgresql+asyncpg://nobody@/nothing")
    desk = Desk(
        sessions=make_sessions(engine),
        settings=Settings(),
        keys=KeyRing(KeyRing.make("check")),
        vault=open_vault(Settings(), KeyRing(KeyRing.make("check"))),
        now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        wake=lambda _jobs: None,
    )
    return json.loads(json.dumps(describe(build(desk), described()), default=str))  # type: ignore[no-any-return]


def breaks(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield what a client of the old contract would miss in the new one."""
    for path, item in old["paths"].items():
        for method in _METHODS:
            if method not in item:
                continue
            fresh = new["paths"].get(path, {}).get(method)
            if fresh is None:
                yield f"{method.upper()} {path} is gone"
                continue
            yield from _parameter_breaks(f"{method.upper()} {path}", item[method], fresh)
    for name, schema in old["components"]["schemas"].items():
        yield from _schema_breaks(name, schema, new["components"]["schemas"].get(name))


def _schema_breaks(name: str, old: dict[str, Any], new: dict[str, Any] | None) -> Iterator[str]:
    if new is None:
        yield f"schema {name} is gone"
        return
    for field in old.get("properties", {}):
        if field not in new.get("properties", {}):
            yield f"{name}.{field} is gone"
    if name.endswith(("In", "Patch")):
        for field in sorted(set(new.get("required", [])) - set(old.get("required", []))):
            yield f"{name}.{field} is required now"


def _parameter_breaks(where: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    names = {entry.get("name", entry.get("$ref")) for entry in new.get("parameters", [])}
    for entry in old.get("parameters", []):
        if entry.get("name", entry.get("$ref")) not in names:
            yield f"{where}: parameter {entry.get('name', entry.get('$ref'))} is gone"
    for code in old.get("responses", {}):
        if code.startswith("2") and code not in new.get("responses", {}):
            yield f"{where}: answer {code} is gone"


if __name__ == "__main__":
    document = current()
    if "--write" in sys.argv:
        RELEASED.write_text(json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
    lines = list(breaks(json.loads(RELEASED.read_text("utf-8")), document))
    print("\n".join(lines) or f"{len(document['paths'])} paths, nothing broken")  # noqa: T201
    sys.exit(bool(lines))
