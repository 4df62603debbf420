"""How Celery waits for its broker: a worker is back a moment after it, not after pauses that grow to half a minute."""

from typing import Any, Final

from celery.app.amqp import AMQP
from kombu.connection import Connection
from kombu.transport.redis import SentinelChannel, SentinelTransport
from redis.exceptions import ConnectionError as RedisConnectionError

from worker.failover.masters import MasterConnection

RETRIES: Final = {"interval_start": 0.2, "interval_step": 0.2, "interval_max": 1.0}
"""Seconds between two tries to connect. Celery names none, and kombu's own are 2, 4, 6 … 30."""


class BrokerConnection(MasterConnection):
    """One of Celery's, whose event loop must know when it connects again."""

    def leave(self) -> None:
        """Fail as a lost connection does."""
        self.disconnect()  # type: ignore[no-untyped-call]
        raise RedisConnectionError("the broker's master is another server by now")


class PromptSentinelChannel(SentinelChannel):
    """Over such connections."""

    connection_class = BrokerConnection


class PromptSentinelTransport(SentinelTransport):
    """With such channels."""

    Channel = PromptSentinelChannel


class PromptConnection(Connection):
    """Connects again soon, and behind Sentinels to the master."""

    def get_transport_cls(self) -> Any:
        """How the broker is spoken to."""
        known = super().get_transport_cls()  # type: ignore[no-untyped-call]
        return PromptSentinelTransport if known is SentinelTransport else known

    def ensure_connection(self, *arguments: Any, **options: Any) -> Any:
        """Connect; what the caller does not say of the pauses is `RETRIES`."""
        return super().ensure_connection(*arguments, **RETRIES | options)  # type: ignore[no-untyped-call]


class PromptAMQP(AMQP):  # type: ignore[misc]  # Celery is untyped
    """Celery's messages over such connections."""

    Connection = PromptConnection
