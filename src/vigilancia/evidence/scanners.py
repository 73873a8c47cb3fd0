"""Who scans files for harmful programs: clamd, spoken to directly, or a program that reads one on standard input."""

import asyncio
import re
import shlex
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

Result = Literal["clean", "infected"]

SECONDS = 300  # a scan may take
_FOUND = re.compile(r"stream: (?P<name>.{1,100}) FOUND")
_MOST_ANSWER = 4096
_INFECTED = 1  # the exit code by which scanners say so


class ScanError(Exception):
    """The scanner is away, or said neither yes nor no."""


class Verdict(Struct, frozen=True, kw_only=True):
    """What a scanner said.

    Attributes:
        result: `clean` or `infected`.
        found: The scanner's own name for what it found, if it gave one.
    """

    result: Result
    found: str | None = None


async def scan(setting: str, data: AsyncIterator[bytes]) -> Verdict:
    """Have a file scanned.

    Args:
        setting: As `VIGILANCIA_SCAN`, with a scanner.
        data: The file in the clear; whatever it raises is raised here.

    Raises:
        ScanError: The scanner is away, took too long, or said neither yes nor no.
    """
    try:
        async with asyncio.timeout(SECONDS):
            if setting.startswith("command:"):
                return await _by_command(shlex.split(setting.removeprefix("command:")), data)
            return await _by_clamd(setting, data)
    except (OSError, TimeoutError, EOFError, ValueError) as error:
        raise ScanError(type(error).__name__) from error


async def _by_clamd(setting: str, data: AsyncIterator[bytes]) -> Verdict:
    """Send a file by INSTREAM: chunks, each with its length before it, the last of none.

    Source: clamd(8), "INSTREAM".
    """
    parts = urlsplit(setting)
    if parts.netloc:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 3310)
    else:
        reader, writer = await asyncio.open_unix_connection(parts.path)
    try:
        writer.write(b"zINSTREAM\0")
        with suppress(ConnectionError):  # it may answer and hang up before the end: at a find, or at its limit
            async for part in data:
                writer.write(struct.pack(">L", len(part)) + part)
                await writer.drain()
            writer.write(struct.pack(">L", 0))
            await writer.drain()
        answer = (await reader.read(_MOST_ANSWER)).rstrip(b"\0\n").decode("utf-8", "replace")
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    if answer == "stream: OK":
        return Verdict(result="clean")
    found = _FOUND.fullmatch(answer)
    if found is None:
        raise ScanError("answer")
    return Verdict(result="infected", found=found["name"])


async def _by_command(command: list[str], data: AsyncIterator[bytes]) -> Verdict:
    """Give a file to a program on standard input; it ends with 0 for clean and 1 for infected."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        if process.stdin is None:
            raise EOFError
        with suppress(ConnectionError):  # it may have seen enough
            async for part in data:
                process.stdin.write(part)
                await process.stdin.drain()
        process.stdin.close()
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code not in (0, _INFECTED):
        raise ScanError(f"exit {code}")
    return Verdict(result="infected" if code else "clean")
