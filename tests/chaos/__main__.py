"""`make chaos`: due notices while workers, beats, database, broker and mail server fail, on every broker there is."""

import argparse
import logging
import sys
import tempfile
from pathlib import Path
from random import SystemRandom

import msgspec

from tests.chaos.result import table
from tests.chaos.run import run
from tests.chaos.timetable import Plan
from tests.faults import brokers


def main() -> int:
    """Run, print, and return 1 where something was lost or doubled."""
    asked = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    asked.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000))
    asked.add_argument("--due", type=int, default=2000, help="notices that fall due")
    asked.add_argument("--broker", nargs="+", choices=brokers.present(), default=brokers.present())
    asked.add_argument("--json", action="store_true", help="print the results as JSON")
    asked.add_argument("--logs", type=Path, help="keep the processes' logs in this folder")
    chosen = asked.parse_args()
    logging.basicConfig(level=logging.ERROR)
    sys.stderr.write(f"seed {chosen.seed}\n")
    results = []
    for broker in chosen.broker:
        sys.stderr.write(f"{broker}\n")
        with tempfile.TemporaryDirectory() as scratch:
            folder = (chosen.logs or Path(scratch)) / broker.replace(" ", "-")
            folder.mkdir(parents=True, exist_ok=True)
            plan = Plan(seed=chosen.seed, due=chosen.due)
            results.append(run(broker, plan, folder, _say))
    if chosen.json:
        told = {"seed": chosen.seed, "holds": all(each.holds for each in results), "results": results}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(told)).decode() + "\n")
    else:
        sys.stdout.write(f"\nseed {chosen.seed}\n{table(results)}\n")
    return 0 if all(each.holds for each in results) else 1


def _say(line: str) -> None:
    sys.stderr.write(f"  {line}\n")


if __name__ == "__main__":
    sys.exit(main())
