"""From raw digits to 98 %, with the training loop in plain sight: `python examples/digits.py [epochs]`.

It takes MNIST's own files, scales bytes to [0, 1], and teaches 784-256-128-10 with the pieces that `nn.fit` is made of:
forward, loss, backward, step. docs/backpropagation.md derives what happens in each.
"""

import gzip
import math
import sys
from importlib import resources

import numpy as np

from nn.data.readers.idx import read_idx
from nn.layers import layer_from
from nn.losses import loss_from
from nn.network import Network
from nn.optimizers import SGD

EPOCHS = int(sys.argv[1]) if len(sys.argv) > 1 else 8
BATCH = 128


def read(name):
    """One of MNIST's four files, as it was published."""
    return read_idx(gzip.decompress(resources.files("nn.datasets.mnist").joinpath(f"{name}.gz").read_bytes()))


x_train = read("train-images-idx3-ubyte").reshape(-1, 784).astype(np.float32) / 255
x_test = read("t10k-images-idx3-ubyte").reshape(-1, 784).astype(np.float32) / 255
y_train, y_test = (read(f"{part}-labels-idx1-ubyte").astype(np.intp) for part in ("train", "t10k"))

rng = np.random.default_rng(1)
layers = (
    {"type": "dense", "units": 256},
    {"type": "relu"},
    {"type": "dense", "units": 128},
    {"type": "relu"},
    {"type": "dense", "units": 10},
)
network = Network([layer_from(layer) for layer in layers], (784,))
network.initialize(rng)
loss = loss_from("cross_entropy", "classification", 10)
optimizer = SGD(0.1, momentum=0.9)
optimizer.start(network.parameters, network.gradients)

steps = math.ceil(len(x_train) / BATCH)
for epoch in range(EPOCHS):
    order, total = rng.permutation(len(x_train)), 0.0
    for step in range(steps):
        rows = order[step * BATCH : (step + 1) * BATCH]
        logits = network.forward(x_train[rows], rng)  # what the network says
        mean, d_logits = loss(logits, y_train[rows])  # how wrong it is, and dL/dlogits
        total += mean * len(rows)
        network.backward(d_logits)  # what each weight has to do with it
        progress = (epoch + step / steps) / EPOCHS
        optimizer.step(0.1 * (1 + math.cos(math.pi * progress)) / 2)  # and a step against it, ever smaller
    accuracy = np.mean(network.forward(x_test).argmax(axis=1) == y_test)
    print(f"epoch {epoch + 1}: loss {total / len(x_train):.4f}, {accuracy:.2%} of the test digits read", flush=True)
