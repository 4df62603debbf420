"""Flask and Celery as they are most often put together: one message a request, and `AsyncResult.get`."""

import os
from functools import cache

from celery import Celery
from flask import Flask, jsonify, request

app = Flask(__name__)
celery = Celery("peer", broker=os.environ["PEER_REDIS"], backend=os.environ["PEER_REDIS"])
celery.conf.update(result_expires=60, task_acks_late=False, worker_prefetch_multiplier=4)


@cache
def model():
    """The model, loaded by the worker alone, at its first request."""
    from benchmarks.peers.common import load

    return load()


@celery.task
def predict(inputs):
    """The message: a row there, its probabilities back."""
    from benchmarks.peers.common import answer, rows

    return answer(model().predict_probabilities(rows(inputs)))


@app.post("/predict")
def view():
    """Send, and wait."""
    return jsonify(predict.delay(request.get_json()["inputs"]).get(timeout=30))
