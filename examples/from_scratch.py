"""The article's network with NumPy alone, nothing imported from neurond: `python examples/from_scratch.py [epochs]`.

It is the job {"dataset": "mnist", "preset": "article", "seed": 0}: 784-128-64-10, sigmoids, no biases, squared error
under a softmax, one image a step. Its weights are those that `nn` computes without kernels, to the last bit.
docs/backpropagation.md derives each line that ends in a comment; docs/article.md walks through the same with `nn`.
"""

import gzip
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

MNIST = Path(__file__).parents[1] / "nn" / "datasets" / "mnist"
SIZES = [784, 128, 64, 10]
RATE = 0.001


def read(name, header):
    """One of MNIST's files: a header, then bytes."""
    return np.frombuffer(gzip.decompress((MNIST / f"{name}.gz").read_bytes()), np.uint8, offset=header)


def data(rng):
    """(images, labels) to train on, and 15 % that are held out, of each digit its share."""
    x = np.concatenate([read(f"{part}-images-idx3-ubyte", 16) for part in ("train", "t10k")]).reshape(-1, 784)
    y = np.concatenate([read(f"{part}-labels-idx1-ubyte", 8) for part in ("train", "t10k")])
    n, size = len(y), round(0.15 * len(y))
    order = rng.permutation(n)
    order = order[np.argsort(y[order], kind="stable")]
    marks = (np.arange(n) + 1) * size // n > np.arange(n) * size // n
    kept, held_out = np.sort(order[~marks]), np.sort(order[marks])
    return (x[kept], y[kept]), (x[held_out], y[held_out])


def initial_weights(rng):
    """W: (n_out, n_in) of each layer, drawn from N(0, 1/n_out)."""
    shapes = [(n_out, n_in) for n_in, n_out in pairwise(SIZES)]
    return [(rng.standard_normal(shape) * np.sqrt(1 / shape[0])).astype(np.float32) for shape in shapes]


def scaled(images):
    """Bytes as numbers from 0 to 1."""
    return images.astype(np.float32) * np.float32(1 / 255)


def softmax(Z):
    """Each row of P sums to 1."""
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    return P / P.sum(axis=1, keepdims=True)


def forward(W, X):
    """The logits, and what went into each layer."""
    inputs = [X]
    for w in W[:-1]:
        Z = inputs[-1] @ w.T  # Z = X Wᵀ
        inputs.append((1 + np.tanh(Z / 2)) / 2)  # the sigmoid, σ = 1 / (1 + e⁻ᶻ)
    return inputs[-1] @ W[-1].T, inputs


def gradients(W, X, label):
    """∂L/∂W of each layer, for one image X: (1, 784)."""
    Z, inputs = forward(W, X)
    P, T = softmax(Z), np.eye(10, dtype=np.float32)[[label]]
    G = 2 / Z.size * (P - T)  # L = Σ (P − T)² / K
    dZ = P * (G - np.einsum("sk,sk->s", G, P)[:, None])  # back through the softmax
    dW = []
    for w, A in zip(reversed(W), reversed(inputs), strict=True):
        dW.insert(0, dZ.T @ A)  # dW = dYᵀ X
        dZ = (dZ @ w) * (A * (1 - A))  # dX = dY W, and σ′ = σ (1 − σ)
    return dW


def epoch(W, images, labels):
    """One step for each image, in the order in which they come."""
    for image, label in zip(images, labels, strict=True):
        for w, dw in zip(W, gradients(W, scaled(image[None]), label), strict=True):
            w -= RATE * dw  # θ ← θ − η g


if __name__ == "__main__":
    epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    dividing, initialising, _ = np.random.default_rng(0).spawn(3)
    training, held_out = data(dividing)
    weights = initial_weights(initialising)
    for number in range(epochs):
        epoch(weights, *training)
        Z, _ = forward(weights, scaled(held_out[0]))
        print(f"epoch {number + 1}: {np.mean(Z.argmax(axis=1) == held_out[1]):.2%} of the held-out digits", flush=True)
