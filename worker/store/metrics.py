"""What is counted: in every process by itself, and every few seconds summed in Redis.

Requests are answered by several processes, jobs and predictions are run by others, on other hosts too. None of them can
be scraped alone, and none must wait for a count. So each counts in its own memory and adds what is new to one hash;
whichever API process is asked at `/metrics` tells the sums of all. A process that is killed loses its last few seconds
of counts, and no total ever goes back.

The labels are bounded: routes, methods, states and queues, never an ID.
"""

import hashlib
import logging
import threading
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, Final

import orjson
from prometheus_client import CollectorRegistry, Counter, Histogram, Metric
from prometheus_client.samples import Sample
from redis import Redis
from redis.exceptions import RedisError

from worker.store import keys
from worker.work import KINDS

logger = logging.getLogger(__name__)

FLUSH_SECONDS: Final = 5.0
LIFETIME_MS: Final = 30 * 24 * 3600 * 1000
"""The sums of a version that nobody runs any more go by themselves."""

FAST: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
SLOW: Final = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 3600, 6 * 3600)
SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)

OUTCOMES: Final = ("succeeded", "failed", "cancelled", "released", "lost")
"""How an attempt ends; after `released` and `lost` there may be another one. `waiting` comes with a kind that waits."""

PREDICTION_OUTCOMES: Final = ("prediction", "bad_input", "bad_body", "not_found", "failure", "expired")


Known = Iterable[str | tuple[str, ...]]


class Metrics:
    """The counters of this process, and the sums of those of all."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._registry = CollectorRegistry()
        self._instruments: dict[str, Counter | Histogram] = {}
        self._schema = hashlib.sha256()
        self._flushed: dict[bytes, float] = {}
        self._flushing = threading.Lock()
        self._stopped = threading.Event()

        kinds = [kind.plural for kind in KINDS.values()]
        self.http_requests = self._counter(
            "neurond_http_requests", "HTTP requests that were answered.", ("method", "route", "status")
        )
        self.http_seconds = self._histogram(
            "neurond_http_request_duration_seconds", "Time to an answer's first byte.", FAST, ("method", "route")
        )
        self.attempts = self._counter(
            "neurond_attempts", "Jobs, data sets and other work that a worker claimed.", ("kind",), kinds
        )
        self.attempts_ended = self._counter(
            "neurond_attempts_ended", "How those attempts ended.", ("kind", "outcome"), product(kinds, OUTCOMES)
        )
        self.wait_seconds = self._histogram(
            "neurond_queue_wait_seconds", "From a submission to its first claim.", SLOW, ("kind",), kinds
        )
        self.run_seconds = self._histogram(
            "neurond_run_seconds", "From a claim to the end of that attempt.", SLOW, ("kind",), kinds
        )
        self.training_epochs = self._counter("neurond_training_epochs", "Epochs that were trained.")
        self.wake_ups_resent = self._counter(
            "neurond_wake_ups_resent", "Messages for waiting jobs that the reaper sent again."
        )
        self.prediction_requests = self._counter(
            "neurond_prediction_requests", "Prediction requests by answer.", ("outcome",), PREDICTION_OUTCOMES
        )
        self.prediction_batch_requests = self._histogram(
            "neurond_prediction_batch_requests", "Requests that shared a forward pass.", SIZES
        )
        self.prediction_pass_seconds = self._histogram(
            "neurond_prediction_pass_seconds",
            "Time to read the requests of one pass, run it and encode its answers.",
            FAST,
        )
        self.prediction_passes_ended = self._counter(
            "neurond_prediction_passes_ended", "Passes that took too long: the process that ran them was ended."
        )
        # A hash of names, labels and buckets: versions that count differently do not share sums.
        self._key = keys.metrics(self._schema.hexdigest()[:8])

    def flush(self) -> None:
        """Add what was counted since the last flush to the sums. Counts that could not be written stay for the next.

        Raises:
            RedisError: Redis cannot be reached.
        """
        with self._flushing:
            counted = {_field(sample): sample.value for sample in self._samples(self._registry.collect())}
            new = {name: value - self._flushed.get(name, 0.0) for name, value in counted.items()}
            pipeline = self._redis.pipeline(transaction=True)
            for name, value in new.items():
                if value:
                    pipeline.hincrbyfloat(self._key, name.decode(), value)
            if len(pipeline):
                pipeline.pexpire(self._key, LIFETIME_MS)
                pipeline.execute()
            self._flushed = counted

    def try_to_flush(self) -> None:
        """Flush, or leave it to the next time while Redis is away."""
        try:
            self.flush()
        except RedisError as error:
            logger.debug("counts wait for Redis: %s", error)

    def totals(self) -> list[Metric]:
        """The sums of all processes, as families of samples. What nobody counted yet is there as 0.

        Raises:
            RedisError: Redis cannot be reached.
        """
        answer: Any = self._redis.hgetall(self._key)
        sums = {name: float(value) for name, value in answer.items()}
        for name in sums:
            self._know(*orjson.loads(name))
        families = []
        for counted in self._registry.collect():
            family = Metric(counted.name, counted.documentation, counted.type)
            for sample in self._samples([counted]):
                family.add_sample(sample.name, sample.labels, sums.get(_field(sample), 0.0))
            families.append(family)
        return families

    def keep_flushing(self) -> None:
        """Flush every few seconds from now on, in a thread of its own (a greenlet under gevent)."""
        threading.Thread(target=self._run, name="metrics", daemon=True).start()

    def stop(self) -> None:
        """Flush for the last time."""
        self._stopped.set()
        self.try_to_flush()

    def _run(self) -> None:
        while not self._stopped.wait(FLUSH_SECONDS):
            self.try_to_flush()

    def _counter(self, name: str, text: str, labels: Sequence[str] = (), known: Known = ()) -> Counter:
        counter = Counter(name, text, labels, registry=self._registry)
        _begin(counter, known)
        self._instruments[f"{name}_total"] = counter
        self._schema.update(repr((name, labels)).encode())
        return counter

    def _histogram(
        self, name: str, text: str, buckets: Sequence[float], labels: Sequence[str] = (), known: Known = ()
    ) -> Histogram:
        histogram = Histogram(name, text, labels, buckets=buckets, registry=self._registry)
        _begin(histogram, known)
        for suffix in ("bucket", "count", "sum"):
            self._instruments[f"{name}_{suffix}"] = histogram
        self._schema.update(repr((name, labels, buckets)).encode())
        return histogram

    def _know(self, name: str, labels: dict[str, str]) -> None:
        """Make a series that another process counted, at 0, so that all its buckets are there."""
        own = {label: value for label, value in labels.items() if label != "le"}
        if own:
            self._instruments[name].labels(**own)

    @staticmethod
    def _samples(families: Iterable[Metric]) -> Iterable[Sample]:
        return (sample for family in families for sample in family.samples if not sample.name.endswith("_created"))


def _begin(instrument: Counter | Histogram, known: Known) -> None:
    """Make the series of the label values that are known beforehand: they are there as 0 before anything happens."""
    for values in known:
        instrument.labels(*([values] if isinstance(values, str) else values))


def _field(sample: Sample) -> bytes:
    """The name of a series' field: readable, and the same in every process."""
    return orjson.dumps([sample.name, sample.labels], option=orjson.OPT_SORT_KEYS)
