"""Steps that somebody was promised: that number of replicas (NEUROND_REDIS_REPLICAS) has them before they are answered.

Redis copies to its replicas after it has answered. A master that is lost, or cut off and later demoted, loses what it
had not copied; so each such step waits (`WAIT`) on the connection that made it, and fails when fewer acknowledge it.
"""

from typing import Any, Final

from redis import Redis
from redis.exceptions import NoScriptError

from worker.failover.redis_errors import NotReplicatedError
from worker.store import keys
from worker.store.connection import TIMEOUT_SECONDS
from worker.store.scripts import Argument, evalsha, load, run

WAIT_SECONDS: Final = 0.8 * TIMEOUT_SECONDS
"""How long replicas are waited for: less than the answer is, or it would be taken for lost."""

FENCE: Final = "fence"
"""A write behind the step, for a step may have found nothing to do, and `WAIT` is for its connection's last write."""


class Durable:
    """Takes steps, and answers when enough replicas have them."""

    def __init__(self, redis: Redis, *, replicas: int = 0) -> None:
        """`replicas`: how many must acknowledge a step; 0: none is waited for."""
        self._redis = redis
        self._replicas = replicas

    def run(self, name: str, script_keys: list[str], *arguments: Argument) -> Any:
        """Run the script `name` in one step, as `scripts.run` does.

        Raises:
            NotReplicatedError: it was taken, but fewer replicas acknowledge it. Taken again it waits for them again.

        """
        if not self._replicas:
            return run(self._redis, name, script_keys, *arguments)
        command = evalsha(name, script_keys, *arguments)
        try:
            return self._execute(command)
        except NoScriptError:
            for missing in (name, FENCE):
                load(self._redis, missing)
            return self._execute(command)

    def read(self, *command: str) -> Any:
        """What one command reads; when it is answered, replicas have all that it has seen."""
        if not self._replicas:
            return self._redis.execute_command(*command)  # type: ignore[no-untyped-call]
        try:
            return self._execute(command)
        except NoScriptError:
            load(self._redis, FENCE)
            return self._execute(command)

    def _execute(self, command: tuple[Argument, ...]) -> Any:
        pipeline: Any = self._redis.pipeline(transaction=False)
        pipeline.execute_command(*command)
        pipeline.execute_command(*evalsha(FENCE, [keys.FENCE]))
        pipeline.execute_command("WAIT", self._replicas, int(WAIT_SECONDS * 1000))
        answer, _, acknowledged = pipeline.execute()
        if acknowledged < self._replicas:
            # Perhaps this master is cut off, and there is another: the next connections ask the Sentinels.
            self._redis.connection_pool.disconnect(inuse_connections=False)
            raise NotReplicatedError(
                f"{acknowledged} replicas acknowledged it within {WAIT_SECONDS:.2g} s, and {self._replicas} should have"
            )
        return answer
