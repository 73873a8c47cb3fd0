"""What a file is, told by its content; what the sender calls it is noted and never trusted."""

import codecs
import mimetypes
from collections.abc import Mapping

import puremagic
from msgspec import Struct

UNKNOWN = "application/octet-stream"
TEXT = "text/plain"

# One name and one ending for each type; also where the library names several or none.
_SAME: Mapping[str, str] = {
    "application/ogg": "audio/ogg",
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/x-m4a": "audio/mp4",
    "audio/x-flac": "audio/flac",
    "audio/mp3": "audio/mpeg",
    "image/heif": "image/heic",
    "image/jpg": "image/jpeg",
    "application/x-zip-compressed": "application/zip",
}
_ENDINGS: Mapping[str, str] = {
    "image/jpeg": "jpg",
    "image/tiff": "tif",
    "image/heic": "heic",
    "image/webp": "webp",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/amr": "amr",
    "video/3gpp": "3gp",
    "video/webm": "webm",
    TEXT: "txt",
    UNKNOWN: "bin",
}
_BY_ENDING: Mapping[str, str] = {"m4a": "audio/mp4", "amr": "audio/amr", "eml": "message/rfc822", "flac": "audio/flac"}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_PARTS: Mapping[bytes, str] = {  # of an archive that is a document
    b"word/": f"{_OFFICE}wordprocessingml.document",
    b"xl/": f"{_OFFICE}spreadsheetml.sheet",
    b"ppt/": f"{_OFFICE}presentationml.presentation",
}
_ARCHIVE, _MIMETYPE = b"PK\x03\x04", b"mimetypeapplication/"
_NAMED_AT = 30  # bytes before the name of the first file in an archive


class Kind(Struct, frozen=True, kw_only=True):
    """A type and the ending of file names that goes with it."""

    media_type: str
    extension: str


def tell(head: bytes) -> Kind:
    """Return what a file is.

    Args:
        head: Its first 64 KiB.
    """
    media_type = _archive(head) if head.startswith(_ARCHIVE) else _magic(head) or _text(head)
    ending = _ENDINGS.get(media_type) or (mimetypes.guess_extension(media_type) or ".bin").removeprefix(".")
    return Kind(media_type=media_type, extension=ending)


def contradicts(claimed: str | None, found: str) -> bool:
    """Tell whether a sender called a file something that it is not."""
    claimed = _SAME.get(claimed or "", claimed or "")
    same = claimed in ("", UNKNOWN, found)
    both_text = found == TEXT and claimed.startswith("text/")
    voice = {"audio/mp4", "video/mp4", "video/3gpp"}  # one container, sound alone or with pictures
    return not (same or both_text or {claimed, found} <= voice or {claimed, found} == {"audio/ogg", "video/ogg"})


def _magic(head: bytes) -> str | None:
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    for each in found:
        named = each.mime_type or _BY_ENDING.get(each.extension.removeprefix("."), "")
        if named and named != UNKNOWN:
            return _SAME.get(named, named)
    return None


def _archive(head: bytes) -> str:
    if head[_NAMED_AT:].startswith(_MIMETYPE):  # OpenDocument says it in its first file, in the clear
        named = head[_NAMED_AT + len(b"mimetype") :].split(_ARCHIVE)[0][:100]
        text = named.decode("ascii", "replace").split("PK")[0].strip()
        return text if text.replace("/", "").replace(".", "").replace("-", "").isalnum() else "application/zip"
    if b"[Content_Types].xml" in head:
        return next((type_ for part, type_ in _PARTS.items() if part in head), "application/zip")
    return "application/zip"


def _text(head: bytes) -> str:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # may break off in the middle of a letter
    except UnicodeDecodeError:
        return UNKNOWN
    return UNKNOWN if b"\0" in head else TEXT
