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
        self.asked: list[str] = []
        self.away = False
        self.address = ""


@contextmanager
def s3() -> Iterator[Bucket]:
    """Run the server; every bucket's name leads to the one bucket."""
    bucket = Bucket()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Last-Modified": DATE, "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def name(self) -> str:
            return unquote(urlsplit(self.path).path).split("/", 2)[2]

        def tag(self, data: bytes) -> str:
            return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'

        def do_PUT(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"] or 0))
            bucket.asked.append(f"PUT {self.name()}")
            with bucket.guard:
                if bucket.away:
                    return self.answer(403)
                there = bucket.objects.get(self.name())
                wanted = self.headers["If-Match"]
                if self.headers["If-None-Match"] == "*" and there is not None:
                    return self.answer(412)
                if wanted is not None and (there is None or self.tag(there) != wanted):
                    return self.answer(412 if there is not None else 404)
                bucket.objects[self.name()] = data
            return self.answer(200, ETag=self.tag(data))

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            if "list-type" in asked:
                return self.listed(asked.get("prefix", [""])[0])
            bucket.asked.append(f"GET {self.name()}")
            data = bucket.objects.get(self.name())
            if bucket.away or data is None:
                return self.answer(403 if bucket.away else 404)
            return self.answer(200, data, ETag=self.tag(data))

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            names = re.findall("<Key>(.*?)</Key>", asked)
            with bucket.guard:
                for name in names if not bucket.away else ():
                    bucket.objects.pop(name, None)
            done = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in names)
            self.answer(403 if bucket.away else 200, f"<DeleteResult>{done}</DeleteResult>".encode())

        def listed(self, prefix: str) -> None:
            rows = "".join(
                f"<Contents><Key>{name}</Key><LastModified>2026-11-25T10:00:00.000Z</LastModified>"
                f"<ETag>&quot;x&quot;</ETag><Size>{len(data)}</Size></Contents>"
                for name, data in sorted(bucket.objects.items())
                if name.startswith(prefix)
            )
            body = f'<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>'
            self.answer(403 if bucket.away else 200, body.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    bucket.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()
