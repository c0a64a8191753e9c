"""What stands before a site in the wild: proxies, TLS, and servers that say no.

>>> async with stripping(site.port) as port: ...
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_HOP = re.compile(rb"(?im)^(upgrade|connection|sec-websocket-extensions):.*\r\n")
_SERVER = re.compile(rb"(?im)^server:.*\r\n")


@asynccontextmanager
async def stripping(port: int) -> AsyncIterator[int]:
    """Pass requests on as nginx does by default: without what makes them a WebSocket's."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.closing(inner_writer):
            head = _HOP.sub(b"", request)[:-2] + b"Connection: close\r\n\r\n"
            inner_writer.write(head)
            answer = await inner_reader.read()
        writer.write(_SERVER.sub(b"", answer).replace(b"\r\n", b"\r\nServer: nginx\r\n", 1))

    async with _listening(serve) as own:
        yield own


@asynccontextmanager
async def saying(status: str, *headers: str) -> AsyncIterator[int]:
    """Answer every request with the same status line and headers, and no body."""
    lines = [f"HTTP/1.1 {status}", "Content-Length: 0", *headers, "", ""]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write("\r\n".join(lines).encode())

    async with _listening(serve) as own:
        yield own


@asynccontextmanager
async def silent() -> AsyncIterator[int]:
    """Accept connections, and say nothing."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del writer
        await reader.read()

    async with _listening(serve) as own:
        yield own


@asynccontextmanager
async def secured(port: int, certificate: Path) -> AsyncIterator[int]:
    """Speak TLS with the certificate, and pass what is inside on."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.closing(inner_writer):
            await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))

    async with _listening(serve, context) as own:
        yield own


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def _listening(serve: Handler, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    visits: set[asyncio.Task[None]] = set()

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        visits.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the test is over; asyncio would log it
        finally:
            writer.close()
            visits.discard(task)

    server = await asyncio.start_server(visited, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for visit in list(visits):
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)


def self_signed(folder: Path, host: str) -> Path:
    """Write a certificate for `host`, signed by nobody but itself, and its key, to one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    known: x509.GeneralName = x509.DNSName(host)
    with contextlib.suppress(ValueError):
        known = x509.IPAddress(ipaddress.ip_address(host))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([known]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "certificate.pem"
    file.write_bytes(private + signed.public_bytes(pem))
    return file
