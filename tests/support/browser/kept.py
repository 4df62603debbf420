"""Three hundred runs that a service keeps."""

import random
from collections.abc import Iterator
from typing import Final

RUNS: Final = 300
BEST: Final = 137
"""Which of them is the best."""


def kept_runs() -> Iterator[tuple[dict, dict]]:
    """300 runs without names, of four widths, three optimizers and as many learning rates."""
    draw = random.Random(3)
    for number in range(RUNS):
        width, rate = draw.choice([32, 64, 128, 256]), draw.choice([0.001, 0.003, 0.01])
        optimizer = {"name": draw.choice(["adam", "adamw", "rmsprop"]), "learning_rate": rate}
        accuracy = 0.9871 if number == BEST else round(draw.uniform(0.9, 0.98), 4)
        spec = {
            "dataset": "mnist",
            "seed": number,
            "model": {"hidden_layers": [width], "dropout": 0.125 if number == BEST else 0.0},
            "training": {"optimizer": optimizer, "epochs": 3, "clip_norm": 5.0},
        }
        yield spec, {"test_accuracy": accuracy, "validation_accuracy": accuracy - 0.01, "test_loss": 0.1}
