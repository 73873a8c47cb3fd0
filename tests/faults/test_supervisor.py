"""The embedded database: starts, restarts, refuses, and never leaves anything that blocks the next start."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Event
from time import monotonic

import psutil
import psycopg
import pytest

from vigilancia.embedded import place
from vigilancia.embedded.errors import EmbeddedError
from vigilancia.embedded.lock import OwnerLock
from vigilancia.embedded.place import settle
from vigilancia.embedded.postgres import APP, OWNER, Postgres
from vigilancia.embedded.supervisor import Program, Supervisor


@pytest.fixture
def root() -> Iterator[Path]:
    """Return a folder that the database's user can reach; pytest's own is closed to it when root runs the tests."""
    folder = Path(mkdtemp(prefix="vigilancia-test-"))
    folder.chmod(0o711)
    yield folder / "postgres"
    rmtree(folder)


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for what another process does; ten seconds are far more than it takes."""
    pause, deadline = Event(), monotonic() + 10
    while not true():
        assert monotonic() < deadline, "it did not happen"
        pause.wait(0.005)


def rows(server: Postgres) -> list[int]:
    with psycopg.connect(server.dsn()) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM kept ORDER BY 1").fetchall()]


def keep(server: Postgres, number: int) -> None:
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def test_the_next_start_finds_what_the_first_one_kept(root: Path) -> None:
    with Postgres(root) as server:
        keep(server, 1)
    with Postgres(root) as server:
        keep(server, 2)
        assert rows(server) == [1, 2]


def test_the_application_role_owns_nothing_and_is_no_superuser(root: Path) -> None:
    with Postgres(root, durable=False) as server:
        server.create_roles()
        server.create_roles()  # again: nothing to do
        with psycopg.connect(server.url(APP)) as connection:
            told = connection.execute(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            assert told == (False, False, False, False)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("CREATE TABLE mine (id int)")
        with psycopg.connect(server.url(OWNER)) as connection:
            connection.execute("CREATE TABLE ours (id int)")


def test_a_second_owner_is_told_who_holds_the_folder(root: Path) -> None:
    with Postgres(root, durable=False), pytest.raises(EmbeddedError) as refused:
        Postgres(root).start()
    assert refused.value.code == "held"
    assert refused.value.params["pid"] == os.getpid()
    assert str(refused.value.params["since"]).endswith("Z")


def test_a_killed_server_starts_again_with_every_committed_row(root: Path) -> None:
    with Postgres(root) as server:
        keep(server, 1)
        with psycopg.connect(server.dsn()) as unfinished:
            unfinished.execute("INSERT INTO kept VALUES (99)")
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
            wait_until(lambda: not server.alive)
            server.start()
            unfinished.close()
        assert rows(server) == [1]


def test_a_process_id_file_that_names_a_stranger_does_not_block_the_start(root: Path) -> None:
    with Postgres(root) as server:
        keep(server, 1)
    note = root / "data" / "postmaster.pid"
    note.write_text(f"{os.getppid()}\n{root / 'data'}\n1700000000\n5432\n{root / 'run'}\n\n  1 1\nready\n")
    with Postgres(root) as server:
        assert rows(server) == [1]


def test_a_process_id_file_written_by_half_does_not_block_the_start(root: Path) -> None:
    with Postgres(root) as server:
        keep(server, 1)
    (root / "data" / "postmaster.pid").write_text("")
    with Postgres(root) as server:
        assert rows(server) == [1]


HERE = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}

OWN = """
import signal, sys
from pathlib import Path
from vigilancia.embedded.postgres import Postgres
server = Postgres(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
signal.pause()
"""


def start_owner(root: Path) -> tuple["subprocess.Popen[str]", int]:
    """Start another process that owns a server; return it and the server's process id."""
    owner = subprocess.Popen([sys.executable, "-c", OWN, str(root)], stdout=subprocess.PIPE, text=True, env=HERE)
    assert owner.stdout is not None
    return owner, int(owner.stdout.readline())


def test_the_server_of_a_killed_owner_ends_and_the_next_owner_starts(root: Path) -> None:
    owner, pid = start_owner(root)
    server = psutil.Process(pid)
    owner.kill()
    owner.communicate()
    _, alive = psutil.wait_procs([server], timeout=10)
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []
    with Postgres(root) as again:
        assert again.alive


def test_the_next_owner_stops_a_server_that_outlived_its_own(root: Path) -> None:
    owner, pid = start_owner(root)
    os.kill(pid, signal.SIGSTOP)  # it cannot hear the signal of its owner's death yet
    owner.kill()
    owner.communicate()
    os.kill(pid, signal.SIGCONT)
    with Postgres(root) as again:
        assert again.pid != pid
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_start_killed_while_the_data_folder_was_made_leaves_nothing_half_made(root: Path) -> None:
    half = root / ".initdb-4711"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with Postgres(root) as server:
        keep(server, 1)
        assert not half.exists()


def test_an_owner_killed_during_initdb_does_not_block_the_next_start(root: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWN, str(root)], stdout=subprocess.PIPE, text=True, env=HERE)
    wait_until(lambda: bool(list(root.glob(".initdb-*"))))
    owner.kill()
    owner.communicate()
    assert not (root / "data").exists()
    with Postgres(root) as server:
        assert server.alive


def test_the_lock_of_a_dead_owner_is_free(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from vigilancia.embedded.lock import OwnerLock\n"
    code += "OwnerLock(Path(sys.argv[1])).take(); import os; os.abort()"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "lock")], check=False, env=HERE)
    assert json.loads((tmp_path / "lock").read_text())["pid"] != os.getpid()
    lock = OwnerLock(tmp_path / "lock")
    lock.take()
    assert lock.held


def test_a_path_too_long_for_a_socket_gets_a_short_folder_of_its_own(root: Path) -> None:
    deep = root.parent / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    for folder in (deep, deep.parent):
        folder.chmod(0o711)
    with Postgres(deep / "postgres", durable=False) as server:
        run = Path(str(psycopg.conninfo.conninfo_to_dict(server.dsn())["host"]))
        assert len(str(run)) < 80
        assert run.stat().st_mode & 0o777 == 0o700
    rmtree(run)


def test_a_program_that_died_is_started_again_and_what_it_left_is_ended(tmp_path: Path) -> None:
    said: list[tuple[str, str]] = []
    program = Program(name="sleeper", command=["/bin/sh", "-c", "sleep 600 & sleep 600"], patience=1)
    supervisor = Supervisor(
        database=None,
        programs=[program],
        logs=tmp_path / "log",
        env={"PATH": os.defpath},
        cwd=tmp_path,
        say=lambda code, params: said.append((code, str(params["name"]))),
    )
    supervisor.start()
    first = program.pid
    assert first is not None
    shell = psutil.Process(first)
    wait_until(lambda: len(shell.children()) == 2)
    left = shell.children()
    shell.kill()

    def tended() -> bool:
        supervisor.tend()
        return program.pid not in (None, first)

    wait_until(tended)
    assert said == [("died", "sleeper"), ("again", "sleeper")]
    _, alive = psutil.wait_procs(left, timeout=5)
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []
    supervisor.stop()
    assert program.pid is None


if os.geteuid() == 0:
    # Only root can become another user, so for others these tests do not exist.

    def test_root_runs_the_server_as_somebody_else_and_opens_no_folder_of_others(root: Path) -> None:
        before = root.parent.stat().st_mode
        with Postgres(root, durable=False) as server:
            assert psutil.Process(server.pid).uids().effective != 0
            assert (root / "data").stat().st_uid != 0
            assert (root / "run").stat().st_mode & 0o777 == 0o700
        assert root.parent.stat().st_mode == before

    def test_a_folder_out_of_the_servers_reach_moves_the_data_and_a_later_start_finds_it(root: Path) -> None:
        root.parent.chmod(0o700)
        root.mkdir()
        elsewhere = Path(mkdtemp(prefix="vigilancia-system-"))
        elsewhere.chmod(0o755)
        said: list[str] = []
        first = settle(root, lambda code, _: said.append(code), system_home=elsewhere)
        assert said == ["moved"]
        assert first.home.parent == elsewhere
        assert root.parent.stat().st_mode & 0o777 == 0o700
        root.parent.chmod(0o711)  # opened since, by its owner: the data stays where it is
        assert settle(root, lambda *_: None, system_home=elsewhere).home == first.home
        rmtree(elsewhere)

    def test_no_reachable_folder_at_all_is_a_refusal_with_the_reason(root: Path) -> None:
        root.parent.chmod(0o700)
        root.mkdir()
        closed = root.parent / "closed"
        with pytest.raises(EmbeddedError) as refused:
            settle(root, lambda *_: None, system_home=closed)
        assert refused.value.code == "unreachable"
        assert str(root) in str(refused.value.params["path"])

    def test_programs_out_of_the_servers_reach_are_copied_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        hidden = root.parent / "venv" / "pginstall18"
        for part in ("bin", "lib", "share"):
            (hidden / part).mkdir(parents=True)
        (hidden / "bin" / "postgres").write_text("#!/bin/sh\n")
        hidden.parent.chmod(0o700)
        monkeypatch.setattr(place, "shipped_programs", lambda: hidden / "bin")
        elsewhere = root.parent / "system"
        first = settle(root, lambda *_: None, system_home=elsewhere).programs
        assert first.parent.parent == elsewhere
        assert (first / "postgres").exists()
        assert settle(root, lambda *_: None, system_home=elsewhere).programs == first
        assert hidden.parent.stat().st_mode & 0o777 == 0o700
else:

    def test_who_is_not_root_runs_the_server_as_oneself(root: Path) -> None:
        assert settle(root, lambda *_: None).account is None
