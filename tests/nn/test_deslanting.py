"""Deslanting: the ink of every digit stands upright, by the formula that is written beside the code."""

import numpy as np
import pytest

from nn import Dataset, FormatError, Model, SpecError, TrainingOptions, fit
from nn.formats import load, save
from nn.preprocessing import Deslanting, preprocessing_from
from nn.preprocessing.deslanting import STEEPEST
from nn.preprocessing.scaling import none


def deslanting(*shape):
    return Deslanting(shape, none(np.zeros(0)))


def slope(image):
    """a of an image (H, W), as the covariance and the variance of where its ink is."""
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    (yy, yx), _ = np.cov(y.ravel(), x.ravel(), aweights=image.ravel().astype(float), ddof=0)
    return yx / yy


def moved(image, a):
    """The image (H, W) with row y moved by a (y − ⟨y⟩), each pixel by hand."""
    H, W = image.shape
    middle = (image.sum(axis=1) @ np.arange(H)) / image.sum()
    return np.array(
        [
            np.interp(np.arange(W) + a * (y - middle), np.arange(-1, W + 1), [0, *image[y], 0], left=0, right=0)
            for y in range(H)
        ]
    )


def test_each_row_moves_by_the_slant_of_the_ink(mnist):
    images = mnist.x_test[:50] / 255

    upright = deslanting(28, 28)(images, np.empty(images.shape)).reshape(-1, 28, 28)

    for image, got in zip(images.reshape(-1, 28, 28), upright, strict=True):
        np.testing.assert_allclose(got, moved(image, np.clip(slope(image), -STEEPEST, STEEPEST)), atol=1e-12)


def test_what_was_slanted_is_upright(mnist):
    before = mnist.x_test[:200].reshape(-1, 28, 28)

    after = deslanting(28, 28)(mnist.x_test[:200], np.empty((200, 784), np.float32)).reshape(-1, 28, 28)

    assert np.mean([abs(slope(image)) for image in before]) > 0.15
    assert np.mean([abs(slope(image)) for image in after]) < 0.01


def test_single_precision_and_fewer_rows_than_before_make_no_difference(mnist):
    prepare, images = deslanting(28, 28), mnist.x_test[:64]
    exact = prepare(images, np.empty((64, 784)))

    many = prepare(images, np.empty((64, 784), np.float32))
    few = prepare(images[40:43], np.empty((3, 784), np.float32))

    np.testing.assert_allclose(many, exact, atol=1e-3)  # of 255
    np.testing.assert_allclose(few, many[40:43], atol=1e-3)


@pytest.mark.parametrize(
    "image",
    [np.zeros((6, 5)), np.ones((6, 5)), np.eye(1, 6).T * np.ones(5), np.tile([0, 0, 1, 0, 0], (6, 1)), np.ones((1, 1))],
)
def test_an_image_without_a_slant_stays_as_it_is(image):
    shape = image.shape

    np.testing.assert_allclose(
        deslanting(*shape)(image.reshape(1, -1), np.empty((1, image.size))), image.reshape(1, -1), atol=1e-9
    )


def test_a_slant_is_undone_up_to_45_degrees():
    gentle = np.zeros((7, 21))
    gentle[np.arange(7), 10 + np.arange(7) // 2] = 1
    lying = np.zeros((3, 21))
    lying[np.arange(3), [2, 10, 18]] = 1

    upright = deslanting(7, 21)(gentle.reshape(1, -1), np.empty((1, 147))).reshape(7, 21)
    left_lying = deslanting(3, 21)(lying.reshape(1, -1), np.empty((1, 63))).reshape(3, 21)

    assert abs(slope(upright)) < 0.1
    np.testing.assert_array_equal(left_lying.argmax(axis=1), [3, 10, 17])


def test_rows_that_move_out_of_the_image_leave_nothing(rng):
    tall = np.zeros((40, 3))
    tall[:20, 0], tall[20:, 2] = 1, 1
    tall[0, 2] = 100

    got = deslanting(40, 3)(tall.reshape(1, -1), np.empty((1, 120))).reshape(40, 3)

    np.testing.assert_allclose(got, moved(tall, np.clip(slope(tall), -1, 1)), atol=1e-9)


def test_colour_channels_move_together(mnist):
    grey = mnist.x_test[:4] / 255
    colour = np.stack([grey, grey / 2, grey * 0], axis=-1).reshape(4, -1)

    expected = deslanting(28, 28)(grey, np.empty(grey.shape))
    got = deslanting(28, 28, 3)(colour, np.empty(colour.shape)).reshape(4, 784, 3)

    for channel, share in enumerate((1, 0.5, 0)):
        np.testing.assert_allclose(got[..., channel], expected * share, atol=1e-9)


@pytest.mark.parametrize("name", ["safetensors", "npz"])
def test_it_belongs_to_the_model_and_travels_with_it(mnist, rng, name):
    model = Model.build(mnist, hidden_layers=[8], preprocessing="deslant", rng=rng)
    fit(
        model, mnist.x_train[:500], mnist.y_train[:500], TrainingOptions(epochs=1, augmentation={"shift": 1.0}), rng=rng
    )
    images = mnist.x_test[:20]

    back = load(save(model, name))

    assert back.architecture == model.architecture
    np.testing.assert_array_equal(back.predict_probabilities(images), model.predict_probabilities(images))
    expected = np.array([moved(image, np.clip(slope(image), -1, 1)) for image in images.reshape(-1, 28, 28) / 255])
    np.testing.assert_allclose(back.prepare(images).reshape(expected.shape), expected, atol=1e-5)


def test_rows_that_are_no_images_are_refused(clouds, rng):
    with pytest.raises(SpecError, match=r"preprocessing deslant: expected images, got rows of shape \(4,\)"):
        Model.build(clouds, preprocessing="deslant", rng=rng)


def test_numbers_are_brought_to_0_to_1_first(rng):
    x = rng.uniform(-5, 1e30, (30, 12)).astype(np.float32)
    data = Dataset(x, np.arange(30) % 2, x, np.arange(30) % 2, "classification", ("a", "b"), (4, 3), "large")

    prepared = Model.build(data, preprocessing="deslant", rng=rng).prepare(x)

    assert prepared.min() >= 0
    assert prepared.max() <= 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"image_shape": None}, "expected image_shape and scaling"),
        ({"image_shape": [4, -3]}, "expected image_shape and scaling"),
        ({"image_shape": [4, 4]}, r"expected an image_shape of 12 numbers, got \(4, 4\)"),
        ({"image_shape": [12]}, "expected an image_shape of 12 numbers"),
        ({"scaling": {"kind": "scale"}}, "expected kind, shift and factor"),
        ({"kind": ["deslant"]}, "expected kind, shift and factor"),
    ],
)
def test_a_damaged_configuration_is_refused(changes, said):
    config = deslanting(4, 3).config()
    assert preprocessing_from(config, 12).config() == config

    with pytest.raises(FormatError, match=said):
        preprocessing_from(config | changes, 12)
