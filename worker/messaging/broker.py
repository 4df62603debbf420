"""Celery's broker: the Redis of the records, or another (`NEUROND_BROKER_URL`), in Celery's own spelling."""

from typing import Any, Final
from urllib.parse import quote

from redis.backoff import NoBackoff
from redis.retry import Retry

from worker.failover.sentinels import Sentinels
from worker.settings import Settings

SOCKET_SECONDS: Final = 1.0

KEY_PREFIX: Final = "neurond:celery:"

REDIS_SCHEMES: Final = ("redis", "rediss", "unix", "sentinel")


def broker(settings: Settings) -> dict[str, Any]:
    """Celery's settings that say where the broker is, and how it is reached."""
    url = settings.broker_url or settings.redis_url
    scheme, _, rest = url.partition("://")
    # Without these a send waits for ever for a broker that is away.
    options: dict[str, Any] = {"max_retries": 1, "interval_start": 0, "interval_step": 0.05, "interval_max": 0.1}
    if scheme in REDIS_SCHEMES:
        options |= {
            "global_keyprefix": KEY_PREFIX,
            "visibility_timeout": settings.broker_visibility_seconds,
            "unacked_restore_interval": min(10.0, settings.broker_visibility_seconds),
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": SOCKET_SECONDS,
            "socket_timeout": SOCKET_SECONDS * 30,
            "socket_keepalive": True,
            "health_check_interval": 15,
        }
    if scheme == "unix":
        url = f"redis+socket://{rest}"
    elif scheme == "sentinel":
        sentinels = Sentinels.parse(url)
        options["master_name"] = sentinels.service
        options["sentinel_kwargs"] = {
            "socket_connect_timeout": SOCKET_SECONDS,
            "socket_timeout": SOCKET_SECONDS,
            "retry": Retry(NoBackoff(), 0),  # by default one that is away is tried for seconds
        }
        login = f"{quote(sentinels.username or '')}:{quote(sentinels.password or '')}@" if sentinels.password else ""
        url = ";".join(f"sentinel://{login}{host}:{port}/{sentinels.database}" for host, port in sentinels.addresses)
    elif scheme == "rediss" and "ssl_cert_reqs" not in url:
        url += f"{'&' if '?' in url else '?'}ssl_cert_reqs=required"  # who asks for TLS wants to know whom he speaks to
    return {
        "broker_url": url,
        "broker_transport_options": options,
        "broker_connection_timeout": SOCKET_SECONDS,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
    }
