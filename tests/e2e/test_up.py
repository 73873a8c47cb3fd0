"""`vigilancia up` from outside: what it prints and stores, what it survives, and that it leaves nothing behind."""

import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from tests.e2e.installation import Running, data_folder, environment, installation, vigilancia, wait_until


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """One installation for all tests that leave it as it was."""
    with data_folder() as data_dir, installation(data_dir) as started:
        yield started


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Return a data folder of one's own."""
    with data_folder() as folder:
        yield folder


def test_every_role_gets_a_token_that_opens_what_it_may(running: Running) -> None:
    assert sorted(running.told["tokens"]) == ["admin", "analyst", "partner", "staff"]
    assert running.get("/v1/complaints", "staff").status_code == httpx.codes.OK
    assert running.get("/v1/complaints", "partner").status_code == httpx.codes.OK
    assert running.get("/v1/tokens", "admin").status_code == httpx.codes.OK
    assert running.get("/v1/tokens", "staff").status_code == httpx.codes.FORBIDDEN


def test_staff_and_partner_belong_to_different_organisations(running: Running) -> None:
    owners = {each["role"]: each["organization_id"] for each in running.get("/v1/tokens", "admin").json()["items"]}
    assert owners["staff"] != owners["partner"]


def test_the_demo_cases_are_there_for_every_role(running: Running) -> None:
    for role in running.told["tokens"]:
        assert running.get("/v1/complaints", role).json()["items"], role


def test_what_is_stored_is_for_its_owner_only(running: Running) -> None:
    for file in (running.data_dir / "run.json", running.data_dir / "keys" / "master"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_printed_is_what_is_stored(running: Running) -> None:
    screen = running.screen.read_text()
    for text in (running.told["base_url"], *running.told["tokens"].values(), str(running.data_dir / "mail")):
        assert text in screen


def test_the_stored_address_is_the_application_role_s_and_shows_no_row_without_a_ticket(running: Running) -> None:
    asked = "SELECT current_user, (SELECT count(*) FROM complaint) > 0"
    with psycopg.connect(running.told["database_url"]) as connection:
        assert connection.execute(asked).fetchone() == ("vigilancia_app", False)
    with psycopg.connect(running.told["owner_database_url"]) as connection:
        assert connection.execute(asked).fetchone() == ("vigilancia_owner", True)


def test_beat_and_worker_give_signs_of_life(running: Running) -> None:
    with psycopg.connect(running.told["database_url"]) as connection:
        names = connection.execute("SELECT name FROM heartbeat WHERE at > now() - interval '5 minutes'").fetchall()
    assert {"beat", "worker"} <= {name for (name,) in names}
    assert running.get("/health/scheduler").status_code == httpx.codes.OK


def test_a_second_start_on_the_same_data_is_told_who_holds_it(running: Running) -> None:
    second = vigilancia("up", env=running.env | {"VIGILANCIA_LOCALE": "en"})
    assert second.returncode == 1
    assert f"process {running.process.pid}, since 2" in second.stderr
    assert running.told["base_url"] in second.stderr
    assert running.answers()


def test_a_command_reaches_the_running_installation(running: Running) -> None:
    made = vigilancia("token", "create", "--role", "admin", "--name", "mended", "--json", env=running.env)
    assert made.returncode == 0, made.stderr
    token = made.stdout.split('"token": "')[1].split('"')[0]
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{running.told['base_url']}/v1/tokens", headers=headers).status_code == httpx.codes.OK


@pytest.mark.parametrize("name", ["vigilancia.api.app:create_app", "worker", "beat"])
def test_a_killed_program_is_started_again(running: Running, name: str) -> None:
    killed = running.child(name)
    killed.kill()

    def back() -> bool:
        try:
            return running.child(name).pid != killed.pid
        except LookupError:
            return False

    wait_until(back)
    wait_until(running.answers)


def test_the_api_answers_again_after_the_database_was_killed(running: Running) -> None:
    before = running.get("/v1/complaints").json()["items"]
    running.child("postgres").kill()
    wait_until(lambda: running.answers() and running.get("/v1/complaints").json()["items"] == before)


def test_it_stops_cleanly_keeps_its_data_and_starts_again_even_after_being_killed(data_dir: Path) -> None:
    with installation(data_dir) as first:
        cases = first.get("/v1/complaints").json()["items"]
        assert first.stop(signal.SIGINT) == 0
        assert first.left() == []
        assert not (data_dir / "run.json").exists()
    with installation(data_dir) as second:
        assert second.told["tokens"] == first.told["tokens"]
        assert second.get("/v1/complaints").json()["items"] == cases
        assert second.stop(signal.SIGTERM) == 0
        assert second.left() == []
    with installation(data_dir) as third:
        third.process.kill()
        third.process.wait()
        assert third.left() == []
    with installation(data_dir) as fourth:
        assert fourth.told["tokens"] == first.told["tokens"]
        assert fourth.get("/v1/complaints").json()["items"] == cases


def test_a_taken_port_is_named(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = vigilancia("up", env=environment(data_dir, port=port, locale="en"))
    assert refused.returncode == 1
    assert port in refused.stderr
    assert not (data_dir / "postgres").exists()


def test_a_database_of_one_s_own_without_keys_is_refused(data_dir: Path) -> None:
    refused = vigilancia("up", env=environment(data_dir, database_url="postgresql://nobody@127.0.0.1:1/none"))
    assert refused.returncode == 1
    assert "VIGILANCIA_MASTER_KEYS" in refused.stderr


def test_lost_keys_are_not_replaced_by_new_ones(data_dir: Path) -> None:
    (data_dir / "postgres" / "data").mkdir(parents=True)
    refused = vigilancia("up", env=environment(data_dir))
    assert refused.returncode == 1
    assert str(data_dir / "keys" / "master") in refused.stderr
    assert not (data_dir / "keys" / "master").exists()


def test_no_process_of_these_tests_runs_as_root_on_the_database(running: Running) -> None:
    server = psutil.Process(running.child("postgres").pid)
    assert server.uids().effective != 0 or os.geteuid() != 0
