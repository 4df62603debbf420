"""Arrays as others write them: channels before pixels, classes one-hot."""

import io
from typing import Any

import numpy as np
import pytest

from nn.data.array_conventions import is_channels_first, is_one_hot
from nn.data.parse_results import ParsedArrays
from nn.data.prepare import Choices, Prepared, prepare
from nn.data.readers import idx, npz
from nn.data.readers.options import ReadOptions
from nn.errors import DataError

LABELS = np.arange(40) % 2
RNG = np.random.default_rng(1)


def prepared(x: np.ndarray, y: np.ndarray = LABELS, **choices: Any) -> Prepared:
    file = io.BytesIO()
    np.savez(file, x=x, y=y)
    file.seek(0)
    return prepare(npz.read({"file": file}, ReadOptions()), Choices("name", test_split=0, **choices))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_channels_first_is_turned_and_noted(channels: int, dtype: Any) -> None:
    last = RNG.integers(0, 256, (40, 6, 8, channels)).astype(dtype)

    first, same = prepared(last.transpose(0, 3, 1, 2)), prepared(last)

    assert first.dataset.input_shape == same.dataset.input_shape == (6, 8, channels)
    np.testing.assert_array_equal(first.dataset.x_train, same.dataset.x_train)
    note = f"x is taken for images with channels first, {channels}×6×8: turned to 6×8×{channels}"
    assert note in first.notes
    assert note not in same.notes


def test_the_test_part_is_turned_with_it() -> None:
    x = RNG.integers(0, 256, (40, 3, 6, 8)).astype(np.uint8)

    dataset = prepare(ParsedArrays(x, LABELS, x[:9], LABELS[:9]), Choices("name")).dataset

    np.testing.assert_array_equal(dataset.x_test, x[:9].transpose(0, 2, 3, 1).reshape(9, -1))


def test_idx_is_read_alike() -> None:
    x = RNG.integers(0, 256, (40, 3, 6, 8)).astype(np.uint8)
    header = b"\0\0\x08\x04" + b"".join(size.to_bytes(4, "big") for size in x.shape)
    files = {"file": header + x.tobytes(), "labels": b"\0\0\x08\x01\0\0\0\x28" + LABELS.astype(np.uint8).tobytes()}

    parsed = idx.read({name: io.BytesIO(data) for name, data in files.items()}, ReadOptions())

    assert prepare(parsed, Choices("name")).dataset.input_shape == (6, 8, 3)


@pytest.mark.parametrize(
    "shape", [(40, 6, 8), (40, 6, 8, 3), (40, 6, 8, 1), (40, 3, 8, 3), (40, 1, 1, 1), (40, 3), (40, 4, 8, 8)]
)
def test_what_is_not_channels_first_is_taken_as_it_is(shape: tuple[int, ...]) -> None:
    assert not is_channels_first(np.empty(shape))
    assert prepared(np.zeros(shape)).dataset.input_shape == shape[1:]


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.bool_])
def test_one_hot_targets_are_classes_where_the_task_says_so(dtype: Any) -> None:
    codes = RNG.integers(0, 3, 40)

    dataset = prepared(np.zeros((40, 5)), np.eye(4)[codes].astype(dtype), task="classification").dataset

    assert dataset.classes == ("0", "1", "2", "3")
    np.testing.assert_array_equal(dataset.y_train, codes)


def test_one_hot_targets_without_a_task_are_several_and_the_note_says_what_to_say() -> None:
    data = prepared(np.zeros((40, 5)), np.eye(3)[np.arange(40) % 3])

    assert data.dataset.task == "regression"
    assert "y looks one-hot: say task=classification for 3 classes" in data.notes


@pytest.mark.parametrize("rows", [[[1, 1], [0, 1]], [[0, 0], [0, 1]], [[0.5, 0.5], [0, 1]], [[2, 0], [0, 1]]])
def test_several_targets_are_no_classes(rows: list[list[float]]) -> None:
    y = np.array(rows * 20)

    assert not is_one_hot(y)
    with pytest.raises(DataError, match="a single 1"):
        prepared(np.zeros((40, 5)), y, task="classification")
