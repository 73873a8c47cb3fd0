"""The cost of the second wall and of sealing: the same requests with and without, in turns in one run."""

import dataclasses
import json
from collections.abc import Awaitable

from litestar import Litestar

from tests.bench.measure import show, take_turns
from tests.bench.requests import BODY, call
from tests.builders import settle_people
from vigilancia.api.app import build
from vigilancia.core.db import make_engine, make_sessions
from vigilancia.core.work import Desk

_WORDS = "Nos llamaron uno por uno a la oficina. " * 20


async def run(desk: Desk) -> None:
    """Measure and print."""
    people = await settle_people(desk)
    token = people.tokens["staff"]
    engine = make_engine(desk.settings.owner_database_url)  # whom no policy binds
    walled, bare = build(desk), build(dataclasses.replace(desk, sessions=make_sessions(engine)))
    words = json.dumps(json.loads(BODY) | {"summary": _WORDS, "narrative": _WORDS}).encode()
    for _ in range(60):
        plain = json.loads(await call(walled, "POST", "/v1/complaints", token=token, body=BODY))
        sealed = json.loads(await call(walled, "POST", "/v1/complaints", token=token, body=words))

    def read(app: Litestar, made: dict[str, str]) -> Awaitable[bytes]:
        return call(app, "GET", f"/v1/complaints/{made['id']}", token=token)

    walls = await take_turns(
        {
            "read, wall off": lambda: read(bare, plain),
            "read, wall on": lambda: read(walled, plain),
            "log, wall off": lambda: call(bare, "POST", "/v1/complaints", token=token, body=BODY),
            "log, wall on": lambda: call(walled, "POST", "/v1/complaints", token=token, body=BODY),
        },
        rounds=15,
        inner=20,
    )
    for what in ("read", "log"):
        figures = {name: walls[name] for name in (f"{what}, wall off", f"{what}, wall on")}
        show(f"Cost of row-level security: {what} a complaint", figures, f"{what}, wall off")
    seals = await take_turns(
        {
            "read without words": lambda: read(walled, plain),
            "read 800 letters twice": lambda: read(walled, sealed),
            "log without words": lambda: call(walled, "POST", "/v1/complaints", token=token, body=BODY),
            "log with words": lambda: call(walled, "POST", "/v1/complaints", token=token, body=words),
        },
        rounds=15,
        inner=20,
    )
    for without, with_ in (("read without words", "read 800 letters twice"), ("log without words", "log with words")):
        show("Cost of sealing", {name: seals[name] for name in (without, with_)}, without)
    await engine.dispose()
