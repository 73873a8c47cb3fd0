"""What is called outside, and what never is."""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from vigilancia.core import outside, targets
from vigilancia.core.outside import Answer, post, unfit

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
Script = Callable[[bytes], bytes]


@asynccontextmanager
async def serving(
    answer: bytes, host: str = "127.0.0.1", port: int = 0, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that keeps what it is sent and answers with the same bytes."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(1)
        heard.append(first + (await reader.readuntil(b"\r\n\r\n") if first == b"P" else b""))
        writer.write(answer)
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, host, port, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1], heard


async def ask(url: str, *, allow_private: bool = True) -> Answer:
    return await post(url, b"{}", {"content-type": "application/json"}, allow_private=allow_private, now=NOW)


NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


async def test_an_answer_is_a_status_and_nothing_else() -> None:
    async with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwords") as (port, heard):
        answer = await ask(f"http://127.0.0.1:{port}/in?key=1")

    assert answer == Answer(status=200)
    assert answer.ok
    assert heard[0].startswith(b"POST /in?key=1 HTTP/1.1\r\n")
    assert b"User-Agent: vigilancia\r\n" in heard[0]


async def test_a_redirect_is_not_followed() -> None:
    async with serving(NO_CONTENT) as (other, other_heard):
        there = f"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:{other}/\r\nContent-Length: 0\r\n\r\n".encode()
        async with serving(there) as (port, _):
            assert await ask(f"http://127.0.0.1:{port}/") == Answer(status=307, error="redirect")
    assert other_heard == []


async def test_an_endless_body_is_not_read() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"
    async with serving(head + b"x" * 1_000_000) as (port, _):
        assert await ask(f"http://127.0.0.1:{port}/") == Answer(status=200)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("Mon, 02 Mar 2026 15:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 02 Mar 2026 14:00:00 GMT", timedelta(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=1)),
        ("9" * 5000, timedelta(days=1)),
        ("-5", None),
        ("soon", None),
        ("Mon, 99 Xxx 2026 15:10:00 GMT", None),
    ],
)
async def test_retry_after_is_read_within_bounds(text: str, wait: timedelta | None) -> None:
    answer = f"HTTP/1.1 503 Busy\r\nRetry-After: {text}\r\nContent-Length: 0\r\n\r\n".encode()
    async with serving(answer) as (port, _):
        assert (await ask(f"http://127.0.0.1:{port}/")).retry_after == wait


async def test_what_goes_wrong_is_a_code_word(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        free = closed.getsockname()[1]
    assert await ask(f"http://127.0.0.1:{free}/") == Answer(error="refused")
    assert await ask("http://nothing.invalid/") == Answer(error="dns")
    async with serving(b"no such protocol\r\n\r\n") as (port, _):
        assert await ask(f"http://127.0.0.1:{port}/") == Answer(error="broken")
        assert await ask(f"https://127.0.0.1:{port}/") == Answer(error="tls")
    no_time = msgspec.structs.replace(outside.figures(), total_seconds=0)
    monkeypatch.setattr(outside, "figures", lambda: no_time)
    async with serving(NO_CONTENT) as (port, _):
        assert await ask(f"http://127.0.0.1:{port}/") == Answer(error="timeout")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "0", "[::1]", "[::]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]",
        "[::127.0.0.1]", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[fe80::1%25lo]",
        "[fd00:ec2::254]", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "224.0.0.1", "[ff02::1]",
        "240.0.0.1", "255.255.255.255", "198.18.0.1", "203.0.113.1", "[2001:db8::1]", "[2001::1]", "127.0.0.1.",
    ],
)  # fmt: skip
async def test_no_private_address_is_called_in_any_spelling(host: str) -> None:
    assert (await ask(f"https://{host}/", allow_private=False)).error in ("private_address", "address", "dns")


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "0", "224.0.0.1", "[::ffff:169.254.169.254]"])
async def test_no_metadata_service_is_called_even_where_private_targets_are_allowed(host: str) -> None:
    assert (await ask(f"http://{host}/")).error == "private_address"


@pytest.mark.parametrize("number", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_public_numbers_may_be_called(number: str) -> None:
    assert targets.is_public(number)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.org/", "scheme"),
        ("https://user:secret@example.org/", "userinfo"),
        ("https://user@127.0.0.1/", "userinfo"),
        ("https://@example.org/", "userinfo"),
        ("ftp://example.org/", "address"),
        ("file:///etc/passwd", "address"),
        ("https:///in", "address"),
        ("https://example.org\\@127.0.0.1/", "address"),
        ("https://exa mple.org/", "address"),
        ("https://example.org/\r\nHost: other", "address"),
        ("https://example.org:99999/", "address"),
        ("https://example.org/#part", "address"),
        ("https://example.org/" + "x" * 2000, "address"),
        ("", "address"),
        ("https://10.0.0.1/", "private_address"),
        ("https://example.org/in", None),
        ("https://bücher.example/in", None),
        ("https://example.org:8443/in?a=b@c", None),
    ],
)
def test_what_could_never_be_called_is_known_by_its_text(url: str, code: str | None) -> None:
    assert unfit(url, allow_private=False) == code


async def test_a_name_that_changes_its_answer_is_called_where_it_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second answer of the resolver is 127.0.0.1, where a server of ours listens on the same port."""
    real, answers = socket.getaddrinfo, ["127.0.0.2", "127.0.0.1", "127.0.0.1"]

    def rebinding(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        if host in ("rebind.example", b"rebind.example"):
            host = answers.pop(0)
        return real(host, port, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(outside, "is_host", lambda number: number == "127.0.0.2")
    async with (
        serving(NO_CONTENT, "127.0.0.2") as (port, judged),
        serving(NO_CONTENT, "127.0.0.1", port) as (_, never),
    ):
        assert (await ask(f"http://rebind.example:{port}/")).status == 204
        assert f"\r\nHost: rebind.example:{port}\r\n".encode() in judged[0]
        assert never == []
        assert answers == ["127.0.0.1", "127.0.0.1"]  # asked once for each call
        assert (await ask(f"http://rebind.example:{port}/")).error == "private_address"
    assert never == []


async def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, 443)) for number in ("93.184.215.14", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)

    assert (await ask("https://two.example/", allow_private=False)).error == "private_address"


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(NO_CONTENT) as (proxy, asked), serving(NO_CONTENT) as (port, heard):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        assert (await ask(f"http://127.0.0.1:{port}/")).status == 204
    assert len(heard) == 1
    assert asked == []


async def test_no_address_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with serving(NO_CONTENT) as (port, _):
            await ask(f"http://127.0.0.1:{port}/canary-path")
        await ask("http://canary-name.invalid/")
    assert "canary" not in caplog.text


async def test_the_certificate_must_carry_the_name_and_not_the_number(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The name is sent in TLS and checked, although the connection goes to a number."""
    trusted, server = _certificate("hooks.example", tmp_path)
    monkeypatch.setattr(outside, "_tls", lambda: trusted)
    real, asked = socket.getaddrinfo, []
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, port, *a, **k: real("127.0.0.1", port, *a, **k))
    server.sni_callback = lambda _socket, name, _context: asked.append(name)
    async with serving(NO_CONTENT, tls=server) as (port, heard):
        assert await ask(f"https://hooks.example:{port}/") == Answer(status=204)
        assert await ask(f"https://other.example:{port}/") == Answer(error="tls")
        assert await ask(f"https://127.0.0.1:{port}/") == Answer(error="tls")
    assert asked[:2] == ["hooks.example", "other.example"]
    assert f"Host: hooks.example:{port}".encode() in heard[0]
    assert len(heard) == 1


def _certificate(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a client's context that trusts one server, and that server's."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(made - timedelta(days=1))
        .not_valid_after(made + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return ssl.create_default_context(cadata=certificate.public_bytes(serialization.Encoding.PEM).decode()), server
