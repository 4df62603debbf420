"""How a worker process lives: the Celery app, attempts under leases, watchdogs, and recovery from crashes."""
