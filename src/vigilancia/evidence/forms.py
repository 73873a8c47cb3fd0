"""Reading a form with a file while it comes in: fields are gathered, the file is handed on part by part."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import AsyncIterator
from typing import Any, TypeVar

from litestar.exceptions import HTTPException
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from vigilancia.core.bodies import read_body
from vigilancia.core.errors import BrokenFormError, Fault, FileTooLargeError, FormWantedError, InvalidError
from vigilancia.core.http import ApiRequest

MEGABYTE = 1_000_000
FIELD_BYTES = 64_000  # of all fields together
_SLACK = FIELD_BYTES + 16_000  # what a form needs beside its file
_PARTS = 30
_NAME_CHARS = 255
_DIGEST = re.compile(r"(?:^|,)\s*sha-256\s*=\s*:?(?P<digest>[A-Za-z0-9+/=]{44}):?\s*(?:,|$)", re.IGNORECASE)

T = TypeVar("T")


class Form:
    """A form that is being received: `file()` first, then `fields()`."""

    def __init__(self, request: ApiRequest, most: int) -> None:
        """Look at the head of a request.

        Args:
            request: Whose body is the form.
            most: Bytes a file may have.

        Raises:
            FormWantedError: It says that its body is no form.
            FileTooLargeError: It says that its body is over the limit: refused before a byte of it is read.
        """
        media, options = parse_options_header(request.headers.get("content-type", ""))  # type: ignore[no-untyped-call]
        if media != "multipart/form-data" or not options.get("boundary"):
            raise FormWantedError
        self._most = most
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > most + _SLACK:
            raise self._too_large()
        self._fields: dict[str, bytearray] = {}
        self._faults: list[Fault] = []
        self._events = _events(request, options["boundary"])
        self._size = 0
        self.file_name: str | None = None
        self.claimed_type: str | None = None
        self.promised: list[str] = []  # SHA-256 that the sender says the file has, in hex

    async def file(self) -> AsyncIterator[bytes]:
        """Hand on the file's bytes, whatever fields come before it.

        Raises:
            BrokenFormError: It breaks off, or is none.
            InvalidError: There is no file, or an empty one.
            FileTooLargeError: It is over the limit.
        """
        async for event in self._events:
            if isinstance(event, MultipartSegment) and event.filename is not None:
                self._meet(event)
                break
            self._gather(event)
        else:
            raise InvalidError(faults=[Fault(pointer="/file", code="file_missing")])
        async for event in self._events:
            if event is None:
                break
            self._size += len(event)
            if self._size > self._most:
                raise self._too_large()
            yield bytes(event)
        if self._size == 0:
            raise InvalidError(faults=[Fault(pointer="/file", code="file_empty")])
        async for event in self._events:
            if isinstance(event, MultipartSegment) and event.filename is not None:
                raise InvalidError(faults=[Fault(pointer="/file", code="files_many")])
            self._gather(event)

    def fields(self, type_: type[T], sha256: str) -> T:
        """Return the fields as a value of a type, once the file is there.

        Args:
            type_: A Struct; a field without text counts as not sent.
            sha256: Of the file received.

        Raises:
            InvalidError: They do not fit, or the file is another than the sender says.
        """
        texts = {name: _text(value) for name, value in self._fields.items() if value}
        promised = [*self.promised, *([texts["sha256"].lower()] if "sha256" in texts else [])]
        faults = list(self._faults)
        value: T | None = None
        try:
            value = read_body(json.dumps({name: _plain(name, text) for name, text in texts.items()}).encode(), type_)
        except InvalidError as error:
            faults += error.faults
        if any(each != sha256 for each in promised) and not any(fault.pointer == "/sha256" for fault in faults):
            faults.append(Fault(pointer="/file", code="digest"))
        if faults or value is None:
            raise InvalidError(faults=faults)
        return value

    def signature(self, sha256: str) -> bytes:
        """Return what a repetition of this form is known by, once it was received."""
        told = {name: hashlib.sha256(value).hexdigest() for name, value in sorted(self._fields.items())}
        return json.dumps([told, sha256, self.file_name]).encode()

    def _meet(self, segment: MultipartSegment) -> None:
        if segment.name != "file":
            raise InvalidError(faults=[Fault(pointer="/file", code="file_missing")])
        name = re.split(r"[/\\]", segment.filename or "")[-1].replace("\0", "").strip()
        self.file_name = name[:_NAME_CHARS] or None
        self.claimed_type = (segment.content_type or "")[:100].lower() or None
        said = segment.header("Content-Digest") or segment.header("Digest")
        if said:
            self.promised.append(_hex(said))

    def _gather(self, event: Any) -> None:  # noqa: ANN401 - a part's head, its bytes, or none at its end
        if isinstance(event, MultipartSegment):
            self._name = str(event.name or "")[:80]
            if self._name in self._fields:
                self._faults.append(Fault(pointer=f"/{self._name}", code="named_twice"))
            self._fields[self._name] = bytearray()
        elif event is not None:
            self._fields[self._name] += event
            if sum(map(len, self._fields.values())) > FIELD_BYTES:
                fault = Fault(pointer=f"/{self._name}", code="too_long", params={"limit": str(FIELD_BYTES)})
                raise InvalidError(faults=[fault])

    def _too_large(self) -> FileTooLargeError:
        return FileTooLargeError(limit=self._most // MEGABYTE)


async def _events(request: ApiRequest, boundary: str) -> AsyncIterator[Any]:
    try:
        with PushMultipartParser(boundary, max_segment_count=_PARTS) as parser:
            async for chunk in request.stream():
                for event in parser.parse(chunk):
                    yield event
                if parser.closed:
                    return
    except (MultipartError, UnicodeError) as error:
        raise BrokenFormError from error
    except HTTPException as error:  # the sender hung up
        raise BrokenFormError from error


def _text(value: bytearray) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BrokenFormError from error


def _plain(name: str, text: str) -> str | int:
    """Return a field as JSON would hold it: a form knows only texts."""
    whole = name in ("held_by", "duration_seconds") and re.fullmatch(r"[0-9]{1,9}", text)
    return int(text) if whole else text


def _hex(said: str) -> str:
    found = _DIGEST.search(said)
    if found is None:
        return ""
    try:
        return base64.b64decode(found["digest"], validate=True).hex()
    except binascii.Error:
        return ""
