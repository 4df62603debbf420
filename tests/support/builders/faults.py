"""A job of a few seconds, and what is left of it."""

import json
from pathlib import Path

from neurond import Client

SPEC = {"dataset": "mnist", "seed": 5, "model": {"hidden_layers": [64]}, "training": {"epochs": 12}}
"""A job of a few seconds."""


def finish(client: Client, job_id: str) -> dict:
    *_, job = client.follow(job_id)
    return job


def weights(client: Client, job: dict) -> str:
    """What the job's model is, to the bit."""
    assert job["status"] == "succeeded", job["error"]
    return client.model(job["model_id"])["sha256"]


def logged(folder: Path, **fields: object) -> list[dict]:
    """Lines of the training workers' logs that have these fields."""
    text = "".join(file.read_text() for file in (folder / "logs").glob("worker-train*.log"))
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line for line in lines if fields.items() <= line.items()]
