"""The contenders of the training benchmark, one a process: `python -m benchmarks.contenders NAME`.

Each is a function that prepares a network and gives back one that trains it once over a number of MNIST's images, in a
new order, with gradient descent (momentum 0.9; none for batches of one) on cross-entropy, ReLU between dense layers.
A contender reads cases as JSON lines and answers each with how many images it trained on, and in how many seconds.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import nn
from nn.arrays import aligned
from worker.runtime.blas_threads import limited_to

RATE = 0.01
Run = Callable[[], float]
"""Trains once over all images; the seconds that it took."""


class Case:
    """Sizes such as [784, 128, 64, 10], a batch size, the images as float32 in [0, 1], threads, and the clock.

    The clock is the wall's, or this process's time on the processors, for machines that others use too.
    """

    def __init__(self, sizes: list[int], batch: int, images: int, threads: int, clock: str) -> None:
        self.clock = time.perf_counter if clock == "wall" else time.process_time
        self.sizes, self.batch, self.threads = sizes, batch, threads
        self.steps = images // batch
        self.images = self.steps * batch
        self.momentum = 0.9 if batch > 1 else 0.0
        self.data = nn.datasets.load("mnist")
        self.x = self.data.x_train[: self.images].astype(np.float32) / 255
        self.y = self.data.y_train[: self.images]


def neurond(case: Case) -> Run:
    """`nn.fit`."""
    rng = np.random.default_rng(0)
    model = nn.Model.build(case.data, hidden_layers=case.sizes[1:-1], rng=rng)
    x, y = case.data.x_train[: case.images], case.y

    def run() -> float:
        with limited_to(case.threads):
            began = case.clock()
            nn.fit(
                model,
                x,
                y,
                nn.TrainingOptions(
                    batch_size=case.batch,
                    epochs=1,
                    optimizer={"name": "sgd", "learning_rate": RATE, "momentum": case.momentum},
                ),
                rng=rng,
            )
            return case.clock() - began

    return run


def floor(case: Case) -> Run:
    """The matrix products of a training alone, as NumPy computes them, on arrays that lie ready."""
    rng = np.random.default_rng(0)
    shapes = list(zip(case.sizes, case.sizes[1:], strict=False))
    W, dW = ([aligned(shape, np.float32).T for shape in shapes] for _ in range(2))  # as `nn.layers.Dense` keeps them
    A, dA = ([aligned((case.batch, size), np.float32) for size in case.sizes] for _ in range(2))
    for array in (*W, *A):
        array[...] = rng.standard_normal(array.shape, np.float32)

    def run() -> float:
        with limited_to(case.threads):
            began = case.clock()
            for _ in range(case.steps):
                for w, a, out in zip(W, A, A[1:], strict=False):
                    np.matmul(a, w.T, out=out)
                for i in range(len(W) - 1, -1, -1):
                    np.matmul(A[i + 1].T, A[i], out=dW[i])
                    if i:
                        np.matmul(A[i + 1], W[i], out=dA[i])
            seconds = case.clock() - began
        for a in A:  # products of products would overflow
            a[...] = rng.standard_normal(a.shape, np.float32)
        return seconds

    return run


def article(case: Case) -> Run:
    """The article's own loop: one image a step, sigmoid, no biases, weights in float64 as it draws them."""
    from tests.support.oracle import train

    rng = np.random.default_rng(0)
    weights = [
        rng.standard_normal((n_out, n_in)) / np.sqrt(n_out)
        for n_in, n_out in zip(case.sizes, case.sizes[1:], strict=False)
    ]

    def run() -> float:
        began = case.clock()
        train(weights, case.x, case.y, learning_rate=RATE, jacobian="diagonal")
        return case.clock() - began

    return run


def _torch(case: Case, *, compiled: bool) -> Run:
    import torch

    torch.set_num_threads(case.threads)
    layers: list[Any] = []
    for n_in, n_out in zip(case.sizes, case.sizes[1:], strict=False):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1])
    forward = torch.compile(network) if compiled else network
    loss = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE, momentum=case.momentum)
    x, y = torch.from_numpy(case.x), torch.from_numpy(case.y)

    def run() -> float:
        began = case.clock()
        order = torch.randperm(case.images)
        for start in range(0, case.images, case.batch):
            rows = order[start : start + case.batch]
            optimizer.zero_grad()
            loss(forward(x[rows]), y[rows]).backward()
            optimizer.step()
        return case.clock() - began

    return run


def torch_eager(case: Case) -> Run:
    """PyTorch, as most people run it."""
    return _torch(case, compiled=False)


def torch_compiled(case: Case) -> Run:
    """PyTorch with the network under `torch.compile`."""
    return _torch(case, compiled=True)


def jax(case: Case) -> Run:
    """JAX: the whole epoch as one compiled scan."""
    import jax as library
    import jax.numpy as jnp

    rng = np.random.default_rng(0)
    parameters = [
        (jnp.asarray(rng.standard_normal((n_in, n_out), np.float32) * np.sqrt(2 / n_in)), jnp.zeros(n_out))
        for n_in, n_out in zip(case.sizes, case.sizes[1:], strict=False)
    ]
    velocity = library.tree.map(jnp.zeros_like, parameters)

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        for W, b in parameters[:-1]:
            x = library.nn.relu(x @ W + b)
        W, b = parameters[-1]
        log_p = library.nn.log_softmax(x @ W + b)
        return -jnp.take_along_axis(log_p, y[:, None], axis=1).mean()

    def step(state: Any, batch: Any) -> Any:
        parameters, velocity = state
        gradients = library.grad(loss)(parameters, *batch)
        if case.momentum:
            velocity = library.tree.map(lambda v, g: case.momentum * v + g, velocity, gradients)
            gradients = velocity
        return (library.tree.map(lambda p, v: p - RATE * v, parameters, gradients), velocity), None

    @library.jit
    def epoch(state: Any, x: Any, y: Any, key: Any) -> Any:
        order = library.random.permutation(key, case.images)
        batches = (x[order].reshape(case.steps, case.batch, -1), y[order].reshape(case.steps, case.batch))
        return library.lax.scan(step, state, batches)[0]

    state, key = (parameters, velocity), library.random.key(0)
    x, y = jnp.asarray(case.x), jnp.asarray(case.y)

    def run() -> float:
        nonlocal state, key
        began = case.clock()
        key, now = library.random.split(key)
        state = library.block_until_ready(epoch(state, x, y, now))
        return case.clock() - began

    return run


def sklearn(case: Case) -> Run:
    """scikit-learn's MLPClassifier."""
    from sklearn.neural_network import MLPClassifier

    network = MLPClassifier(
        tuple(case.sizes[1:-1]),
        solver="sgd",
        alpha=0.0,
        batch_size=case.batch,
        momentum=case.momentum,
        nesterovs_momentum=False,
        learning_rate_init=RATE,
    )
    network.partial_fit(case.x[:100], case.y[:100], classes=np.arange(10))

    def run() -> float:
        with limited_to(case.threads):
            began = case.clock()
            network.partial_fit(case.x, case.y)
            return case.clock() - began

    return run


CONTENDERS: dict[str, Callable[[Case], Run]] = {
    "neurond": neurond,
    "floor": floor,
    "jax": jax,
    "torch": torch_eager,
    "torch_compiled": torch_compiled,
    "sklearn": sklearn,
    "article": article,
}


def main() -> None:
    """Answer cases until there are none. {"case": …} prepares one; {"run": true} trains once."""
    contender, run = CONTENDERS[sys.argv[1]], None
    case = None
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            if "case" in asked:
                case = Case(**asked["case"])
                run = contender(case)
                run()  # what is compiled or allocated at first sight is not timed
            assert run is not None
            assert case is not None
            answer = {"images": case.images, "seconds": run()}
        except ImportError as error:
            answer = {"missing": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
