"""Conditional answers for what changes by itself: a deadline is missed without anybody writing a row."""

import hashlib
from typing import TypeVar

import msgspec
from litestar import Response

from vigilancia.core.http import ApiRequest

T = TypeVar("T")


def answer_by_content(request: ApiRequest, resource: T) -> Response[T]:
    """Answer a read with an ETag made of the answer itself; 304 where `If-None-Match` names it.

    A version number would not do: the status of a deadline changes with the hour, its words with the language.
    """
    tag = f'"{hashlib.sha256(msgspec.json.encode(resource)).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Vary": "Accept-Language"}
    known = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
    return Response(resource, headers=headers)
