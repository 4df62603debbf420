"""How much memory a training takes: measured in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json, re, resource
import numpy as np
import nn

def resident():
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * resource.getpagesize()

def peak():
    status = open("/proc/self/status").read()  # what getrusage tells begins with the process that started this one
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) * 1024

data, rng = nn.datasets.load("mnist"), np.random.default_rng(0)
test = (data.x_test, data.y_test)
nn.fit(nn.Model.build(data, rng=rng), data.x_train, data.y_train, nn.TrainingOptions(epochs=1), rng=rng,
       validation=test)
seen = []
nn.fit(nn.Model.build(data, hidden_layers=[32], dropout=0.1, rng=rng), data.x_train[:2000], data.y_train[:2000],
       nn.TrainingOptions(epochs=50, optimizer={"name": "adam"}, early_stopping={"patience": 50},
                          augmentation={"shift": 1}),
       validation=(data.x_test[:500], data.y_test[:500]), rng=rng, on_epoch=lambda report: seen.append(resident()))
print(json.dumps({"peak": peak(), "seen": seen}))
"""


@pytest.mark.whole
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_mnist_trains_in_less_than_450_mb_and_50_epochs_take_no_more_than_ten():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)

    assert told["peak"] < 450e6
    assert len(told["seen"]) == 50
    assert told["seen"][-1] - told["seen"][9] < 1e6
