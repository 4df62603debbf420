import pytest

from api.load_shedding import policy as module
from api.load_shedding.policy import CATCHING_UP, ENOUGH_WAITING, MANY_WAITING, Shedding
from worker.store import Store

LIMIT = 0.15


class Busy:
    """Stands where the prediction client stands."""

    def __init__(self, waiting: int, longest_wait: float) -> None:
        self.waiting, self.longest_wait, self.most_waiting = waiting, longest_wait, 3 * MANY_WAITING


def ask(store: Store, waiting: int, longest_wait: float, method: str = "POST", path: str = "/v1/models/m/predictions"):
    said = {}

    def app(environ, start_response):
        start_response("200 OK", [])
        return [b"answered"]

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        said.update(status=status, headers=dict(headers))

    shedding = Shedding(app, Busy(waiting, longest_wait), store.metrics, most_seconds=LIMIT)
    said["body"] = b"".join(shedding({"REQUEST_METHOD": method, "PATH_INFO": path}, start_response))
    return said


@pytest.mark.parametrize(
    ("waiting", "longest_wait"),
    [(0, 0.0), (ENOUGH_WAITING - 1, 9.0), (MANY_WAITING, LIMIT), (2 * MANY_WAITING, LIMIT / 2), (ENOUGH_WAITING, 0.0)],
)
def test_a_process_that_keeps_up_answers(store: Store, waiting: int, longest_wait: float) -> None:
    assert ask(store, waiting, longest_wait)["body"] == b"answered"


@pytest.mark.parametrize(
    ("waiting", "longest_wait"),
    [(3 * MANY_WAITING, 0.0), (MANY_WAITING, LIMIT + 0.01), (2 * MANY_WAITING, LIMIT / 2 + 0.01)],
)
@pytest.mark.parametrize(
    ("path", "content_type", "field"),
    [
        ("/v1/models/m/predictions", "application/problem+json", b'"detail"'),
        ("/v2/models/m/infer", "application/json", b'"error"'),
        ("/v2/models/m/versions/1/infer", "application/json", b'"error"'),
    ],
)
def test_a_process_that_is_behind_refuses_predictions(
    store: Store, waiting: int, longest_wait: float, path: str, content_type: str, field: bytes
) -> None:
    said = ask(store, waiting, longest_wait, path=path)

    assert said["status"].startswith("503")
    assert said["headers"]["Content-Type"] == content_type
    assert said["headers"]["Retry-After"] == "1"
    assert int(said["headers"]["Content-Length"]) == len(said["body"])
    assert field in said["body"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/models/m"), ("POST", "/v1/jobs"), ("POST", "/v1/predictions"), ("GET", "/healthz")],
)
def test_whatever_else_is_asked_is_answered(store: Store, method: str, path: str) -> None:
    assert ask(store, 3 * MANY_WAITING, 9.0, method, path)["body"] == b"answered"


def test_at_the_door_the_same_is_said(store: Store) -> None:
    path = "/v1/models/m/predictions"
    shedding = Shedding(
        lambda environ, start_response: [], Busy(3 * MANY_WAITING, 0.0), store.metrics, most_seconds=LIMIT
    )

    assert shedding.reject_early("POST", path) is None, "it takes a first request to know how late the process is"
    list(shedding({"REQUEST_METHOD": "POST", "PATH_INFO": path}, lambda status, headers: None))
    answer = shedding.reject_early("POST", path)

    assert answer is not None
    head, _, body = answer.partition(b"\r\n\r\n")
    said = ask(store, 3 * MANY_WAITING, 0.0)
    assert body == said["body"]
    stated = [f"{name}: {value}" for name, value in said["headers"].items()]
    assert head.decode().split("\r\n") == [f"HTTP/1.1 {said['status']}", *stated]
    assert shedding.reject_early("POST", "/v1/jobs") is None


def test_the_door_is_open_while_a_process_keeps_up(store: Store) -> None:
    shedding = Shedding(lambda environ, start_response: [], Busy(0, 0.0), store.metrics, most_seconds=LIMIT)
    path = "/v1/models/m/predictions"
    list(shedding({"REQUEST_METHOD": "POST", "PATH_INFO": path}, lambda status, headers: None))

    assert shedding.reject_early("POST", path) is None


def test_who_has_refused_lets_fewer_wait_until_it_is_calm(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])  # type: ignore[attr-defined]
    busy = Busy(MANY_WAITING, LIMIT + 0.01)
    shedding = Shedding(lambda environ, start_response: [], busy, store.metrics, most_seconds=LIMIT)

    def refused() -> bool:
        said: list[str] = []
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/v1/models/m/predictions"}
        list(shedding(environ, lambda status, headers: said.append(status)))
        return bool(said)

    busy.longest_wait = LIMIT * CATCHING_UP + 0.01
    assert not refused()
    busy.longest_wait = LIMIT + 0.01
    assert refused()
    busy.longest_wait = LIMIT * CATCHING_UP + 0.01
    assert refused()
    busy.longest_wait = LIMIT * CATCHING_UP - 0.01
    assert not refused()
    busy.longest_wait = LIMIT * CATCHING_UP + 0.01
    clock[0] += module.CALM_SECONDS + 0.1
    assert not refused()
