"""What the service holds: memory of its processes, bytes on disk, bytes in Redis."""

import time
from dataclasses import asdict, dataclass
from typing import Any, Final

from benchmarks.faults.service import Service, private_megabytes

SETTLE_SECONDS: Final = 6.0
LOOK_SECONDS: Final = 0.5
LARGER_MB: Final = {"memory_mb": 150.0, "disk_mb": 20.0, "redis_mb": 5.0}
"""By how much each may be larger after an attack than before it: caches, allocators and the append-only file."""


@dataclass(frozen=True)
class State:
    """All in megabytes."""

    memory_mb: float
    disk_mb: float
    redis_mb: float

    @classmethod
    def of(cls, service: Service) -> "State":
        """As it is now."""
        used = service.redis.info("memory")["used_memory"]
        files = [path for path in (service.folder / "blobs").rglob("*") if path.is_file()]
        return cls(
            private_megabytes([*service.processes("gunicorn"), *service.processes("celery")]),
            sum(_size(path) for path in files) / 1e6,
            used / 1e6,
        )

    def grown(self, before: "State") -> list[str]:
        """What is larger than before, by more than it may be."""
        now, then = asdict(self), asdict(before)
        return [name for name, most in LARGER_MB.items() if now[name] > then[name] + most]


def settled(service: Service, before: State) -> State:
    """The state once it is as before, or after some seconds."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while (state := State.of(service)).grown(before) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    return state


def _size(path: Any) -> int:
    try:
        return int(path.stat().st_size)
    except OSError:
        return 0  # it was deleted meanwhile
