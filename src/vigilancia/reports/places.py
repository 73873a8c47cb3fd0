"""Where the files of an export lie, and how a finished one gets its name."""

import os
from pathlib import Path
from uuid import UUID

from vigilancia.core.ids import new_id


def file_of(folder: Path, export_id: UUID, format_: str) -> Path:
    """Return the path of the finished file."""
    return folder / f"{export_id}.{format_}"


def dictionary_of(folder: Path, export_id: UUID) -> Path:
    """Return the path of the column dictionary beside it."""
    return folder / f"{export_id}.columns.json"


def new_part(folder: Path, export_id: UUID) -> Path:
    """Return a name for an unfinished file that no rival uses."""
    return folder / f".{export_id}.{new_id()}.part"


def dictionary_part(part: Path) -> Path:
    """Return the name of the unfinished dictionary of an unfinished file."""
    return part.with_suffix(".columns.part")


def sweep(folder: Path, export_id: UUID) -> None:
    """Remove the unfinished files of an export, such as a killed worker leaves."""
    for part in folder.glob(f".{export_id}.*.part"):
        part.unlink(missing_ok=True)


def publish(part: Path, export_id: UUID, format_: str) -> None:
    """Give file and dictionary their names, at once each, and see the names safely on the disk.

    Raises:
        FileNotFoundError: The part is not there any more.
        OSError: The folder cannot be written to.
    """
    folder = part.parent
    dictionary_part(part).replace(dictionary_of(folder, export_id))
    part.replace(file_of(folder, export_id, format_))
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def discard(part: Path) -> None:
    """Remove what was not published."""
    part.unlink(missing_ok=True)
    dictionary_part(part).unlink(missing_ok=True)


def forget(folder: Path, export_id: UUID, format_: str) -> None:
    """Remove everything an export left on the disk; what is gone already is no error."""
    for path in (file_of(folder, export_id, format_), dictionary_of(folder, export_id)):
        path.unlink(missing_ok=True)
