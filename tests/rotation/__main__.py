"""Rotate the master key over many values beside a real API, kill the rotation in the middle, and let it finish.

Prints figures; ends with status 1 where a request failed, or a value stayed under the older key.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from alembic import command
from sqlalchemy import insert

from tests.builders import settle_people
from tests.conftest import KEYS, People, alembic_config, looking
from tests.faults.installation import free_port
from vigilancia.cli import programs
from vigilancia.complaints import sealed
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core import tickets
from vigilancia.core.crypto import KeyRing
from vigilancia.core.db import make_engine
from vigilancia.core.ids import untimed_id
from vigilancia.core.sealing import mark, rotation
from vigilancia.core.settings import Settings
from vigilancia.core.stores import Store
from vigilancia.core.stores.local import LocalStore
from vigilancia.core.vault import Vault
from vigilancia.core.work import Desk, make_desk
from vigilancia.embedded.postgres import APP, OWNER, Postgres

PART = 1_000
CLIENTS = 4
READY_SECONDS = 60
OK = 300  # below it an answer is a good one


@dataclass
class Heard:
    """What clients were answered."""

    answers: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    times: list[float] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """Requests that were not answered well."""
        return self.broken + sum(number for status, number in self.answers.items() if status >= OK)


class Quick(LocalStore):
    """A store that does not wait for the disk: only for laying out what is then rotated."""

    async def put_new(self, name: str, data: bytes) -> bool:
        """Write a file."""
        place = self.root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        return True


async def main(values: int) -> int:
    """Run it all and return the status."""
    with tempfile.TemporaryDirectory() as root:
        Path(root).chmod(0o711)  # noqa: ASYNC240 - nothing else runs yet
        with Postgres(Path(root) / "db") as server:
            server.create_roles()
            command.upgrade(alembic_config(server.url(OWNER)), "head")
            tickets.install(server.url(OWNER), KeyRing(KEYS))
            older = _settings(Path(root) / "data", server, KEYS)
            ids, people = await _lay_out(older, values)
            newer = KeyRing.make("newer")
            tickets.install(server.url(OWNER), KeyRing(f"{newer},{KEYS}"))
            return await _rotate(_settings(Path(root) / "data", server, f"{newer},{KEYS}"), ids, people)


def _settings(folder: Path, server: Postgres, keys: str) -> Settings:
    return Settings.model_validate(
        {
            "data_dir": folder,
            "database_url": server.url(APP),
            "owner_database_url": server.url(OWNER),
            "master_keys": keys,
            "port": free_port(),
        }
    )


def _desk(settings: Settings) -> Desk:
    return make_desk(settings, make_engine(settings.database_url, pool_size=2), lambda _jobs: None)


async def _lay_out(settings: Settings, values: int) -> tuple[list[UUID], People]:
    """Write cases with a sealed summary each, all under the older key."""
    desk = _desk(settings)
    people = await settle_people(desk)
    await mark.settle(desk)
    store: Store = Quick(settings.key_dir)
    vault = Vault(store, desk.keys)
    await vault.mark()
    ids = [untimed_id() for _ in range(values)]
    for begin in range(0, values, PART):
        async with looking(desk) as session:
            rows = [await _case(desk, vault, people, id_) for id_ in ids[begin : begin + PART]]
            await session.execute(insert(ComplaintRow), rows)
            await session.commit()
    print(f"{values} cases laid out, each with a key of its own and a sealed summary")  # noqa: T201
    return ids, people


async def _case(desk: Desk, vault: Vault, people: People, id_: UUID) -> dict[str, Any]:
    now = desk.now()
    empty: dict[str, Any] = {name: [] for name in ("incidents", "allegations", "groups", "languages", "external_ids")}
    empty |= {name: [] for name in ("tags", "source_urls", "findings", "outcomes")}
    where = sealed.field("summary", id_)
    return empty | {
        "id": id_,
        "reference": f"VIG-2026-{id_.hex[:12].upper()}",
        "owner_id": people.centre_id,
        "title": "Caso",
        "summary_sealed": await vault.seal(id_, f"Resumen {id_}", field=where),
        "sealed": True,
        "status": "open",
        "received_on": now.date(),
        "confidentiality": "restricted",
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }


async def _rotate(settings: Settings, ids: list[UUID], people: People) -> int:
    env = {**programs.environment(settings), "VIGILANCIA_LOCALE": "en", "VIGILANCIA_LOG_LEVEL": "WARNING"}
    api = subprocess.Popen([sys.executable, "-m", *programs.api(settings)], env=env)  # noqa: ASYNC220 - outlives the loop
    heard, over = Heard(), asyncio.Event()
    try:
        async with httpx.AsyncClient(base_url=settings.base_url, timeout=30) as client:
            await _answers(client)
            clients = [
                asyncio.create_task(_use(client, people, ids[place::CLIENTS], heard, over)) for place in range(CLIENTS)
            ]
            done = await _killed_once(env, settings, len(ids))
            over.set()
            await asyncio.gather(*clients)
    finally:
        api.terminate()
        api.wait()
    counts = await rotation.counts(_desk(settings))
    left = sum(sum(places.values()) for key_id, places in counts.items() if key_id != "newer")
    times = sorted(heard.times)
    print(  # noqa: T201
        f"requests {len(times)}, failed {heard.failed}, answers {dict(heard.answers)}; median"
        f" {times[len(times) // 2] * 1000:.1f} ms, 99 of 100 below {times[len(times) * 99 // 100] * 1000:.1f} ms\n"
        f"values left under the older key: {left}; the command says it is needed no more: {done['unneeded']}"
    )
    return int(bool(heard.failed or left or done["unneeded"] != ["test"]))


async def _killed_once(env: Mapping[str, str], settings: Settings, values: int) -> dict[str, Any]:
    """Run the command, kill it in the middle, run it again to its end, and return what it says."""
    words = [sys.executable, "-m", "vigilancia", "keys", "rotate", "--json"]
    env = {**env, "VIGILANCIA_OWNER_DATABASE_URL": settings.owner_database_url}
    begun = time.perf_counter()
    first = await asyncio.create_subprocess_exec(*words, env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert first.stderr is not None
    async for line in first.stderr:  # a line for every few thousand values
        if int(line.decode().rsplit(":", 1)[-1]) >= values // 2:
            break
    os.kill(first.pid, signal.SIGKILL)
    await first.wait()
    counts = await rotation.counts(_desk(settings))
    print(f"killed after {time.perf_counter() - begun:.1f} s with {counts['newer']} of {values} done")  # noqa: T201
    begun = time.perf_counter()
    second = await asyncio.create_subprocess_exec(*words, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out, _ = await second.communicate()
    done: dict[str, Any] = json.loads(out)
    print(f"run again: {done['renewed']} in {time.perf_counter() - begun:.1f} s, status {second.returncode}")  # noqa: T201
    return done


async def _answers(client: httpx.AsyncClient) -> None:
    for _ in range(READY_SECONDS * 5):
        try:
            if (await client.get("/health/live")).status_code < OK:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.2)
    message = "the API did not start"
    raise RuntimeError(message)


async def _use(client: httpx.AsyncClient, people: People, ids: list[UUID], heard: Heard, over: asyncio.Event) -> None:
    """Read cases one after the other, list, log and change some, until it is over."""
    headers = {"Authorization": f"Bearer {people.tokens['staff']}"}
    turn = 0
    while not over.is_set():
        id_ = ids[turn % len(ids)]
        turn += 1
        begun = time.perf_counter()
        try:
            if turn % 10 == 0:
                body = {"title": "Nuevo", "received_on": "2026-01-05", "summary": "x", "narrative": "y"}
                answer = await client.post("/v1/complaints", json=body, headers=headers)
            elif turn % 10 == 1:
                answer = await client.get("/v1/complaints?limit=50", headers=headers)
            else:
                answer = await client.get(f"/v1/complaints/{id_}", headers=headers)
                if answer.status_code < OK and answer.json()["summary"] != f"Resumen {id_}":
                    heard.broken += 1
            heard.answers[answer.status_code] += 1
        except httpx.TransportError:
            heard.broken += 1
        heard.times.append(time.perf_counter() - begun)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tests.rotation")
    parser.add_argument("--values", type=int, default=100_000)
    sys.exit(asyncio.run(main(parser.parse_args().values)))
