"""Queue and task names, how Celery is set up, and how a wake-up is sent.

A message is a wake-up and nothing else: whoever gets it takes what waits longest. Losing it costs a few seconds (the
reaper sends another), and one too many finds nothing to claim. So no message needs Celery's own bookkeeping: no
results, no retries.
"""

from typing import TYPE_CHECKING, Any, Final

from worker.failover import redis_errors
from worker.messaging.broker import broker
from worker.observability import tracing
from worker.settings import Settings
from worker.work.kind import FILES, PREDICTION, QUEUES, TRAINING

if TYPE_CHECKING:
    from celery import Celery

WORK: Final = "worker.tasks.work"
PREDICT: Final = "worker.tasks.predict"
CANARY: Final = "worker.tasks.canary"
CANARY_LIFE_SECONDS: Final = 30.0

FORMER: Final = {
    "worker.tasks.train": TRAINING,
    "worker.tasks.ingest": FILES,
    "worker.tasks.predict_later": FILES,
    "worker.tasks.errand": FILES,
}
"""Names of `WORK` in earlier versions, by the queue that they were for: such a message may wait still."""


def make_celery(settings: Settings) -> "Celery":
    """Celery over the broker of the settings, with what a durable record makes unnecessary switched off."""
    from celery import Celery  # here: commands and health checks need the names alone, and this takes half a second
    from kombu.entity import Queue as KombuQueue

    redis_errors.register()
    celery = Celery("neurond", set_as_current=False, amqp="worker.messaging.amqp:PromptAMQP")
    celery.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_queues=[KombuQueue(name, durable=True) for name in QUEUES],
        task_create_missing_queues=False,
        task_publish_retry=False,
        # A worker fetches one message and acknowledges it when the task is over, so that none waits behind a long
        # training in one worker while another is idle. Redelivery is harmless: only the record lets a task run.
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_proc_alive_timeout=60,
        # How long after a child's death its last result is waited for, before the job that it ran is taken from it.
        worker_lost_wait=0.5,
        **broker(settings),
    )
    return celery


class Queue:
    """Sends wake-ups."""

    def __init__(self, celery: "Celery") -> None:
        self._celery = celery

    def send_work(self, queue: str) -> None:
        """Wake a worker of this queue for what waits there longest."""
        self._send(WORK, [queue], queue)

    def send_predict(self) -> None:
        """Wake a prediction worker for the requests that wait in the prediction queue."""
        self._send(PREDICT, [], PREDICTION)

    def send_canary(self, queue: str) -> None:
        """A message without work: that it is taken shows that someone hears. It is worth nothing later."""
        self._celery.send_task(
            CANARY, args=[queue], queue=queue, ignore_result=True, retry=False, expires=CANARY_LIFE_SECONDS
        )

    def waiting(self, queue: str) -> int:
        """How many messages wait on `queue`."""
        with self._celery.connection_for_read() as connection:
            declared: Any = connection.default_channel.queue_declare(queue, durable=True, auto_delete=False)
            return int(declared.message_count)

    def _send(self, task: str, arguments: list[str], queue: str) -> None:
        with tracing.span("send wake-up", queue=queue):
            self._celery.send_task(task, args=arguments, queue=queue, ignore_result=True, retry=False)
