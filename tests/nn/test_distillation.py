"""A student learns from a teacher's answers: the gradient, what it learns, that it goes on, and what is refused."""

import numpy as np
import pytest

from nn import Dataset, Model, SpecError, Teacher, TrainingOptions, TrainingState, fit
from nn.data import Column
from nn.layers import layer_from
from nn.losses.distillation import Distillation
from nn.network import Network
from nn.outputs import softmax
from tests.nn.conftest import gradient_error

SGD = {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9}


def taught(data, teacher, *, seed=1, epochs=30, state=None, on_epoch=None, dtype=np.float32, **choices):
    rng = np.random.default_rng(seed)
    student = Model.build(data, hidden_layers=[16], rng=rng, dtype=dtype)
    choices = {"optimizer": SGD, "batch_size": 32, "schedule": {"name": "cosine"}} | choices
    history = fit(
        student,
        data.x_train,
        data.y_train,
        TrainingOptions(epochs=epochs, **choices),
        teacher=teacher,
        rng=rng,
        state=state,
        on_epoch=on_epoch,
    )
    return student, history


@pytest.fixture
def teacher(clouds):
    """A network of another shape that has learned the labels."""
    rng = np.random.default_rng(5)
    model = Model.build(clouds, hidden_layers=[12, 6], activation="tanh", rng=rng)
    fit(model, clouds.x_train, clouds.y_train, TrainingOptions(optimizer=SGD, batch_size=32, epochs=20), rng=rng)
    return Teacher(model, temperature=2.0)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_its_gradient_equals_central_differences(clouds, temperature):
    rng = np.random.default_rng(2)
    teacher = Teacher(Model.build(clouds, hidden_layers=[5], rng=rng, dtype=np.float64), temperature=temperature)
    teacher.answer(clouds.x_train[:6])
    network = Network([layer_from({"type": "dense", "units": n}) for n in (7, 3)], (4,), np.float64)
    network.initialize(rng)

    assert gradient_error(network, Distillation(teacher), rng.normal(size=(6, 4)), clouds.y_train[:6]) < 1e-6


def test_who_answers_as_the_teacher_has_no_loss_and_nothing_to_learn(clouds):
    teacher = Teacher(Model.build(clouds, rng=np.random.default_rng(2), dtype=np.float64), temperature=3.0)
    x, y = clouds.x_train[:20], clouds.y_train[:20]
    teacher.answer(x)
    ((_, Z),) = teacher.models[0].logits(x)
    loss = Distillation(teacher)

    value, dZ = loss(Z, y)

    assert value == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(dZ, 0, atol=1e-15)
    assert loss.right == np.count_nonzero(teacher.models[0].predict(x) == y)


def test_the_loss_is_the_divergence_of_the_two_answers(clouds):
    rng = np.random.default_rng(2)
    teacher = Teacher(Model.build(clouds, rng=rng, dtype=np.float64), temperature=2.0)
    teacher.answer(clouds.x_train[:9])
    Z, Q = rng.normal(size=(9, 3)), teacher.answers
    P = softmax(Z / 2, np.empty_like(Z))

    assert Distillation(teacher)(Z, clouds.y_train[:9])[0] == pytest.approx(
        4 * np.mean(np.sum(Q * np.log(Q / P), axis=1))
    )


def test_a_teacher_that_is_sure_beyond_all_numbers_is_no_trouble(clouds):
    model = Model.build(clouds, hidden_layers=[], rng=np.random.default_rng(2))
    model.network.parameters[...] *= 1e6
    teacher = Teacher(model, temperature=1.0)
    teacher.answer(clouds.x_train[:5])
    assert 0.0 in teacher.answers

    loss, dZ = Distillation(teacher)(np.zeros((5, 3), np.float32), clouds.y_train[:5])

    assert loss == pytest.approx(np.log(3), rel=1e-5)
    assert np.isfinite(dZ).all()


def test_the_student_learns_what_the_teacher_says_whatever_the_labels_are(clouds, teacher):
    wrong = Dataset(
        clouds.x_train,
        (clouds.y_train + 1) % 3,
        clouds.x_test,
        clouds.y_test,
        "classification",
        clouds.classes,
        (4,),
        "wrong labels",
    )

    student, history = taught(wrong, teacher)

    said = teacher.models[0].predict(clouds.x_test)
    assert np.mean(student.predict(clouds.x_test) == said) >= 0.9
    assert history.epochs[-1].train_loss < history.epochs[0].train_loss / 5
    assert history.epochs[-1].train_accuracy < 0.2, "the labels count what is right"
    assert student.evaluate(clouds.x_test, clouds.y_test)["loss"] < 1, "the model's own loss is of the labels"


def test_the_teacher_sees_the_distorted_images_that_the_student_sees():
    x = np.random.default_rng(0).integers(0, 256, (6, 64)).astype(np.uint8)
    data = Dataset(x, np.arange(6) % 2, x, np.arange(6) % 2, "classification", ("a", "b"), (8, 8), "noise")
    asked = []

    class Listening(Teacher):
        def answer(self, x):
            asked.append(x.copy())
            super().answer(x)

    teacher = Listening(Model.build(data, hidden_layers=[4], rng=np.random.default_rng(0)))
    taught(data, teacher, epochs=2, batch_size=6, augmentation={"shift": 2.0}, shuffle=False)

    assert [batch.shape for batch in asked] == [(6, 64)] * 2
    assert not np.array_equal(asked[0], x)
    assert not np.array_equal(asked[0], asked[1])


def test_it_goes_on_bit_for_bit(clouds, teacher):
    states = []
    whole, _ = taught(clouds, teacher, epochs=4, on_epoch=lambda report: states.append(report.snapshot().to_bytes()))
    resumed, _ = taught(clouds, teacher, epochs=4, state=TrainingState.from_bytes(states[1]))

    assert resumed.network.parameters.tobytes() == whole.network.parameters.tobytes()


def test_of_several_models_the_mean_answer_is_learned(clouds, teacher):
    rng = np.random.default_rng(8)
    other = Model.build(clouds, hidden_layers=[7], rng=rng)
    fit(
        other,
        clouds.x_train,
        (clouds.y_train + 1) % 3,
        TrainingOptions(optimizer=SGD, batch_size=32, epochs=20),
        rng=rng,
    )
    both = Teacher(*teacher.models, other, temperature=2.0)
    alone = [Teacher(model, temperature=2.0) for model in both.models]

    for one in (both, *alone):
        one.answer(clouds.x_test)
    np.testing.assert_allclose(both.answers, (alone[0].answers + alone[1].answers) / 2, rtol=1e-6)
    assert both.multiplications == sum(one.multiplications for one in alone) > alone[0].multiplications

    student, _ = taught(clouds, both, epochs=60)

    P = student.predict_probabilities(clouds.x_test)
    assert P.max(axis=1).mean() < 0.7, "one says one class, the other the next: nobody can be sure"
    assert (P.argmin(axis=1) == (clouds.y_test + 2) % 3).mean() > 0.8, "of neither"


def test_batches_of_one_are_taught_too(clouds, teacher):
    student, _ = taught(clouds, teacher, batch_size=1, epochs=10, optimizer={"name": "sgd", "learning_rate": 0.03})

    assert np.mean(student.predict(clouds.x_test) == teacher.models[0].predict(clouds.x_test)) >= 0.9


def of(data, classes=None, width=4, **choices):
    return Model.build(((width,), "classification", classes or data.classes), rng=np.random.default_rng(0), **choices)


def test_a_teacher_of_something_else_is_refused(clouds, teacher):
    with pytest.raises(SpecError, match="loss: must be null beside a teacher"):
        taught(clouds, teacher, loss="cross_entropy")
    with pytest.raises(SpecError, match="teacher: expected one of the classes a, b, c, got x, y, z"):
        taught(clouds, Teacher(of(clouds, ("x", "y", "z"))))
    with pytest.raises(SpecError, match="of 4 numbers, got one for 5"):
        taught(clouds, Teacher(of(clouds, width=5)))
    with pytest.raises(SpecError, match="of 4 numbers, got one for 5"):
        taught(clouds, Teacher(*teacher.models, of(clouds, width=5)))
    with pytest.raises(SpecError, match="at least one model, got none"):
        Teacher()
    for temperature in (0.0, 0.09, 1000.0, float("nan")):
        with pytest.raises(SpecError, match=r"temperature: expected a number of at least 0\.1 and below 1000"):
            Teacher(*teacher.models, temperature=temperature)
    with pytest.raises(SpecError, match="softmax outputs, got one with sigmoid outputs"):
        Teacher(of(clouds, ("a", "b"), loss="binary_cross_entropy"))
    student = of(clouds, ("a", "b"), loss="binary_cross_entropy")
    with pytest.raises(SpecError, match="student with softmax outputs, got one with sigmoid"):
        fit(
            student,
            clouds.x_train,
            clouds.y_train % 2,
            teacher=Teacher(of(clouds, ("a", "b"))),
            rng=np.random.default_rng(0),
        )


def test_a_teacher_who_would_read_other_names_in_a_table_is_refused():
    x, y = np.arange(8).reshape(8, 1) % 2, np.arange(8) % 2

    def towns(*names):
        return Dataset(
            x.astype(float),
            y,
            x,
            y,
            "classification",
            ("no", "yes"),
            (1,),
            "towns",
            (Column("town", "categorical", names),),
        )

    teacher = Teacher(Model.build(towns("Oslo", "Rome"), rng=np.random.default_rng(0)))
    taught(towns("Oslo", "Rome"), teacher, epochs=1)

    with pytest.raises(SpecError, match="the same rows, of 1 numbers, got one for other columns"):
        taught(towns("Oslo", "Paris"), teacher, epochs=1)
