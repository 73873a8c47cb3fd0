"""Checking rule files that somebody wrote: every fault, with file and line, and nothing loaded."""

from collections.abc import Mapping
from pathlib import Path

from vigilancia.law.loader import load_folder, mechanisms
from vigilancia.law.proof import faults_of_company
from vigilancia.law.rules import Mechanism
from vigilancia.law.yamlfile import Fault, read_yaml


def check_folder(path: Path) -> list[Fault]:
    """Check every mechanism in or under a folder.

    Args:
        path: A mechanism's folder (the one with `mechanism.yaml`), or any folder above several.

    Returns:
        All faults; file names are relative to `path`. None found means that everything loads.
    """
    heads = sorted(path.rglob("mechanism.yaml"))
    if not heads:
        return [Fault(file=path.name, line=1, message="no mechanism.yaml in this folder or below it")]
    faults: list[Fault] = []
    loaded: dict[Path, Mechanism] = {}
    for head in heads:
        mechanism, found = load_folder(head.parent)
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
