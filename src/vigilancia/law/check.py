"""Checking rule files that somebody wrote: every fault, with file and line, and nothing loaded."""

from pathlib import Path

from vigilancia.law.loader import load_folder, own_shelf
from vigilancia.law.yamlfile import Fault


def check_folder(path: Path) -> list[Fault]:
    """Check every mechanism in or under a folder.

    A folder with `mechanisms/` and its own `calendars/` and `sources.yaml`, such as a copy of the package's data, is
    checked as a whole; any other may use what the package has.

    Args:
        path: A mechanism's folder (the one with `mechanism.yaml`), or any folder above several.

    Returns:
        All faults; file names are relative to `path`. None found means that everything loads.
    """
    heads = sorted(path.rglob("mechanism.yaml"))
    if not heads:
        return [Fault(file=path.name, line=1, message="no mechanism.yaml in this folder or below it")]
    whole = (path / "mechanisms").is_dir() and (path / "sources.yaml").is_file()
    shelf, faults = own_shelf(path) if whole else (None, [])
    if faults:
        return faults  # what rests on a file that cannot be read would only repeat it
    for head in heads:
        below = head.parent.relative_to(path)
        for fault in load_folder(head.parent, shelf)[1]:
            file = (below / fault.file).as_posix()
            faults.append(Fault(file=file, line=fault.line, message=fault.message))
    return faults
