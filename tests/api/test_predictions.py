import threading
from collections.abc import Iterator

import orjson
import pytest
from flask.testing import FlaskClient

from api.openapi.components import examples
from tests.support.builders.requests import SentWakeUps
from worker.store import Store, keys
from worker.store.prediction_queue import Reply

PREDICTION = examples()["Prediction"]


@pytest.fixture
def model_id(store: Store) -> str:
    store.redis.hset(keys.model("model_1"), mapping={"id": "model_1"})
    return "model_1"


class Worker(threading.Thread):
    """Answers the first request for a model with one reply, as a prediction worker would."""

    def __init__(self, store: Store, reply: Reply) -> None:
        super().__init__()
        self._store, self._reply = store, reply
        self.bodies: list[bytes] = []

    def run(self) -> None:
        for _ in range(100_000):
            taken = self._store.prediction_queue.take("batcher", most=10, most_bytes=10**6)
            if taken is not None:
                self.bodies = [request.body for request in taken.requests]
                self._store.prediction_queue.answer("batcher", [(request, self._reply) for request in taken.requests])
                return


@pytest.fixture
def answer_with(store: Store, model_id: str) -> Iterator[object]:
    started: list[Worker] = []

    def start(kind: str, body: object) -> Worker:
        worker = Worker(store, Reply(kind, orjson.dumps(body), {}))
        started.append(worker)
        worker.start()
        return worker

    yield start
    for worker in started:
        worker.join()


def test_the_body_reaches_the_worker_as_it_came_and_its_answer_goes_back_as_it_is(
    client: FlaskClient, model_id: str, answer_with
) -> None:
    body = b'{ "inputs":[[1, 2.50]] }'
    answer = PREDICTION | {"predictions": [7]}
    worker = answer_with("prediction", answer)

    response = client.post(f"/v1/models/{model_id}/predictions", data=body, content_type="application/json")

    worker.join()
    assert response.status_code == 200
    assert response.json == answer
    assert worker.bodies == [body]


def test_bad_input_is_422_with_the_pointer_that_the_worker_found(
    client: FlaskClient, model_id: str, answer_with
) -> None:
    answer_with("bad_input", [{"pointer": "#/inputs/3", "detail": "expected 784 numbers, got 5"}])

    response = client.post(f"/v1/models/{model_id}/predictions", json={"inputs": []})

    assert response.status_code == 422
    assert response.json["errors"] == [{"pointer": "#/inputs/3", "detail": "expected 784 numbers, got 5"}]


def test_a_failure_of_the_worker_is_a_problem(client: FlaskClient, model_id: str, answer_with) -> None:
    answer_with("failure", {"message": "the stored model cannot be used"})

    response = client.post(f"/v1/models/{model_id}/predictions", json={"inputs": []})

    assert response.status_code == 500
    assert response.content_type == "application/problem+json"
    assert response.json["detail"] == "the stored model cannot be used"


def test_a_prediction_that_nobody_answers_is_504(client: FlaskClient, model_id: str, queue: SentWakeUps) -> None:
    response = client.post(f"/v1/models/{model_id}/predictions", json={"inputs": [[1]]})

    assert response.status_code == 504
    assert response.content_type == "application/problem+json"
    assert queue.predict == 1


def test_requests_that_wait_together_send_one_wake_up(client: FlaskClient, model_id: str, queue: SentWakeUps) -> None:
    for _ in range(3):
        client.post(f"/v1/models/{model_id}/predictions", json={"inputs": [[1]]})

    assert queue.predict == 1


def test_an_unknown_model_is_404(client: FlaskClient) -> None:
    response = client.post("/v1/models/model_unknown/predictions", json={"inputs": [[1]]})

    assert response.status_code == 404
    assert "model_unknown" in response.json["detail"]


def test_how_csv_is_written_is_said_beside_what_may_be_csv(client: FlaskClient, model_id: str, answer_with) -> None:
    worker = answer_with("prediction", PREDICTION)

    taken = client.post(
        "/v1/models/model_1/predictions?decimal=,&unknown=refuse", data=b"a;b\n1,5;2\n", content_type="text/csv"
    )
    refused = client.post("/v1/models/model_1/predictions?decimal=,", json={"inputs": [[1]]})
    npy = client.post("/v1/models/model_1/predictions?decimal=,", data=b"x", content_type="application/x-npy")
    wrong = client.post("/v1/models/model_1/predictions?decimal=x", data=b"a\n", content_type="text/csv")
    same = client.post("/v1/models/model_1/predictions?thousands=,&decimal=,", data=b"a\n", content_type="text/csv")
    worker.join()

    assert taken.status_code == 200
    assert worker.bodies == [b"a;b\n1,5;2\n"]
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "?decimal")
    assert (npy.status_code, npy.json["errors"][0]["pointer"]) == (422, "?decimal")
    assert wrong.status_code == 422
    assert (same.status_code, same.json["errors"][0]["pointer"]) == (422, "?thousands")
