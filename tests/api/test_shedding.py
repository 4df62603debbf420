import pytest

from api.gate.shedding import ENOUGH_WAITING, Shedding
from worker.store import Store

LIMIT = 0.15


class Busy:
    """Stands where the asker stands."""

    def __init__(self, waiting: int, longest_wait: float) -> None:
        self.waiting, self.longest_wait, self.most_waiting = waiting, longest_wait, 100


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
    ("waiting", "longest_wait"), [(0, 0.0), (ENOUGH_WAITING - 1, 9.0), (99, LIMIT), (ENOUGH_WAITING, 0.0)]
)
def test_a_process_that_keeps_up_answers(store: Store, waiting: int, longest_wait: float) -> None:
    assert ask(store, waiting, longest_wait)["body"] == b"answered"


@pytest.mark.parametrize(("waiting", "longest_wait"), [(100, 0.0), (ENOUGH_WAITING, LIMIT + 0.01)])
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
    assert ask(store, 100, 9.0, method, path)["body"] == b"answered"
