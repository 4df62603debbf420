"""The training loop: it learns, repeats itself, stops when told, and goes on where it was."""

import subprocess
import sys

import numpy as np
import pytest

from nn import DataError, DivergenceError, FormatError, Model, SpecError, TrainingOptions, TrainingState, fit
from nn.training import StepReport


def run(
    data,
    *,
    seed=11,
    dropout=0.2,
    epochs=4,
    state=None,
    on_epoch=None,
    on_step=None,
    should_stop=None,
    kernels=True,
    **choices,
):
    """Train a small network; everything follows from the seed."""
    rng = np.random.default_rng(seed)
    model = Model.build(data, hidden_layers=[16, 8], dropout=dropout, rng=rng, kernels=kernels)
    choices = {"optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9}, "batch_size": 32} | choices
    history = fit(
        model,
        data.x_train,
        data.y_train,
        TrainingOptions(schedule={"name": "cosine"}, epochs=epochs, **choices),
        validation=(data.x_test, data.y_test),
        rng=rng,
        state=state,
        on_epoch=on_epoch,
        on_step=on_step,
        should_stop=should_stop,
    )
    return model, history


def test_it_learns(clouds):
    model, history = run(clouds, dropout=0.0, epochs=20)

    assert model.evaluate(clouds.x_test, clouds.y_test)["accuracy"] >= 0.9
    assert history.epochs[-1].train_loss < history.epochs[0].train_loss / 2
    assert [report.epoch for report in history.epochs] == list(range(1, 21))
    assert not history.stopped


def test_regression_is_learned_and_told_in_the_targets_own_units(rng, clouds):
    x = rng.normal(size=(300, 4))
    y = 5000 + 300 * (x @ [1, -2, 0.5, 1])
    data = type(clouds)(x[:250], y[:250], x[250:], y[250:], "regression", (), (4,), "plane")

    model, _ = run(data, dropout=0.0, epochs=60)

    measured = model.evaluate(data.x_test, data.y_test)
    assert measured["r2"] > 0.98
    assert measured["rmse"] == pytest.approx(
        np.sqrt(np.mean((model.predict(data.x_test) - data.y_test) ** 2)), rel=1e-6
    )


def test_two_classes_can_be_told_apart_by_one_logit(clouds):
    keep, keep_test = clouds.y_train < 2, clouds.y_test < 2
    data = type(clouds)(
        clouds.x_train[keep],
        clouds.y_train[keep],
        clouds.x_test[keep_test],
        clouds.y_test[keep_test],
        "classification",
        ("a", "b"),
        (4,),
        "two",
    )
    rng = np.random.default_rng(0)
    model = Model.build(data, hidden_layers=[8], loss="binary_cross_entropy", rng=rng)

    history = fit(model, data.x_train, data.y_train, TrainingOptions(batch_size=16, epochs=20), rng=rng)

    P = model.predict_probabilities(data.x_test)
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-6)
    assert model.evaluate(data.x_test, data.y_test)["accuracy"] > 0.9
    assert history.epochs[-1].train_accuracy > 0.9


def test_two_runs_with_one_seed_are_bit_identical_and_another_seed_is_not(clouds):
    one, same, other = (run(clouds, seed=seed)[0].network.parameters for seed in (1, 1, 2))

    assert one.tobytes() == same.tobytes()
    assert one.tobytes() != other.tobytes()


CHOICES = {
    "momentum": {},
    "nesterov": {"optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9, "nesterov": True}},
    "batch of one": {"optimizer": {"name": "sgd", "learning_rate": 0.01}, "batch_size": 1, "dropout": 0.0},
    "early stopping": {"early_stopping": {"patience": 3}},
    "textbook": {"kernels": False},
    "textbook, adam": {"kernels": False, "optimizer": "adam"},
}


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
@pytest.mark.parametrize("after", [1, 3])
def test_a_run_resumed_from_any_epochs_bytes_is_bit_identical(clouds, choices, after):
    states = {}
    whole, told = run(
        clouds, on_epoch=lambda report: states.update({report.epoch: report.state().to_bytes()}), **choices
    )

    resumed, history = run(clouds, seed=99, state=TrainingState.from_bytes(states[after]), **choices)

    assert resumed.network.parameters.tobytes() == whole.network.parameters.tobytes()
    assert [r.train_loss for r in history.epochs] == [r.train_loss for r in told.epochs[after:]]


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
@pytest.mark.parametrize("after", [1, 8, 10])
def test_a_run_resumed_in_the_middle_of_an_epoch_is_bit_identical(clouds, choices, after):
    states = []
    whole, told = run(clouds, on_step=lambda report: states.append((report, report.state().to_bytes())), **choices)
    report, state = states[after - 1]

    resumed, history = run(clouds, seed=99, state=TrainingState.from_bytes(state), **choices)

    assert resumed.network.parameters.tobytes() == whole.network.parameters.tobytes()
    assert [r.train_loss for r in history.epochs] == [r.train_loss for r in told.epochs[report.epoch - 1 :]]
    assert [r.train_accuracy for r in history.epochs] == [r.train_accuracy for r in told.epochs[report.epoch - 1 :]]


def test_a_run_resumed_where_it_was_stopped_is_bit_identical(clouds):
    whole, _ = run(clouds)
    seen = []

    _, history = run(clouds, on_step=seen.append, should_stop=lambda: len(seen) == 7)
    resumed, _ = run(clouds, seed=99, state=seen[-1].state())

    assert history.stopped
    assert resumed.network.parameters.tobytes() == whole.network.parameters.tobytes()


def test_a_run_resumed_in_a_new_process_is_bit_identical(clouds, tmp_path):
    states = []
    whole, _ = run(clouds, on_epoch=lambda report: states.append(report.state().to_bytes()))
    np.savez(tmp_path / "data.npz", x=clouds.x_train, y=clouds.y_train, x_test=clouds.x_test, y_test=clouds.y_test)
    (tmp_path / "state").write_bytes(states[1])
    script = """
import sys, pathlib
import numpy as np
from nn import Dataset, TrainingState
from tests.nn.test_fit import run
folder = pathlib.Path(sys.argv[1])
d = np.load(folder / "data.npz")
data = Dataset(d["x"], d["y"], d["x_test"], d["y_test"], "classification", ("a", "b", "c"), (4,), "clouds")
model, _ = run(data, seed=5, state=TrainingState.from_bytes((folder / "state").read_bytes()))
(folder / "weights").write_bytes(model.network.parameters.tobytes())
"""

    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)

    assert (tmp_path / "weights").read_bytes() == whole.network.parameters.tobytes()


def test_a_state_of_another_run_is_refused(clouds):
    states = []
    run(clouds, on_epoch=lambda report: states.append(report.state()))

    with pytest.raises(FormatError, match=r"training state: expected the entry 'early_stopping'"):
        run(clouds, state=states[0], early_stopping={"patience": 2})
    rng = np.random.default_rng(0)
    with pytest.raises(FormatError, match="training state: expected parameters of float32"):
        fit(Model.build(clouds, hidden_layers=[3], rng=rng), clouds.x_train, clouds.y_train, rng=rng, state=states[0])
    with pytest.raises(FormatError):
        TrainingState.from_bytes(b"PK\x03\x04 not a zip")


def test_a_stop_request_is_honoured_within_one_batch(clouds):
    steps = []

    _, history = run(clouds, on_step=lambda report: steps.append(report), should_stop=lambda: len(steps) == 7)

    assert history.stopped
    assert len(steps) == 7
    assert steps[-1] == StepReport(2, 2, 5)
    assert len(history.epochs) == 1


def test_steps_of_the_blocked_path_are_told_in_images(clouds):
    steps = []

    run(
        clouds,
        epochs=1,
        dropout=0.0,
        batch_size=1,
        optimizer={"name": "sgd", "learning_rate": 0.01},
        on_step=lambda report: steps.append(report.step),
    )

    assert steps == [64, 128, 150]


def test_early_stopping_restores_the_weights_of_the_best_epoch(clouds):
    seen = {}

    def note(report):
        seen[report.epoch] = (report.validation_loss, report.state().arrays["parameters"])

    model, history = run(
        clouds,
        epochs=60,
        dropout=0.0,
        early_stopping={"patience": 2},
        on_epoch=note,
        optimizer={"name": "sgd", "learning_rate": 0.5},
    )

    best = min(seen, key=lambda epoch: seen[epoch][0])
    assert history.stopped_early
    assert history.best_epoch == best == len(seen) - 2
    assert model.network.parameters.tobytes() == seen[best][1].tobytes()


def test_a_loss_that_is_not_finite_names_its_epoch_and_step(clouds):
    with pytest.raises(DivergenceError, match="lower learning_rate") as caught:
        run(clouds, optimizer={"name": "sgd", "learning_rate": 1e30})

    assert (caught.value.epoch, caught.value.step) == (1, 2)


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"epochs": 0}, "epochs: expected a whole number of at least 1, got 0"),
        ({"epochs": 1.5}, "epochs"),
        ({"batch_size": 0}, "batch_size"),
        ({"optimizer": {"name": "sgd", "learning_rate": -1}}, "learning_rate: expected a number above 0, got -1"),
        ({"optimizer": {"name": "sgd", "learning_rate": float("nan")}}, "learning_rate"),
        ({"optimizer": {"name": "lion"}}, "optimizer: expected one of"),
        ({"optimizer": {"name": "sgd", "momentum": 1.0}}, "momentum: expected a number of at least 0 and below 1"),
        ({"optimizer": {"name": "sgd", "nesterov": True}}, "nesterov"),
        ({"optimizer": {"name": "sgd", "speed": 1}}, "unknown option 'speed'"),
        ({"weight_decay": -0.1}, "weight_decay"),
        ({"clip_norm": 0.0}, "clip_norm"),
        ({"shuffle": 1}, "shuffle: expected true or false, got 1"),
        ({"early_stopping": {"patience": 0}}, "patience"),
        ({"loss": "binary_cross_entropy"}, "expected 2 classes"),
    ],
)
def test_a_bad_choice_is_refused_before_training(clouds, choice, said):
    steps = []

    with pytest.raises(SpecError, match=said):
        run(clouds, on_step=steps.append, **choice)
    assert not steps


def test_early_stopping_without_a_validation_set_is_refused(clouds, rng):
    with pytest.raises(SpecError, match="expected a validation set"):
        fit(
            Model.build(clouds, rng=rng),
            clouds.x_train,
            clouds.y_train,
            TrainingOptions(early_stopping={"patience": 2}),
            rng=rng,
        )


def test_data_that_cannot_be_trained_on_is_refused(clouds, rng):
    model = Model.build(clouds, rng=rng)
    x, y = clouds.x_train, clouds.y_train

    with pytest.raises(DataError, match=r"NaN or infinity in row 3"):
        fit(model, np.where(np.arange(150)[:, None] == 3, np.nan, x), y, rng=rng)
    with pytest.raises(DataError, match=r"at most 3.4e.38, got 1e.300 in row 0"):
        fit(model, np.where(np.arange(150)[:, None] == 0, 1e300, x), y, rng=rng)
    with pytest.raises(DataError, match="class indices from 0 to 2, got 0 to 3"):
        fit(model, x, np.where(y == 2, 3, y), rng=rng)
    with pytest.raises(DataError, match="rows of 4 numbers"):
        fit(model, x[:, :3], y, rng=rng)
    with pytest.raises(DataError, match="one target for each of 150 rows"):
        fit(model, x, y[:10], rng=rng)
    with pytest.raises(DataError, match="at least one row"):
        fit(model, x[:0], y[:0], rng=rng)
