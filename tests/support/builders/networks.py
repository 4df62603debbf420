"""Networks whose answers are known."""

import numpy as np

import nn


def model_that_says(P: np.ndarray) -> nn.Model:
    """A classifier whose answer to row i, which is the i-th unit vector, is P[i]."""
    rows, classes = P.shape
    shape = ((rows,), "classification", [str(k) for k in range(classes)])
    model = nn.Model.build(shape, hidden_layers=[], rng=np.random.default_rng(0))
    model.network.layers[0].W[...] = np.log(P).T
    return model
