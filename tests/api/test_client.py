"""The client over real connections, to a server that can be told to fail."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from neurond import ApiError, Client, ClientError, JobFailedError, UnreachableError
from tests.support.builders.requests import SPEC, SentWakeUps
from tests.support.live import Unreliable, finish, server, settings, url
from worker.store import Store

__all__ = ["server", "settings", "url"]


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url) as client:
        yield client


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that the client makes; none of them takes time."""
    made: list[float] = []
    clock = SimpleNamespace(sleep=made.append, monotonic=time.monotonic)
    for module in ("httpx_retries.retry", "neurond.stream"):
        monkeypatch.setattr(f"{module}.time", clock)
    return made


def test_a_submit_whose_answer_is_lost_makes_one_job(
    client: Client, server: Unreliable, queue: SentWakeUps, pauses: list[float]
) -> None:
    server.answers_lost = 2

    job = client.submit(SPEC)

    assert server.requests == [("POST", "/v1/jobs")] * 3
    assert queue.work["training"] == 1
    assert [found.id for found in client.jobs()] == [job.id]


def test_what_the_server_asks_to_be_tried_again_is_tried_when_it_says(
    client: Client, server: Unreliable, pauses: list[float]
) -> None:
    server.refusals = 3

    job = client.submit(dataset="mnist", seed=7)

    assert job.config["seed"] == 7
    assert pauses == [2, 2, 2]


def test_a_refusal_is_raised_at_once_with_the_fields_that_are_wrong(client: Client, server: Unreliable) -> None:
    with pytest.raises(ApiError, match="#/training/epochs") as raised:
        client.submit(SPEC, training={"epochs": -1})

    assert raised.value.status == 422
    assert len(server.requests) == 1


def test_patience_ends(url: str, server: Unreliable, pauses: list[float]) -> None:
    server.refusals = 100

    with Client(url, patience=5) as client, pytest.raises(ApiError) as raised:
        client.submit(SPEC)

    assert raised.value.status == 503
    assert sum(pauses) == pytest.approx(5)


def test_a_client_without_patience_tries_once(url: str, server: Unreliable) -> None:
    server.refusals = 100

    with Client(url, patience=0) as client, pytest.raises(ApiError):
        client.submit(SPEC)

    assert len(server.requests) == 1


def test_a_server_that_is_not_there_is_said_to_be(pauses: list[float]) -> None:
    with Client("http://127.0.0.1:9") as client:
        assert not client.ready()
        assert pauses == []
        with pytest.raises(UnreachableError, match=r"http://127\.0\.0\.1:9.*NEUROND_URL"):
            client.job("job_1")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("127.0.0.1:9", r"got '127\.0\.0\.1:9'; did you mean http://127\.0\.0\.1:9\?$"),
        ("ftp://somewhere", "expected a URL that begins with http:// or https://, got 'ftp://somewhere'$"),
    ],
)
def test_a_url_of_another_kind_is_refused_before_anything_is_sent(url: str, says: str) -> None:
    with pytest.raises(UnreachableError, match=says):
        Client(url)


def test_a_stream_that_is_cut_five_times_gives_every_event_once(
    client: Client, server: Unreliable, store: Store, pauses: list[float]
) -> None:
    job = client.submit(SPEC)
    finish(store, job.id, epochs=20)
    server.cut_after = [1, 4, 0, 5, 3]

    events = list(job.events())

    assert [path for _, path in server.requests].count(f"/v1/jobs/{job.id}/events") == 6
    assert [event.event for event in events] == ["queued", "running", *["epoch"] * 20, "failed"]
    assert [event.data["epoch"] for event in events if event.event == "epoch"] == list(range(1, 21))
    assert len({event.id for event in events}) == len(events)


def test_a_stream_can_begin_after_an_event(client: Client, store: Store) -> None:
    job = client.submit(SPEC)
    finish(store, job.id)
    _, running, failed = client.events(job.id)

    assert list(job.events(after=running.id)) == [failed]
    assert list(job.events(after=failed.id)) == []


def test_a_stream_of_an_unknown_job_is_refused(client: Client) -> None:
    with pytest.raises(ApiError) as raised:
        next(client.stream("job_unknown"))

    assert raised.value.status == 404


def test_waiting_gives_the_job_when_it_has_ended(client: Client, store: Store) -> None:
    job = client.submit(SPEC)
    finish(store, job.id)

    ended = job.wait()

    assert (job.status, ended.status) == ("queued", "failed")
    assert ended.finished
    assert ended == job.refresh() != job


def test_waiting_ends_when_its_time_is_over(client: Client) -> None:
    job = client.submit(SPEC)

    with pytest.raises(TimeoutError, match=job.id):
        job.wait(timeout=0.05, every=0.01)


def test_the_model_of_a_job_that_failed_is_refused_with_the_reason(client: Client, store: Store) -> None:
    job = client.submit(SPEC)
    finish(store, job.id)

    with pytest.raises(JobFailedError, match="too steep") as raised:
        job.model()

    assert raised.value.job.error.code == "diverged"


def test_lists_go_on_over_pages(client: Client) -> None:
    made = [client.submit(SPEC).id for _ in range(105)]

    assert [job.id for job in client.jobs()] == made[::-1]
    assert [job.id for job in client.jobs(limit=3)] == made[:-4:-1]
    assert list(client.jobs(status="running")) == []


def test_cancelling_gives_the_job_as_it_is_then(client: Client) -> None:
    assert client.submit(SPEC).cancel().status == "cancelled"


def test_the_server_and_the_key_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("NEUROND_URL", url)
    monkeypatch.setenv("NEUROND_API_KEY", "alpha")

    with Client() as client:
        assert client.url == url
        assert client.submit(SPEC).status == "queued"


@pytest.mark.parametrize("identifier", ["", ".", ".."])
def test_what_is_no_id_is_refused_before_anything_is_sent(client: Client, server: Unreliable, identifier: str) -> None:
    for call in (client.job, client.model, client.dataset, client.cancel, client.delete_model):
        with pytest.raises(ClientError, match="expected the ID or the name of something"):
            call(identifier)
    with pytest.raises(ClientError, match="expected the ID"):
        client.export(identifier, "never.safetensors")

    assert server.requests == []


@pytest.mark.parametrize("identifier", ["a/b", "../models", "a b?c#d", "%2e%2e"])
def test_an_id_is_asked_for_as_it_is(client: Client, identifier: str) -> None:
    with pytest.raises(ApiError) as raised:
        client.job(identifier)

    assert raised.value.status == 404


def test_numbers_that_json_has_not_are_refused_with_what_to_do(client: Client, server: Unreliable) -> None:
    with pytest.raises(ClientError, match="null is a missing value"):
        client.predict("model_1", [[1.0, float("nan")]])

    assert server.requests == []


def test_a_key_that_cannot_be_one_is_not_repeated_and_one_with_a_line_end_is_taken(url: str) -> None:
    for key in ("schlüssel", "two\nlines"):
        with pytest.raises(ClientError, match="look at NEUROND_API_KEY") as raised:
            Client(url, api_key=key)
        assert key not in str(raised.value)
    with Client(url, api_key="key\n") as client:
        assert list(client.jobs(limit=1)) == []


def test_certificates_are_read_where_the_server_shows_one_and_nowhere_else(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "absent.pem"))

    with Client(url) as client:
        assert list(client.jobs()) == []
    with pytest.raises(FileNotFoundError):
        Client(url.replace("http://", "https://"))


@pytest.mark.parametrize("url", ["http://[::1", "nowhere", "http://127.0.0.1:9?x=1"])
def test_a_url_that_is_none_is_said_to_be(url: str) -> None:
    with pytest.raises(UnreachableError, match="URL"):
        Client(url, patience=0).job("job_1")


@pytest.mark.parametrize(
    ("status", "kind"), [(200, "text/html"), (200, "text/plain"), (301, "text/html"), (404, "text/html")]
)
def test_a_server_of_something_else_is_said_to_be(
    server_answering: Callable[[int, str], str], tmp_path: Path, status: int, kind: str
) -> None:
    with Client(server_answering(status, kind), patience=0) as client:
        for call in (lambda: client.job("job_1"), lambda: client.export("model_1", tmp_path / "m.npz")):
            with pytest.raises(ClientError):
                call()

    assert list(tmp_path.iterdir()) == []


def test_an_export_into_a_pipe_leaves_the_pipe_and_beside_a_file_what_is_there(
    server_answering: Callable[[int, str], str], tmp_path: Path
) -> None:
    pipe, file, other = (tmp_path / name for name in ("pipe", "m.npz", "m.npz.part"))
    os.mkfifo(pipe)
    other.write_text("mine")
    with Client(server_answering(200, "application/octet-stream"), patience=0) as client:
        with ThreadPoolExecutor() as threads:
            read = threads.submit(pipe.read_bytes)
            written = client.export("model_1", pipe)
        assert client.export("model_1", file) == written == len(read.result())

    assert pipe.is_fifo()
    assert file.read_bytes() == read.result()
    assert other.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 3


@pytest.fixture
def server_answering() -> Iterator[Callable[[int, str], str]]:
    """Starts a server that gives one answer to everything; gives its URL."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, kind: str) -> str:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", "5")
                self.end_headers()
                self.wfile.write(b"<html")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Answer))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield start
    for one in servers:
        one.shutdown()
        one.server_close()
