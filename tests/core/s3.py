"""A small S3 on loopback: objects, conditional writes, lists. Signatures are not looked at."""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

DATE = "Wed, 25 Nov 2026 10:00:00 GMT"


class Bucket:
    """What the server keeps, and what was asked of it."""

    def __init__(self) -> None:
        """Begin empty and well."""
        self.objects: dict[str, bytes] = {}
        self.guard = threading.Lock()
        self.away = False
        self.address = ""


class Handler(BaseHTTPRequestHandler):
    """Answers one request; every bucket's name leads to the server's one bucket."""

    protocol_version = "HTTP/1.1"

    @property
    def bucket(self) -> Bucket:
        """What the server keeps."""
        found: Bucket = self.server.bucket  # type: ignore[attr-defined]
        return found

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send an answer; every one but a good one when the service is away."""
        status, body = (403, b"") if self.bucket.away else (status, body)
        self.send_response(status)
        for name, value in {"Last-Modified": DATE, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def name(self) -> str:
        """Return the object asked for."""
        return unquote(urlsplit(self.path).path).split("/", 2)[2]

    def read(self) -> bytes:
        """Return the body."""
        return self.rfile.read(int(self.headers["Content-Length"] or 0))

    def do_PUT(self) -> None:
        """Keep an object, if its condition holds."""
        data = self.read()
        with self.bucket.guard:
            there = self.bucket.objects.get(self.name())
            if not self.bucket.away and self._may_put(there):
                self.bucket.objects[self.name()] = data
                return self.answer(200, ETag=tag(data))
        return self.answer(412)

    def _may_put(self, there: bytes | None) -> bool:
        if self.headers["If-None-Match"] == "*":
            return there is None
        wanted = self.headers["If-Match"]
        return wanted is None or (there is not None and tag(there) == wanted)

    def do_GET(self) -> None:
        """Send an object, or the list."""
        asked = parse_qs(urlsplit(self.path).query)
        if "list-type" in asked:
            return self._list(asked.get("prefix", [""])[0])
        data = self.bucket.objects.get(self.name())
        return self.answer(404) if data is None else self.answer(200, data, ETag=tag(data))

    def do_POST(self) -> None:
        """Delete objects."""
        names = re.findall("<Key>(.*?)</Key>", self.read().decode())
        with self.bucket.guard:
            for name in names if not self.bucket.away else ():
                self.bucket.objects.pop(name, None)
        done = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in names)
        self.answer(200, f"<DeleteResult>{done}</DeleteResult>".encode())

    def _list(self, prefix: str) -> None:
        rows = "".join(
            f"<Contents><Key>{name}</Key><LastModified>2026-11-25T10:00:00.000Z</LastModified>"
            f"<ETag>&quot;x&quot;</ETag><Size>{len(data)}</Size></Contents>"
            for name, data in sorted(self.bucket.objects.items())
            if name.startswith(prefix)
        )
        body = f'<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>'
        self.answer(200, body.encode())


def tag(data: bytes) -> str:
    """Return an object's entity tag."""
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


@contextmanager
def s3() -> Iterator[Bucket]:
    """Run the server."""
    bucket = Bucket()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.bucket = bucket  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    bucket.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()
