"""A load on one model, from a process of its own: `python -m tests.support.load PLAN`, where PLAN is a file of JSON.

Each of so many `connections` asks again as soon as it is answered. Each request asks about one of several rows, and its
answer must be that row's. Prints [seconds it took, status, whether it was right] for each; status 0: the connection was
lost, -1: no answer within `patience` seconds. A refusal is right when it says when to come again.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any


class Connection(asyncio.Protocol):
    """One HTTP connection, one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[tuple[int, bytes, bytes]] | None = None
        self.data = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.data += data
        head, found, rest = self.data.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        start = lower.index(b"content-length:") + 15
        length = int(lower[start : start + 12].split(b"\r\n")[0])
        if len(rest) >= length and self.answer is not None and not self.answer.done():
            self.data = rest[length:]
            self.answer.set_result((int(head[9:12]), lower, rest[:length]))

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self.answer is not None and not self.answer.done():
            self.answer.set_result((0, b"", b""))

    async def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        """Send, and wait for the answer: its status, its head in lower case, its body."""
        self.answer, self.data = asyncio.get_running_loop().create_future(), b""
        if self.transport is None:
            return 0, b"", b""
        self.transport.write(request)
        return await self.answer


class Load:
    """The whole load."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.host, self.port = plan["host"], plan["port"]
        self.patience = plan.get("patience", 40.0)
        self.requests = []
        for row, expected in zip(plan["rows"], plan["expected"], strict=True):
            body = json.dumps({"inputs": [row]}).encode()
            head = f"POST {plan['path']} HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: application/json\r\n"
            request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
            self.requests.append((request, f'"predictions":[{expected}]'.encode()))
        self.results: list[tuple[float, int, bool]] = []
        self.begun = time.monotonic()

    async def connect(self) -> Connection:
        """A new connection; one that cannot be made answers as a lost one does."""
        try:
            _, connection = await asyncio.get_running_loop().create_connection(Connection, self.host, self.port)
        except OSError:
            return Connection()
        return connection

    async def once(self, number: int, connection: Connection) -> Connection:
        """One request, noted."""
        request, right = self.requests[number % len(self.requests)]
        if connection.transport is None:
            connection = await self.connect()
        begun = time.monotonic()
        try:
            status, head, body = await asyncio.wait_for(connection.ask(request), self.patience)
        except TimeoutError:
            status, head, body = -1, b"", b""
            if connection.transport is not None:
                connection.transport.abort()
        told = {200: right in body, 503: b"\r\nretry-after: " in head}
        self.results.append((time.monotonic() - begun, status, told.get(status, False)))
        return connection

    async def run(self, connections: int, seconds: float, limit: int, over: Path | None) -> None:
        """So many at a time, for so long, until so many were asked, or until the file `over` is there."""
        asked = 0
        ends = self.begun + seconds

        async def watch() -> None:
            nonlocal ends
            while time.monotonic() < ends:
                await asyncio.sleep(0.1)
                if over is not None and over.exists():
                    ends = 0.0

        async def one() -> None:
            nonlocal asked
            connection = await self.connect()
            while time.monotonic() < ends and asked < limit:
                asked += 1
                connection = await self.once(asked, connection)
                if self.results[-1][1] != 200:
                    await asyncio.sleep(0.05)  # told to come again, or cut off

        watching = asyncio.ensure_future(watch())
        await asyncio.gather(*(one() for _ in range(connections)))
        watching.cancel()


async def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    load = Load(plan)
    over = Path(plan["over"]) if "over" in plan else None
    await load.run(plan["connections"], plan["seconds"], plan.get("limit", 10**9), over)
    json.dump(load.results, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
