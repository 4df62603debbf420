"""docs/backpropagation.md is held to the code: every number of its step by hand, and every file that it names."""

import re
from pathlib import Path

import numpy as np

from nn.layers import layer_from
from nn.losses import loss_from
from nn.network import Network
from nn.optimizers import SGD

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "backpropagation.md").read_text("utf-8")


def by_hand():
    """The numbers of the table, by name."""
    table = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL).group(1)
    rows = re.findall(r"^(\S+) += ((?:-?[\d.]+ ?)+)", table, re.MULTILINE)
    return {name: np.array([float(number) for number in numbers.split()]) for name, numbers in rows}


def test_the_step_by_hand_is_the_step_of_the_code():
    hand, rng = by_hand(), np.random.default_rng(0)
    network = Network(
        [
            layer_from({"type": "dense", "units": 2}),
            layer_from({"type": "relu"}),
            layer_from({"type": "dense", "units": 2}),
        ],
        (2,),
        np.float64,
    )
    first, relu, second = network.layers
    for layer, number in ((first, "1"), (second, "2")):
        layer.W[...], layer.b[...] = hand[f"W{number}"].reshape(2, 2), hand[f"b{number}"]
    loss = loss_from("cross_entropy", "classification", 2)
    x, target = hand["x"][None], np.array([0])
    ours = {"x": x, "W1": first.W.copy(), "b1": first.b.copy(), "W2": second.W.copy(), "b2": second.b.copy()}

    ours["z1"] = first.forward(x, rng).copy()
    ours["a"] = relu.forward(ours["z1"], rng).copy()
    ours["z2"] = second.forward(ours["a"], rng).copy()
    ours["P"] = np.exp(ours["z2"]) / np.exp(ours["z2"]).sum()
    ours["L"], dz2 = loss(ours["z2"], target)
    ours["da"] = second.backward(dz2).copy()
    ours["δ1"] = relu.backward(ours["da"]).copy()
    first.backward(ours["δ1"])
    ours |= {"δ2": dz2.copy(), "dW2": second.dW, "db2": second.db, "dW1": first.dW, "db1": first.db}
    optimizer = SGD(1.0)
    optimizer.start(network.parameters, network.gradients)
    optimizer.step(1.0)
    ours |= {"W1'": first.W, "b1'": first.b, "W2'": second.W, "b2'": second.b}
    ours["z2'"] = network.forward(x)
    ours["L'"], _ = loss(ours["z2'"], target)

    assert set(hand) == set(ours)
    for name, numbers in hand.items():
        np.testing.assert_allclose(np.ravel(ours[name]), numbers, atol=5e-7, err_msg=name)


def test_sections_that_the_code_refers_to_are_there():
    sections = set(re.findall(r"^## (\d+)\.", PAGE, re.MULTILINE))

    for file in (ROOT / "nn").rglob("*.py"):
        text = " ".join(file.read_text("utf-8").split())
        for section in re.findall(r"docs/backpropagation\.md, section (\d+)", text):
            assert section in sections, f"{file.name} refers to section {section}"


def test_every_part_of_a_step_is_derived():
    for part in ("activations", "layers", "network", "losses", "optimizers", "schedules", "initializers"):
        assert f"../nn/{part}" in PAGE
