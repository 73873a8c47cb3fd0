"""A real `vigilancia up` in a process of its own, for tests that look at it from outside."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Event
from time import monotonic
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).parents[2]
PATIENCE = 120


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """Return an environment with these settings and none of the machine's."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("VIGILANCIA_")}
    named = {f"VIGILANCIA_{name.upper()}": value for name, value in settings.items()}
    path = {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    return env | path | {"VIGILANCIA_DATA_DIR": str(data_dir), "VIGILANCIA_PORT": "0"} | named


def vigilancia(*words: str, env: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "vigilancia", *words],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def wait_until(true: Callable[[], object], patience: float = 30) -> None:
    """Wait for what other processes do."""
    pause, deadline = Event(), monotonic() + patience
    while not true():
        assert monotonic() < deadline, "it did not happen"
        pause.wait(0.02)


class Running:
    """A started installation."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        """Start it and wait for `run.json`."""
        self.data_dir = data_dir
        self.env = environment(data_dir, **settings)
        self.screen = data_dir.parent / "screen.txt"
        with self.screen.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "vigilancia", "up"],
                env=self.env,
                cwd=ROOT,
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
            )
        run_file = data_dir / "run.json"
        wait_until(lambda: self._mine(run_file) or self.process.poll() is not None, PATIENCE)
        assert self.process.poll() is None, self.screen.read_text()
        self.told: dict[str, Any] = json.loads(run_file.read_text())
        self.family = psutil.Process(self.process.pid).children(recursive=True)

    def _mine(self, run_file: Path) -> bool:
        return run_file.exists() and json.loads(run_file.read_text())["pid"] == self.process.pid

    def child(self, word: str) -> psutil.Process:
        """Return the direct child with this program or argument in its command line."""
        for each in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # it may be ending just now
                if word in {Path(part).name for part in each.cmdline()}:
                    return each
        raise LookupError(word)

    def get(self, path: str, role: str = "staff") -> httpx.Response:
        """Ask the API."""
        headers = {"Authorization": f"Bearer {self.told['tokens'][role]}"}
        return httpx.get(f"{self.told['base_url']}{path}", headers=headers, timeout=10)

    def answers(self, path: str = "/v1/complaints") -> bool:
        """Tell whether the API answers 200 now."""
        try:
            return self.get(path).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def stop(self, sig: signal.Signals = signal.SIGTERM) -> int:
        """End it and return its exit status."""
        self.process.send_signal(sig)
        return self.process.wait(60)

    def left(self) -> list[psutil.Process]:
        """Return what is left of its processes, a moment after its end."""
        _, alive = psutil.wait_procs(self.family, timeout=15)
        return [each for each in alive if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


@contextmanager
def data_folder() -> Iterator[Path]:
    """Give a data folder that the database's user can reach, also where root runs the tests."""
    folder = Path(mkdtemp(prefix="vigilancia-up-"))
    folder.chmod(0o711)
    try:
        yield folder / "var"
    finally:
        rmtree(folder)


@contextmanager
def installation(data_dir: Path, **settings: str) -> Iterator[Running]:
    """Run an installation and end it whatever happens."""
    running = Running(data_dir, **settings)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.terminate()
            running.process.wait(60)
