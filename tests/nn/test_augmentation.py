"""Augmentation: images are moved as asked, at random, and never beyond bounds."""

import numpy as np
import pytest

from nn import Model, SpecError, TrainingOptions, fit
from nn.data.augmentation import Augmentation, _patterns, augmentation_from


def test_without_distortions_images_stay_as_they_are(mnist, rng):
    images = mnist.x_train[:20]

    distorted = Augmentation((28, 28))(images, rng)

    np.testing.assert_allclose(distorted, images, atol=0.3)  # the last column meets its neighbour's edge: 0.001 pixels


def test_a_quarter_turn_is_a_quarter_turn(monkeypatch, rng):
    image = rng.integers(0, 255, (1, 7, 7)).astype(np.uint8)
    turning = Augmentation((7, 7), rotate=90)

    class Ones:
        def uniform(self, low, high, size):
            return np.concatenate([np.ones((1, size[1])), np.zeros((5, size[1]))])

    turned = turning(image.reshape(1, 49), Ones()).reshape(7, 7)

    assert min(np.abs(turned - np.rot90(image[0], k)).max() for k in (1, 3)) < 1


def test_a_shift_by_whole_pixels_moves_the_image_and_brings_in_zeros(rng):
    image = np.full((1, 5, 5), 100, np.uint8)
    shifting = Augmentation((5, 5), shift=2)

    class Down:
        def uniform(self, low, high, size):
            return np.array([[0.0], [0], [0], [0], [1], [0]])

    moved = shifting(image.reshape(1, 25), Down()).reshape(5, 5)

    np.testing.assert_allclose(moved[:3], 100, atol=0.2)
    np.testing.assert_allclose(moved[3:], 0, atol=0.2)


def test_the_elastic_field_is_smoothed_white_noise():
    """Its covariance is that of noise of variance 1/3 under a Gaussian filter, to 2 % of its largest entry."""
    patterns = _patterns(12, 10, 2.0)
    smoothers = []
    for size in (12, 10):
        distance = np.arange(size)[:, None] - np.arange(size)
        smoothers.append(np.exp(-(distance**2) / 8) / np.sqrt(8 * np.pi))
    G = np.kron(*smoothers)

    exact = G @ G.T

    assert np.abs(patterns.T @ patterns - exact).max() < 0.02 * exact.max()
    assert len(patterns) < 80


def test_all_distortions_together_keep_images_in_range_and_differ_each_time(mnist, rng):
    distort = Augmentation((28, 28), shift=2, rotate=20, scale=0.2, shear=0.2, elastic_alpha=34)
    images = mnist.x_train[:50]

    one, other = distort(images, rng).copy(), distort(images, rng).copy()

    assert one.min() >= 0
    assert one.max() <= 255
    assert np.abs(one - other).mean() > 5
    assert 0.8 < one.mean() / images.mean() < 1.2


def test_colour_channels_move_together(rng):
    grey = rng.integers(0, 255, (4, 6, 6)).astype(np.uint8)
    colour = np.repeat(grey[..., None], 3, axis=-1)
    choices = {"shift": 1, "rotate": 10, "elastic_alpha": 5}

    one = Augmentation((6, 6), **choices)(grey.reshape(4, -1), np.random.default_rng(1)).reshape(4, 6, 6)
    three = Augmentation((6, 6, 3), **choices)(colour.reshape(4, -1), np.random.default_rng(1)).reshape(4, 6, 6, 3)

    for channel in range(3):
        np.testing.assert_allclose(three[..., channel], one, atol=1e-3)


def test_training_with_augmentation_follows_from_the_seed(mnist):
    weights = []
    for _ in range(2):
        rng = np.random.default_rng(3)
        model = Model.build(mnist, hidden_layers=[8], rng=rng)
        fit(
            model,
            mnist.x_train[:300],
            mnist.y_train[:300],
            TrainingOptions(epochs=2, augmentation={"rotate": 15, "elastic_alpha": 30}),
            rng=rng,
        )
        weights.append(model.network.parameters.tobytes())

    assert weights[0] == weights[1]


@pytest.mark.parametrize(
    ("config", "shape", "said"),
    [
        ({"rotate": 10}, (4,), "augmentation: expected images"),
        ({"flip": True}, (4, 4), "unknown option 'flip'"),
        ({"shift": 4}, (4, 4), "augmentation shift"),
        ({"scale": 1.0}, (4, 4), "augmentation scale"),
        ({"elastic_alpha": -1}, (4, 4), "elastic_alpha"),
        ({"elastic_sigma": 0}, (4, 4), "elastic_sigma"),
    ],
)
def test_augmentation_that_cannot_be_is_refused(config, shape, said):
    with pytest.raises(SpecError, match=said):
        augmentation_from(config, shape)


def test_images_beyond_the_whole_numbers_of_float32_stay_their_own(rng):
    images = rng.integers(0, 255, (70, 512 * 512), dtype=np.uint8)  # 70 × 514² pixels are more than 2²⁴

    out = Augmentation((512, 512))(images, rng)

    np.testing.assert_array_equal(out, images)
