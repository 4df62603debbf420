"""Faults of messages and of names: wake-ups that are lost, and a second worker under the name of the first."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from redis.exceptions import RedisError

from benchmarks.faults.service import Service, send
from worker.messaging.broker import KEY_PREFIX
from worker.runtime.parent_death import VARIABLE as LIFELINE
from worker.store import keys
from worker.work.kind import TRAINING

WORKER: Final = "--hostname worker-train"
MESSAGES: Final = KEY_PREFIX + TRAINING
BACKLOG: Final = 3
BACKLOG_SECONDS: Final = 20.0
START_SECONDS: Final = 60.0
BESIDE_SECONDS: Final = 5.0
"""How long the second worker works beside the first: by then it has judged whether that one lives."""

DROP_EACH_THIRD: Final = """
for place = 2, redis.call('LLEN', KEYS[1]) - 1, 3 do redis.call('LSET', KEYS[1], place, 'dropped') end
return redis.call('LREM', KEYS[1], 0, 'dropped')
"""

NAMESPACE: Final = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]


def delete_messages(service: Service, rng: random.Random) -> bool:
    """Every message that waits for a training worker is gone."""
    return _with_a_backlog(service, lambda: bool(service.redis.delete(MESSAGES)))


def drop_each_third_message(service: Service, rng: random.Random) -> bool:
    """Of the messages that wait for a training worker each third is gone."""
    return _with_a_backlog(service, lambda: int(service.redis.eval(DROP_EACH_THIRD, 1, MESSAGES)) > 0)


def start_a_namesake(service: Service, rng: random.Random) -> bool:
    """A second worker of the same name and host name; process 1 of a namespace, where the kernel allows that."""
    mains = service.processes(WORKER)
    if not mains:
        return False
    folder = Path(f"/proc/{mains[0]}")
    command = [part.decode() for part in (folder / "cmdline").read_bytes().split(b"\0")[:-1]]
    environment = dict(part.decode().split("=", 1) for part in (folder / "environ").read_bytes().split(b"\0") if part)
    environment.pop(LIFELINE, None)  # its end is ours to bring about
    before = _names(service)
    with (service.folder / "logs" / "worker-train-namesake.log").open("ab") as log:
        process = subprocess.Popen(
            [*_namespace(), *command], env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _names(service) - before and time.monotonic() < deadline:
            time.sleep(0.1)
        listed = bool(_names(service) - before)
        time.sleep(BESIDE_SECONDS)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return listed


def _with_a_backlog(service: Service, then: Callable[[], bool]) -> bool:
    """Keep the training workers from fetching until some messages wait; what runs goes on meanwhile."""
    mains = service.processes(WORKER)
    send(mains, signal.SIGSTOP)
    try:
        deadline = time.monotonic() + BACKLOG_SECONDS
        while service.redis.llen(MESSAGES) < BACKLOG and time.monotonic() < deadline:
            time.sleep(0.1)
        return then()
    except RedisError:
        return False
    finally:
        send(mains, signal.SIGCONT)


def _names(service: Service) -> set[bytes]:
    try:
        return set(service.redis.zrange(keys.workers(TRAINING), 0, -1))
    except RedisError:
        return set()


def _namespace() -> list[str]:
    allowed = shutil.which(NAMESPACE[0]) and subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode == 0
    return NAMESPACE if allowed else []
