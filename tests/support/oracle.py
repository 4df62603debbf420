"""The article's training loop in plain lines: the oracle of the exact paths, and the clock of the article preset.

A network of sigmoid layers and a softmax, no biases, one image a step. Its own mathematics, written out: column
vectors, weights (n_out, n_in), an update of each matrix at each image. `jacobian="diagonal"` is what the article
computes; "exact" is the derivative. Nothing here is shared with `nn`.
"""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def train(weights, images, labels, *, learning_rate, jacobian="exact", loss="mean_squared_error"):
    """Run once over (images: (n, n_in) in [0, 1], labels: (n,)), changing `weights`: [(n_out, n_in), …] in place."""
    classes = weights[-1].shape[0]
    for image, label in zip(images, labels, strict=True):
        activations = [image]
        for W in weights[:-1]:
            activations.append(sigmoid(W @ activations[-1]))
        p = softmax(weights[-1] @ activations[-1])
        wanted = np.zeros(classes, p.dtype)
        wanted[label] = 1
        if loss == "cross_entropy":
            delta = p - wanted
        else:
            g = 2 * (p - wanted) / classes
            J = np.diag(p) - np.outer(p, p)
            delta = J @ g if jacobian == "exact" else np.diag(J) * g
        for i in range(len(weights) - 1, -1, -1):
            change = np.outer(delta, activations[i])
            if i > 0:
                delta = (weights[i].T @ delta) * activations[i] * (1 - activations[i])
            weights[i] -= learning_rate * change
