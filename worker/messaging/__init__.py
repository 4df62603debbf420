"""The Celery queues and the broker: names, clients and how a connection to it comes back."""
