"""One training step, worked by hand."""

import numpy as np

from nn.layers import layer_from
from nn.losses import loss_from
from nn.network import Network
from nn.optimizers import SGD


def test_one_step_of_a_two_layer_network_by_hand():
    """x = (1, 2); W₁ = [[1, 1], [−1, 1]], b₁ = (0, −3); relu; W₂ = [[1, 5]], b₂ = (1,); target 2; squared error.

    z₁ = (3, −2), a = (3, 0), ŷ = 4, L = 4, dŷ = 2 · 2 = 4; dW₂ = (12, 0), db₂ = 4; da = (4, 20), and relu lets only the
    first through: δ = (4, 0); dW₁ = [[4, 8], [0, 0]], db₁ = (4, 0). With η = 0.5 each parameter moves by half of that.
    """
    network = Network(
        [
            layer_from({"type": "dense", "units": 2}),
            layer_from({"type": "relu"}),
            layer_from({"type": "dense", "units": 1}),
        ],
        (2,),
        np.float64,
    )
    first, _, second = network.layers
    first.W[...], first.b[...] = [[1, 1], [-1, 1]], [0, -3]
    second.W[...], second.b[...] = [[1, 5]], [1]
    optimizer = SGD(0.5)
    optimizer.start(network.parameters, network.gradients)

    Z = network.forward(np.array([[1.0, 2.0]]), np.random.default_rng(0))
    loss, dZ = loss_from("mean_squared_error", "regression", 0)(Z, np.array([[2.0]]))
    network.backward(dZ)
    optimizer.step(0.5)

    assert loss == 4
    np.testing.assert_array_equal(first.W, [[-1, -3], [-1, 1]])
    np.testing.assert_array_equal(first.b, [-2, -3])
    np.testing.assert_array_equal(second.W, [[-5, 5]])
    np.testing.assert_array_equal(second.b, [-1])


def test_parameters_are_views_of_one_vector_with_the_weights_first():
    network = Network([layer_from({"type": "dense", "units": 3}), layer_from({"type": "dense", "units": 2})], (4,))

    network.parameters[...] = np.arange(network.parameter_count)

    assert network.parameter_count == 4 * 3 + 3 + 3 * 2 + 2
    assert network.decayed == slice(0, 18)
    np.testing.assert_array_equal(network.layers[0].W.T.ravel(), np.arange(12))
    np.testing.assert_array_equal(network.layers[1].W.T.ravel(), np.arange(12, 18))
    np.testing.assert_array_equal(network.layers[0].b, [18, 19, 20])
