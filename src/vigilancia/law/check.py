"""Checking rule files that somebody wrote: every fault, with file and line, and nothing loaded."""

from collections.abc import Mapping
from pathlib import Path

from vigilancia.law.loader import load_folder, mechanisms, own_shelf
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.proof import faults_of_company
from vigilancia.law.yamlfile import Fault, read_yaml


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
    loaded: dict[Path, Mechanism] = {}
    for head in heads:
        mechanism, found = load_folder(head.parent, shelf)
        loaded |= {head: mechanism} if mechanism else {}
        faults += [_below(path, head, fault) for fault in found]
    return faults or _strangers(path, loaded)


def _strangers(path: Path, loaded: Mapping[Path, Mechanism]) -> list[Fault]:
    """Find mechanisms that are named and are neither in the folder nor in the package."""
    beside = {head: mechanism for head, mechanism in loaded.items() if mechanism.beside}
    known = {**mechanisms(), **{mechanism.id: mechanism for mechanism in loaded.values()}} if beside else {}
    return [
        _below(path, head, fault)
        for head, mechanism in beside.items()
        for fault in faults_of_company(read_yaml(head, head.name), mechanism, known)
    ]


def _below(path: Path, head: Path, fault: Fault) -> Fault:
    file = (head.parent.relative_to(path) / fault.file).as_posix()
    return Fault(file=file, line=fault.line, message=fault.message)
