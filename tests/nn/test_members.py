"""Ensembles in one network: what each member says, what they say together, and what they learn."""

import numpy as np
import pytest

from nn import Dataset, Model, TrainingOptions, fit
from nn.errors import SpecError
from nn.layers import layer_from
from nn.losses import loss_from
from nn.losses.members import EachMember
from nn.network import Network
from nn.outputs import OUTPUTS, mean_of_members


def spirals(rng, rows=900):
    """Two classes, of which no line tells one from the other."""
    angle, y = rng.uniform(0.5, 3, rows), np.arange(rows) % 2
    turn = 2 * np.pi * angle / 2 + np.pi * y
    x = np.column_stack([angle * np.cos(turn), angle * np.sin(turn)]) + rng.normal(0, 0.15, (rows, 2))
    return Dataset(x[:600], y[:600], x[600:], y[600:], "classification", ("a", "b"), (2,), "spirals")


def test_each_member_is_the_network_of_its_own_scales_and_output_layer(rng):
    """An ensemble of three is three networks in one."""
    layers = [{"type": "dense", "units": 6}, {"type": "tanh"}]
    network = Network(
        [layer_from(c) for c in ({"type": "members", "count": 3}, *layers, {"type": "member_dense", "units": 4})], (5,)
    )
    network.initialize(rng)
    network.parameters += 0.1 * rng.normal(size=network.parameters.shape).astype(np.float32)
    X = rng.normal(size=(8, 5)).astype(np.float32)

    Z = network.forward(X).copy()

    for k in range(3):
        alone = Network([layer_from(c) for c in (*layers, {"type": "dense", "units": 4})], (5,))
        tensors = dict(alone.tensors())
        of = dict(network.tensors())
        for name, source in (
            ("0.weight", of["1.weight"]),
            ("0.bias", of["1.bias"]),
            ("2.weight", of["3.weight"][k]),
            ("2.bias", of["3.bias"][k]),
        ):
            tensors[name][...] = source
        np.testing.assert_allclose(alone.forward(X * of["0.weight"][k]), Z[:, k], rtol=1e-5, atol=1e-6)


def test_the_members_begin_apart_by_signs(rng):
    layer = layer_from({"type": "members", "count": 16})
    network = Network([layer], (40,))
    network.initialize(rng)

    R = network.layers[0].R

    assert set(np.unique(R)) == {-1.0, 1.0}
    assert len(np.unique(R, axis=0)) == 16
    assert abs(R.mean()) < 0.15


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_mean_of_what_members_say_is_what_the_mean_logits_say(output, rng):
    Z = 5 * rng.normal(size=(7, 4, 1 if output == "sigmoid" else 3))

    mean = OUTPUTS[output](mean_of_members(Z, output))

    each = [OUTPUTS[output](Z[:, k].copy()) for k in range(4)]
    np.testing.assert_allclose(mean, np.mean(each, axis=0), rtol=1e-12)


@pytest.mark.parametrize("output", OUTPUTS)
def test_members_that_are_sure_beyond_what_a_float_can_hold_have_a_mean(output):
    Z = np.full((2, 3, 1 if output == "sigmoid" else 2), 1e4, np.float32)
    Z[0, ..., 0] = -1e4

    assert np.isfinite(mean_of_members(Z, output)).all()


def test_the_loss_is_the_mean_of_the_members_losses_and_counts_what_they_say_together():
    Z = np.array([[[4.0, 0.0], [0.0, 1.0]], [[0.0, 4.0], [1.0, 0.0]]])  # the surer one is right both times
    loss, alone = EachMember(loss_from(None, "classification", 2)), loss_from(None, "classification", 2)
    targets = np.array([0, 1])

    value, dZ = loss(Z, targets)

    each = [alone(np.ascontiguousarray(Z[:, k]), targets) for k in range(2)]
    assert value == pytest.approx(np.mean([one for one, _ in each]))
    np.testing.assert_allclose(dZ, np.stack([gradient for _, gradient in each], axis=1) / 2)
    assert loss.right == 2


def test_an_ensemble_is_better_than_its_members_are_on_average(rng):
    data = spirals(rng)
    model = Model.build(data, hidden_layers=(32, 32), members=8, rng=rng)
    options = TrainingOptions(epochs=30, batch_size=32, optimizer={"name": "adam", "learning_rate": 0.005})
    fit(model, data.x_train, data.y_train, options, rng=rng)

    together = model.evaluate(data.x_test, data.y_test)["log_loss"]

    X = model.prepare(model.check_rows(data.x_test)).copy()
    Z = model.network.forward(X).astype(float)
    alone = [loss_from(None, "classification", 2)(np.ascontiguousarray(Z[:, k]), data.y_test)[0] for k in range(8)]
    assert together < np.mean(alone)
    assert model.evaluate(data.x_test, data.y_test)["accuracy"] > 0.95


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ([{"type": "member_dense", "units": 3}], "put members before it"),
        ([{"type": "members"}, {"type": "members"}], "members: expected rows of numbers"),
        ([{"type": "members", "count": 1}], "count: expected"),
    ],
)
def test_layers_that_do_not_fit_are_refused(layers, said, rng):
    with pytest.raises(SpecError, match=said):
        Model.build(spirals(rng), layers=layers, rng=rng)
