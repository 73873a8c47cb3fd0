"""Spoiling one passage of a rule file, and asking what is said of it."""

from pathlib import Path

from vigilancia.law.check import check_folder
from vigilancia.law.loader import DATA

OURS = DATA / "mechanisms" / "usmca-31a-us-mx"


def spoil(folder: Path, name: str, old: str, new: str) -> int:
    """Replace one passage of a file; return the line it stands on."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def the_fault(folder: Path) -> tuple[str, int, str]:
    faults = check_folder(folder)
    assert len(faults) == 1, faults
    return faults[0].file, faults[0].line, faults[0].message
