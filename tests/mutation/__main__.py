"""`python -m tests.mutation [MODULE...]`: change one number, comparison or offset of the law; does a test notice?

Each mutant is tried in a process of its own that ends with it. Survivors judged to change nothing stand in
docs/mutation.md; any other makes the run fail.
"""

import os
import re
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

import vigilancia.law
from tests.mutation.operators import Mutant, mutants

ROOT = Path(__file__).parent.parent.parent
LAW = ROOT / "src" / "vigilancia" / "law"
MODULES = (
    *("arithmetic", "calendars", "clocks", "counting", "deadlines", "endings", "engine"),
    *("facts", "oddities", "sessions", "stages", "status", "walk"),
)
FAST = ("status", "vectors", "counting", "cases", "edges", "engine", "bylaw")
# The tests of the files themselves notice nothing of a count.
SLOW = ("remarks", "example", "explain", "calendars", "properties")
AT_ONCE, BYTES = 2, 3 << 30
SECONDS = {FAST: 10, SLOW: 40}  # of the processor's time; a mutant that runs on for ever is noticed too
JUDGED = re.compile(r"^\| `(?P<place>[^`]+)` \| `(?P<change>[^`]+)` \|", re.MULTILINE)
OPTIONS = (
    *("-x", "-q", "--noconftest", "--import-mode=importlib", "-p", "no:randomly", "-p", "no:cacheprovider"),
    *("-k", "not spoiled and not language", "-p", "tests.law.conftest", "-c", os.devnull, "--rootdir", str(ROOT)),
)


def noticed(names: Sequence[str]) -> bool:
    """Run tests of the law and tell whether one fails."""
    return pytest.main([*OPTIONS, *(str(ROOT / "tests" / "law" / f"test_{name}.py") for name in names)]) != 0


def _uses(source: str, names: set[str]) -> bool:
    return any(re.search(rf"^from vigilancia\.law\.{name} import", source, re.MULTILINE) for name in names)


def users(module: str) -> set[str]:
    """Return a module of the law and all that stand on it."""
    sources = {path.stem: path.read_text(encoding="utf-8") for path in LAW.glob("*.py")}
    found: set[str] = {module}
    while more := {name for name, source in sources.items() if _uses(source, found)} - found:
        found |= more
    return found


def put_in_place(mutant: Mutant) -> None:
    """Take out of this process what stands on the module, and put the mutant in."""
    name = f"vigilancia.law.{mutant.module}"
    gone = {f"vigilancia.law.{user}" for user in users(mutant.module)}
    for loaded in list(sys.modules):
        if loaded in gone or loaded.startswith("tests.law.test_"):
            del sys.modules[loaded]
    for user in users(mutant.module):
        vars(vigilancia.law).pop(user, None)  # `from vigilancia.law import calendars` looks here first
    module = ModuleType(name)
    module.__file__ = str(LAW / f"{mutant.module}.py")
    sys.modules[name] = module
    setattr(vigilancia.law, mutant.module, module)
    code = compile(mutant.apply(), module.__file__, "exec")
    exec(code, module.__dict__)  # noqa: S102 - our own source, changed by us


def attempt(mutant: Mutant) -> int:
    """Try one mutant in this process, which ends after it: 0 where nothing notices."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        put_in_place(mutant)
    except Exception:  # noqa: BLE001 - what cannot even be imported is noticed
        return 1
    for names, seconds in SECONDS.items():
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
        if noticed(names):
            return 1
    return 0


def tried(waiting: Sequence[Mutant]) -> Iterator[tuple[Mutant, bool]]:
    """Try mutants, a few at once, and say of each as it ends whether a test noticed it."""
    running: dict[int, Mutant] = {}
    left = list(reversed(waiting))
    while left or running:
        while left and len(running) < AT_ONCE:
            mutant = left.pop()
            child = os.fork()
            if not child:
                code = 1
                try:
                    code = attempt(mutant)
                finally:
                    os._exit(code)
            running[child] = mutant
        child, status = os.wait()
        yield running.pop(child), status != 0


def judged() -> set[tuple[str, str]]:
    """Return the survivors that were judged, by place and change."""
    path = ROOT / "docs" / "mutation.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return {(row["place"], row["change"]) for row in JUDGED.finditer(text)}


def told(mutant: Mutant, *, killed: bool, known: set[tuple[str, str]]) -> str:
    """Write down what became of a mutant, with place and change as docs/mutation.md names them."""
    place = f"{mutant.module}.{mutant.place}"
    verdict = "killed" if killed else "judged" if (place, mutant.change) in known else "SURVIVED"
    return f"{verdict:8}  law/{mutant.module}.py:{mutant.line}  `{place}`  `{mutant.change}`"


def main(names: Sequence[str]) -> int:
    """Try every mutant of the modules named, all if none is."""
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    hypothesis.settings.register_profile("mutants", derandomize=True, database=None)
    hypothesis.settings.load_profile("mutants")
    started = time.monotonic()
    if noticed((*FAST, *SLOW)):  # also reads the files and makes the tables, once for all
        return 2
    known, lines = judged(), []
    for mutant, killed in tried([each for name in names or MODULES for each in mutants(LAW / f"{name}.py")]):
        lines.append(told(mutant, killed=killed, known=known))
        print(lines[-1], flush=True)  # noqa: T201
    count = {verdict: sum(line.startswith(verdict) for line in lines) for verdict in ("killed", "judged", "SURVIVED")}
    print(f"{len(lines)} mutants in {time.monotonic() - started:.0f} s: {count}")  # noqa: T201
    return int(count["SURVIVED"] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
