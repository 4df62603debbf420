"""The jobs: what is kept in Redis and in the blob store, and the Celery workers that run them."""
