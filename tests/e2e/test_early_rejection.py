"""The door of the real server: who is refused there is answered by nobody else, and by gunicorn the next time."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from api.local.stack import Stack
from neurond import Client
from tests.support.clock import wait_until
from tests.support.processes import open_stack, pids_of

BODY = json.dumps({"inputs": [[0.0] * 784]}).encode()
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def stack(folder: Path, short_leases: None) -> Iterator[Stack]:
    """One prediction may wait, and no more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEUROND_MAX_PENDING_IN_ALL", "1")
        patch.setenv("NEUROND_API_WORKERS", "1")
        with open_stack(folder) as stack:
            yield stack


def ask(connection: HTTPConnection, path: str) -> tuple[HTTPResponse, dict]:
    """Head and body in two packets, as Python's own client sends them."""
    connection.request("POST", path, BODY, JSON)
    answer = connection.getresponse()
    return answer, json.loads(answer.read())


@pytest.fixture
def connection(stack: Stack) -> Iterator[HTTPConnection]:
    with closing(HTTPConnection(urlsplit(stack.url).netloc, timeout=20)) as connection:
        yield connection


def test_a_full_process_refuses_at_the_door_and_goes_on_with_the_same_connection(
    stack: Stack, client: Client, connection: HTTPConnection
) -> None:
    *_, job = client.follow(client.submit({"dataset": "mnist", "training": {"epochs": 1}})["id"])
    path = f"/v1/models/{job['model_id']}/predictions"
    before, _ = ask(connection, path)
    main, children = pids_of(stack, "worker-predict")
    for pid in (main, *children):
        os.kill(pid, signal.SIGSTOP)
    waiting: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: waiting.append(httpx.post(stack.url + path, content=BODY, headers=JSON)))
    try:
        asking.start()
        wait_until(lambda: "neurond_predictions_pending 1" in httpx.get(f"{stack.url}/metrics").text)
        refused, problem = ask(connection, path)
    finally:
        for pid in (main, *children):
            os.kill(pid, signal.SIGCONT)
    asking.join(20)
    after, prediction = ask(connection, path)

    assert (before.status, before.headers["Server"]) == (200, "gunicorn")
    assert (refused.status, refused.headers["Server"]) == (503, None), "gunicorn never saw it"
    assert refused.headers["Retry-After"] == "1"
    assert problem["title"] == "Service unavailable"
    assert problem["instance"] == path
    assert [answer.status_code for answer in waiting] == [200]
    assert (after.status, len(prediction["predictions"])) == (200, 1)
