"""A module has one job that a reader can name: past 400 lines it wants to be a folder."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST = 400


def too_long() -> list[str]:
    """Return each module over the limit, with its lines."""
    files = sorted(file for folder in ("src", "workers", "tests") for file in (ROOT / folder).rglob("*.py"))
    counted = [(file, len(file.read_text("utf-8").splitlines())) for file in files]
    return [f"{file.relative_to(ROOT)}: {lines} lines" for file, lines in counted if lines > MOST]


if __name__ == "__main__":
    found = too_long()
    print("\n".join(found) or f"no module over {MOST} lines")  # noqa: T201
    sys.exit(bool(found))
