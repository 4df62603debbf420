"""A little S3 on loopback, for what a test needs of one: multipart uploads, refusals, and a line of any width."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

BUCKET = "my-bucket"
KEY_ID = "neurond"
PORTION = 16 * 1024
"""Bytes that are read at a time."""


@dataclass
class S3:
    """What it keeps, and how it behaves."""

    address: str = ""
    blobs: dict[str, bytes] = field(default_factory=dict)
    """By bucket and path, `bucket/path`."""
    bytes_a_second: float | None = None
    """Of all uploads together, as on one line."""
    refused: bool = False
    """Every key is unknown."""
    silent: bool = False
    """It takes a request and never answers."""
    parts: dict[tuple[str, int], bytes] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    line: threading.Lock = field(default_factory=threading.Lock)

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs to reach it."""
        return {
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
        }


@contextmanager
def serve(**options: Any) -> Iterator[S3]:
    """Serve until the end of the block."""
    s3 = S3(**options)
    handler = type("Handler", (_Handler,), {"s3": s3})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    s3.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield s3
    finally:
        s3.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    s3: S3
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def do_PUT(self) -> None:  # http.server names it
        path, query = self._begin()
        body = self._body()
        if not self._allowed(path):
            return
        if "partNumber" in query:
            self.s3.parts[path, int(query["partNumber"][0])] = body
        else:
            self.s3.blobs[path] = body
        self._answer(200, headers={"ETag": '"tag"'})

    def do_POST(self) -> None:
        path, query = self._begin()
        body = self._body().decode()
        if not self._allowed(path):
            return
        if "delete" in query:
            keys = re.findall("<Key>(.*?)</Key>", body)
            for key in keys:
                self.s3.blobs.pop(f"{BUCKET}/{key}", None)
            deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            self._answer(200, f"<DeleteResult>{deleted}</DeleteResult>")
        elif "uploads" in query:
            self._answer(200, "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>")
        else:
            mine = sorted(number for of, number in self.s3.parts if of == path)
            self.s3.blobs[path] = b"".join(self.s3.parts.pop((path, number)) for number in mine)
            self._answer(200, "<CompleteMultipartUploadResult><ETag>tag</ETag></CompleteMultipartUploadResult>")

    def do_GET(self) -> None:
        path, _ = self._begin()
        if not self._allowed(path):
            return
        if path not in self.s3.blobs:
            self._refuse(404, "NoSuchKey")
            return
        headers = {"ETag": '"tag"', "Last-Modified": "Mon, 30 Nov 2026 00:00:00 GMT"}
        self._answer(200, self.s3.blobs[path], headers=headers)

    do_HEAD = do_GET  # noqa: N815  # as http.server calls it

    def do_DELETE(self) -> None:
        path, _ = self._begin()
        if self._allowed(path):
            self.s3.blobs.pop(path, None)
            self._answer(204)

    def _begin(self) -> tuple[str, dict[str, list[str]]]:
        if self.s3.silent:
            self.s3.over.wait()
        parts = urlsplit(self.path)
        return unquote(parts.path).strip("/"), parse_qs(parts.query, keep_blank_values=True)

    def _body(self) -> bytes:
        """Read no faster than the line is wide, whoever else sends meanwhile."""
        left, read = int(self.headers.get("Content-Length", 0)), []
        while left and not self.s3.over.is_set():
            read.append(self.rfile.read(min(left, PORTION)))
            left -= len(read[-1])
            if self.s3.bytes_a_second:
                with self.s3.line:
                    time.sleep(len(read[-1]) / self.s3.bytes_a_second)
        return b"".join(read)

    def _allowed(self, path: str) -> bool:
        if self.s3.refused or f"Credential={KEY_ID}/" not in self.headers.get("Authorization", ""):
            self._refuse(403, "InvalidAccessKeyId")
        elif path.partition("/")[0] != BUCKET:
            self._refuse(404, "NoSuchBucket")
        else:
            return True
        return False

    def _refuse(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>")

    def _answer(self, status: int, body: str | bytes = b"", headers: dict[str, str] | None = None) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
