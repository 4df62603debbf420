"""The whole service on one machine: an embedded Valkey, the API, the workers, as real processes."""

import contextlib
import fcntl
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from api.local import embedded
from api.local.commands import api_command, api_environment, worker_command, worker_environment
from api.local.drawn_key import draw
from api.local.processes import STOP_SECONDS, Service, Supervisor, exists
from neurond import Client
from worker.credentials import FILE_SUFFIX, digest_of_key
from worker.environment import harmless
from worker.errors import BlobError
from worker.runtime.parent_death import VARIABLE as LIFELINE
from worker.settings import PREFIX, Settings
from worker.store.blobs import Blobs
from worker.work.kind import FILES, MODELS, PREDICTION, TRAINING

READY_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.05

LOCK: Final = "neurond.lock"
"""The file by which a data folder is known, and held by one service at a time."""


class StackError(Exception):
    """Raised when the service cannot be started. The message says what to do."""


class Stack:
    """The service over one data folder, for as long as the block runs.

    A server that an earlier, killed `up` left behind on this folder is adopted, never doubled.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        folder: Path,
        host: str,
        port: int,
        train_workers: int = 1,
        with_key: bool = False,
        tell: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._folder = folder.absolute()
        self._host = host
        self._port = port
        self._train_workers = train_workers
        self._with_key = with_key
        self._tell = _unless_nobody_listens(tell)
        self._supervisor = Supervisor(self._tell)
        self._lock: int | None = None
        self._lifeline: tuple[int, int] | None = None
        self._listener: socket.socket | None = None
        self._adopted: int | None = None
        self._redis_url = ""
        self._exchange_url = ""
        chosen = os.environ.get(f"{PREFIX}BLOB_URL")
        self._blob_url = settings.blob_url if chosen else f"file://{self._folder / 'blobs'}"
        self.url = ""
        self.key = ""
        """The key that was drawn for this service, beside those of the settings; empty: none was wanted."""

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def services(self) -> list[Service]:
        """What runs, in the order in which it was started."""
        return list(self._supervisor.services)

    def check(self) -> None:
        """Start again what has died, an adopted server too: from then on it is our own."""
        if self._adopted is not None and not exists(self._adopted):
            self._tell("valkey, which was adopted, ended; starting it again")
            self._adopted = None
            self._supervisor.start(self._valkey(), first=True)
        self._supervisor.check()

    def _start(self) -> None:
        try:
            keep_private(self._folder)
            for name in ("logs", "blobs"):
                (self._folder / name).mkdir(mode=0o700, exist_ok=True)
            self._take_folder()
        except OSError as error:
            raise StackError(
                f"cannot use the folder {self._folder}: {error.strerror}; choose another with --data"
            ) from None
        self._listen()
        self._try_blobs()
        if self._with_key:
            self.key = draw(self._folder, self.url)
            keys = (*self._settings.api_keys, digest_of_key(self.key))
            self._settings = self._settings.model_copy(update={"api_keys": keys})
        self._lifeline = os.pipe()
        self._start_redis()
        self._start_exchange()
        for number in range(self._train_workers):
            name = "worker-train" if self._train_workers == 1 else f"worker-train-{number + 1}"
            self._start_worker(name, TRAINING, share=self._train_workers)
        self._start_worker("worker-predict", PREDICTION)
        self._start_worker("worker-files", FILES)
        self._start_worker("worker-models", MODELS)
        self._start_api()
        with Client(self.url, timeout=5.0) as client:
            self._wait(client.ready, "the service did not get ready")

    def _take_folder(self) -> None:
        """Only one service may work over a folder: the kernel holds the lock as long as this process lives."""
        self._lock = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"another neurond is at work in {self._folder}; stop it, or choose another folder with --data"
            ) from None

    def _try_blobs(self) -> None:
        try:
            Blobs(self._blob_url).probe()
        except BlobError as error:
            raise StackError(str(error)) from None

    def _listen(self) -> None:
        """Take the port before anything is started; the API inherits it, so that its restarts cannot lose it."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listener.bind((self._host, self._port))
        except OSError as error:
            raise StackError(
                f"cannot listen on {self._host}:{self._port}: {error.strerror}; choose another port with --port"
            ) from None
        self._listener.listen(2048)
        host, port = self._listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104  # to show, not to bind
        self.url = f"http://{shown}:{port}"

    @property
    def _has_own_redis(self) -> bool:
        """Whether the settings name a Redis; its URL and its password reach the services as they reached us."""
        return any(os.environ.get(f"{PREFIX}REDIS_URL{suffix}") for suffix in ("", FILE_SUFFIX))

    def _start_redis(self) -> None:
        if self._has_own_redis:
            given = self._settings.redis_url
            if not embedded.answers(given):
                self._tell(f"waiting up to {READY_SECONDS:g} s for Redis at NEUROND_REDIS_URL ({_shown(given)})")
            self._wait(lambda: embedded.answers(given), f"no Redis answers at NEUROND_REDIS_URL ({_shown(given)})")
            return
        self._redis_url = embedded.socket_url(self._folder)
        self._adopted = embedded.server_pid(self._redis_url)
        if self._adopted is None:
            self._supervisor.start(self._valkey())
        self._wait(lambda: embedded.answers(self._redis_url), "the embedded Valkey did not get ready")

    def _valkey(self) -> Service:
        command = embedded.command(self._folder, memory_bytes=self._settings.embedded_memory_bytes)
        return self._server("valkey", command)

    def _start_exchange(self) -> None:
        """Beside the embedded server, one that never writes to disk; who brings a Redis of their own says which."""
        if self._settings.exchange_url or self._has_own_redis:
            return
        url = embedded.socket_url(self._folder, embedded.EXCHANGE)
        stale = embedded.server_pid(url)
        if stale is not None:
            self._end(stale, url)  # left behind by an `up` that was killed: nobody waits for what is in it
        memory_bytes = self._settings.embedded_memory_bytes
        command = embedded.command(self._folder, embedded.EXCHANGE, memory_bytes=memory_bytes)
        self._supervisor.start(self._server("exchange", command))
        self._exchange_url = url
        self._wait(lambda: embedded.answers(url), "the embedded exchange did not get ready")

    def _start_worker(self, name: str, queue: str, *, share: int = 1) -> None:
        environment = worker_environment(queue, self._settings, share=share)
        self._supervisor.start(self._service(name, worker_command(queue, self._settings, name), environment))

    def _start_api(self) -> None:
        assert self._listener is not None  # noqa: S101  # _start listens first
        descriptor = self._listener.fileno()
        service = self._service("api", api_command(f"fd://{descriptor}"), api_environment(self._host, self._settings))
        service.pass_fds += (descriptor,)
        self._supervisor.start(service)

    def _server(self, name: str, command: list[str]) -> Service:
        """One of the embedded servers, which needs to know nothing."""
        return Service(name, command, harmless(os.environ), self._log(name))

    def _service(self, name: str, command: list[str], environment: dict[str, str]) -> Service:
        assert self._lifeline is not None  # noqa: S101  # _start opens it first
        embedded_servers = {f"{PREFIX}REDIS_URL": self._redis_url, f"{PREFIX}EXCHANGE_URL": self._exchange_url}
        own = {
            **{name: url for name, url in embedded_servers.items() if url},
            f"{PREFIX}BLOB_URL": self._blob_url,
            "PYTHONUNBUFFERED": "1",
            LIFELINE: str(self._lifeline[0]),
        }
        return Service(name, command, environment | own, self._log(name), pass_fds=(self._lifeline[0],))

    def _log(self, name: str) -> Path:
        return self._folder / "logs" / f"{name}.log"

    def _wait(self, condition: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not condition():
            for service in self._supervisor.services:
                if service.process is not None and service.process.poll() is not None:
                    raise StackError(f"{service.name} ended: {service.last_words()}\nIts log: {service.log}")
            if time.monotonic() > deadline:
                raise StackError(f"{otherwise} within {READY_SECONDS:g} s; see the logs in {self._folder / 'logs'}")
            time.sleep(POLL_SECONDS)

    def _stop(self) -> None:
        self._supervisor.stop()
        if self._adopted is not None:
            self._end(self._adopted, self._redis_url)
        if self._listener is not None:
            self._listener.close()
        for descriptor in (*(self._lifeline or ()), self._lock):
            if descriptor is not None:
                os.close(descriptor)

    def _end(self, pid: int, url: str) -> None:
        """End a server that is not our child: it is over when it answers no more."""
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while embedded.server_pid(url) == pid:
            if time.monotonic() > deadline:
                self._tell(f"the server {pid} at {url} did not end within {STOP_SECONDS:g} s, and still runs")
                return
            time.sleep(POLL_SECONDS)


def keep_private(folder: Path) -> None:
    """Make a data folder that only its owner may enter, and close one that an earlier `up` left open.

    A folder that holds other things too is left as it is: what the services make in it is their owner's alone anyway.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_ours = folder.stat().st_uid == os.geteuid() and ((folder / LOCK).exists() or not any(folder.iterdir()))
    if is_ours:
        folder.chmod(0o700)


def _unless_nobody_listens(tell: Callable[[str], None]) -> Callable[[str], None]:
    """A terminal that was closed takes no more lines, and that must not keep anything from being stopped."""

    def say(line: str) -> None:
        with contextlib.suppress(OSError):
            tell(line)

    return say


def _shown(url: str) -> str:
    """A URL without its password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
