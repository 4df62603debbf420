"""As many event streams as one API process may keep open, and everything else goes on beside them."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from api.local.stack import Stack
from neurond import Client
from tests.support.builders.jobs import LONG
from tests.support.processes import open_stack

STREAMS = 500
CALLS = 1000
AT_ONCE = 50
EXPORTS = 5
"""Calls that wait for a files worker, which does one after the other in a process of its own."""
PATHS = ["/v1/jobs", "/v1/models", "/readyz", "/v1/datasets"]


@pytest.fixture(scope="module")
def stack(folder: Path, short_leases: None) -> Iterator[Stack]:
    """One API process, which has all streams."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEUROND_API_WORKERS", "1")
        patch.setenv("NEUROND_MAX_STREAMS", str(STREAMS))
        with open_stack(folder) as stack:
            yield stack


async def open_stream(url: str, job_id: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = f"GET /v1/jobs/{job_id}/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
    writer.write(head.encode())
    begun = await reader.readuntil(b"}\n")
    assert b" 200 " in begun, begun
    return reader, writer


async def call(url: str, paths: list[str]) -> Counter[int]:
    """So many calls, some at once: how often each status came."""
    statuses: Counter[int] = Counter()
    free = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=httpx.Limits(max_connections=AT_ONCE)) as http:

        async def one(path: str) -> None:
            async with free:
                statuses[(await http.get(path)).status_code] += 1

        await asyncio.gather(*(one(path) for path in paths))
    return statuses


@pytest.mark.whole
def test_while_as_many_streams_are_open_as_may_be_no_other_call_fails(stack: Stack, client: Client) -> None:
    model_id = client.submit(LONG | {"training": {"epochs": 1}}).wait(timeout=60).model_id
    jobs = [client.submit(LONG).id for _ in range(10)]
    paths = [f"/v1/models/{model_id}/export?format=npz"] * EXPORTS
    paths += [PATHS[number % len(PATHS)] for number in range(CALLS - EXPORTS)]

    async def scene() -> tuple[Counter[int], int, list[bytes]]:
        opened = await asyncio.gather(*(open_stream(stack.url, jobs[place % 10]) for place in range(STREAMS)))
        statuses = await call(stack.url, paths)
        async with httpx.AsyncClient(base_url=stack.url, timeout=60) as http:
            one_more = await http.get(f"/v1/jobs/{jobs[0]}/events", headers={"Accept": "text/event-stream"})
            for job_id in jobs:
                await http.post(f"/v1/jobs/{job_id}/cancel")
        ends = await asyncio.gather(*(reader.readuntil(b"event: done\n") for reader, _ in opened))
        for _, writer in opened:
            writer.close()
        return statuses, one_more.status_code, ends

    with ThreadPoolExecutor(1) as own:  # in this thread a browser's loop may run
        statuses, one_more, ends = own.submit(asyncio.run, scene()).result()

    assert statuses == {200: CALLS}
    assert one_more == 503
    assert all(end.count(b"event: cancelled\n") == 1 for end in ends)
