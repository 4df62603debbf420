import base64
import json

import pytest
from kombu.exceptions import OperationalError
from redis import Redis

from worker.messaging.queue import Queue, make_celery
from worker.settings import Settings
from worker.work.kind import FILES, PREDICTION, QUEUES, TRAINING


@pytest.fixture
def queue(redis_url: str, server: Redis) -> Queue:
    return Queue(make_celery(Settings(redis_url=redis_url)))


def test_a_message_carries_nothing_but_its_queue(queue: Queue, server: Redis) -> None:
    queue.send_work(TRAINING)
    queue.send_predict()
    queue.send_work(FILES)

    assert [queue.waiting(name) for name in QUEUES] == [1, 1, 1, 0]
    lists = {key.decode(): server.lrange(key, 0, -1) for key in server.scan_iter() if server.type(key) == b"list"}
    for name, expected in ((TRAINING, [["training"]]), (PREDICTION, [[]]), (FILES, [["files"]])):
        [messages] = [messages for key, messages in lists.items() if key.endswith(name)]
        for message, carried in zip(map(json.loads, messages), expected, strict=True):
            assert message["content-type"] == "application/json"
            arguments, keywords, _ = json.loads(base64.b64decode(message["body"]))
            assert (arguments, keywords) == (carried, {})


def test_a_queue_that_never_had_a_message_has_none_waiting(queue: Queue) -> None:
    assert queue.waiting(TRAINING) == 0


def test_sending_without_redis_fails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue(make_celery(Settings(redis_url="redis://127.0.0.1:1/0")))
    waited: list[float] = []
    monkeypatch.setattr("kombu.utils.functional.sleep", waited.append)

    with pytest.raises(OperationalError):
        queue.send_work(TRAINING)

    assert waited == [], "seconds between attempts"


def test_nothing_but_json_is_taken() -> None:
    conf = make_celery(Settings()).conf

    assert conf.accept_content == ["json"]
    assert conf.task_serializer == "json"
    assert conf.task_ignore_result


@pytest.mark.parametrize(
    ("redis_url", "broker_url"),
    [
        ("unix:///data/valkey.sock", "redis+socket:///data/valkey.sock"),
        ("redis://host:6379/1", "redis://host:6379/1"),
        ("rediss://host:6379/0", "rediss://host:6379/0?ssl_cert_reqs=required"),
        ("sentinel://:p%40ss@a:1,b/main/2", "sentinel://:p%40ss@a:1/2;sentinel://:p%40ss@b:26379/2"),
    ],
)
def test_the_broker_is_the_redis_of_the_settings(redis_url: str, broker_url: str) -> None:
    assert make_celery(Settings(redis_url=redis_url)).conf.broker_url == broker_url


def test_another_broker_is_reached_without_the_options_of_redis() -> None:
    conf = make_celery(Settings(broker_url="amqp://guest@rabbit//")).conf

    assert conf.broker_url == "amqp://guest@rabbit//"
    assert set(conf.broker_transport_options) == {"max_retries", "interval_start", "interval_step", "interval_max"}
