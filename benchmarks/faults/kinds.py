# ruff: noqa: D103  # FAULTS says in words what each does
"""The faults: each one function that breaks something, and, where it does not break by itself alone, mends it.

Each gives whether it found what it wanted to break. What the kernel or Redis lets nobody do to a single process is
simulated, and said so: a full disk by the limit on the size of the files that the workers write (every larger write
fails in its middle, as on a full disk), a step of Redis's clock by moving every lease by an hour the other way.
"""

import os
import random
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import orjson
from redis.exceptions import RedisError

from benchmarks.faults.messages import WORKER, delete_messages, drop_each_third_message, start_a_namesake
from benchmarks.faults.service import Service, children, send
from worker.store import keys
from worker.store.workers import pid_of

Fault = Callable[[Service, random.Random], bool]

HOUR_MS: Final = 3_600_000
SMALL_FILE: Final = 16 * 1024
PAUSE_SECONDS: Final = 4.0
BALLAST: Final = "neurond-faults:ballast"
PATIENCE_SECONDS: Final = 3.0


def _worker(service: Service, rng: random.Random) -> list[int]:
    """A training worker, its main process and its child: one that trains, if one does so soon."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while True:
        workers = [[main, *children(main)] for main in service.processes(WORKER)]
        busy = [worker for worker in workers if set(worker[1:]) & _owners(service)]
        if busy or time.monotonic() > patience:
            return rng.choice(busy or workers or [[]])
        time.sleep(0.05)


def _workers(service: Service) -> list[int]:
    """Every process of the training workers."""
    return [pid for main in service.processes(WORKER) for pid in (main, *children(main))]


def _owners(service: Service) -> set[int]:
    """The processes that own the running jobs."""
    try:
        running = [name.decode() for name in service.redis.zrange(keys.JOB.leases, 0, -1)]
        owners = [service.redis.hget(keys.JOB.record(name), "owner") for name in running]
    except RedisError:
        return set()
    return {pid_of(owner.decode()) for owner in owners if owner}


def kill_child(service: Service, rng: random.Random) -> bool:
    return send(_worker(service, rng)[1:], signal.SIGKILL)


def kill_main(service: Service, rng: random.Random) -> bool:
    return send(_worker(service, rng)[:1], signal.SIGKILL)


def kill_worker(service: Service, rng: random.Random) -> bool:
    return send(_worker(service, rng), signal.SIGKILL)


def restart_worker(service: Service, rng: random.Random) -> bool:
    return send(_worker(service, rng)[:1], signal.SIGTERM)


def stop_child_past_its_lease(service: Service, rng: random.Random) -> bool:
    pids = _worker(service, rng)[1:]
    return _stopped(pids, float(service.environment["NEUROND_LEASE_SECONDS"]) + 3.0)


def stop_worker_for_a_while(service: Service, rng: random.Random) -> bool:
    return _stopped(_worker(service, rng), PAUSE_SECONDS / 2)


def kill_api(service: Service, rng: random.Random) -> bool:
    return send(service.processes("gunicorn"), signal.SIGKILL)


def kill_api_process(service: Service, rng: random.Random) -> bool:
    workers = [child for main in service.processes("gunicorn") for child in children(main)]
    return bool(workers) and send([rng.choice(workers)], signal.SIGKILL)


def kill_redis(service: Service, rng: random.Random) -> bool:
    return send(service.servers(), signal.SIGKILL)


def stop_redis(service: Service, rng: random.Random) -> bool:
    return _stopped(service.servers(), PAUSE_SECONDS)


def drop_connections(service: Service, rng: random.Random) -> bool:
    try:
        return int(service.redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")) > 0
    except RedisError:
        return False


def fill_redis(service: Service, rng: random.Random) -> bool:
    """One value as large as the memory that there is, gone after a while by itself, whatever becomes of the server."""
    try:
        pipeline = service.redis.pipeline(transaction=False)
        pipeline.setrange(BALLAST, service.redis.info("memory")["maxmemory"], b"x")
        pipeline.pexpire(BALLAST, int(PAUSE_SECONDS * 1000))
        pipeline.execute()
    except RedisError:
        return False
    time.sleep(PAUSE_SECONDS)
    return True


def fill_disk(service: Service, rng: random.Random) -> bool:
    limited = [pid for pid in _workers(service) if _limit_files(pid, SMALL_FILE)]
    time.sleep(PAUSE_SECONDS)
    for _ in range(2):  # a child that was born meanwhile has the limit too, and one that is being born
        for pid in _workers(service):
            _limit_files(pid, resource.RLIM_INFINITY)
        time.sleep(0.1)
    return bool(limited)


def truncate_checkpoint(service: Service, rng: random.Random) -> bool:
    """The newest checkpoint of a running job loses its second half, and then the job its worker."""
    try:
        running = [name.decode() for name in service.redis.zrange(keys.JOB.leases, 0, -1)]
        named = [service.redis.hget(keys.JOB.record(name), "checkpoint") for name in running]
    except RedisError:
        return False
    truncated = False
    for text in filter(None, named):
        path: Path = service.folder / "blobs" / orjson.loads(text)["path"]
        if path.exists():
            os.truncate(path, path.stat().st_size // 2)
            truncated = True
    mains = service.processes(WORKER)
    return truncated and send([child for main in mains for child in children(main)], signal.SIGKILL)


def step_clock_forward(service: Service, rng: random.Random) -> bool:
    return _move_leases(service, -HOUR_MS)


def step_clock_back(service: Service, rng: random.Random) -> bool:
    """And a worker dies: its lease, now far in the future, must end all the same."""
    return _move_leases(service, HOUR_MS) and kill_worker(service, rng)


def kill_everything(service: Service, rng: random.Random) -> bool:
    service.kill()
    service.start()
    if len(service.servers()) != 1:
        raise SystemExit(f"expected one server after `neurond up` was killed and started again: {service.servers()}")
    return True


def _stopped(pids: list[int], seconds: float) -> bool:
    found = send(pids, signal.SIGSTOP)
    if found:
        time.sleep(seconds)
        send(pids, signal.SIGCONT)
    return found


def _limit_files(pid: int, size: int) -> bool:
    try:
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _move_leases(service: Service, milliseconds: int) -> bool:
    try:
        leases = service.redis.zrange(keys.JOB.leases, 0, -1)
        for name in leases:
            service.redis.zadd(keys.JOB.leases, {name: milliseconds}, xx=True, incr=True)
    except RedisError:
        return False
    return bool(leases)


FAULTS: Final[dict[str, Fault]] = {
    "kill -9 the child that trains": kill_child,
    "kill -9 a training worker's main process": kill_main,
    "kill -9 both": kill_worker,
    "SIGTERM a training worker": restart_worker,
    "SIGSTOP the child past its lease, SIGCONT": stop_child_past_its_lease,
    "SIGSTOP a training worker for 2 s": stop_worker_for_a_while,
    "a second worker of the same name, for 5 s": start_a_namesake,
    "the broker's list of messages is deleted": delete_messages,
    "each third message is dropped": drop_each_third_message,
    "kill -9 one process of the API": kill_api_process,
    "kill -9 the API": kill_api,
    "kill -9 Redis": kill_redis,
    "SIGSTOP Redis for 4 s": stop_redis,
    "drop every connection to Redis": drop_connections,
    "Redis is full for 4 s": fill_redis,
    "the disk is full for 4 s": fill_disk,
    "truncate the newest checkpoint, kill -9 the child": truncate_checkpoint,
    "Redis's clock jumps an hour forward": step_clock_forward,
    "Redis's clock jumps an hour back, kill -9 a worker": step_clock_back,
    "kill -9 `neurond up`, start it again": kill_everything,
}
