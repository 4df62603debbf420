"""Two ways to write arrays that mean the same: where the channels of an image stand, and how a class is told."""

from nn.arrays import AnyArray, Indices
from nn.errors import DataError

CHANNELS = frozenset({1, 3})
"""Of a grey image, and of one in colour."""


def is_channels_first(x: AnyArray) -> bool:
    """Whether x is (n, channels, height, width), as PyTorch has it: the second axis is 1 or 3, the last is neither."""
    return x.ndim == 4 and x.shape[1] in CHANNELS and x.shape[3] not in CHANNELS


def channels_last(x: AnyArray) -> AnyArray:
    """(n, channels, height, width) as (n, height, width, channels); a view."""
    return x.transpose(0, 2, 3, 1)


def turned(x: AnyArray) -> str:
    """What to say of images that were turned, from their shape as it came."""
    _, channels, H, W = x.shape
    return f"x is taken for images with channels first, {channels}×{H}×{W}: turned to {H}×{W}×{channels}"


def is_one_hot(y: AnyArray) -> bool:
    """Whether y: (n, K ≥ 2) has in each row one 1, and 0 else."""
    if y.ndim != 2 or y.shape[1] < 2 or y.dtype.kind not in "uifb":
        return False
    ones = y == 1
    return bool((ones | (y == 0)).all() and (ones.sum(axis=1) == 1).all())


def classes_of_one_hot(y: AnyArray) -> tuple[Indices, tuple[str, ...]]:
    """Class indices: (n,), and the classes "0" … "K − 1", even those that never occur; DataError for other numbers."""
    if not is_one_hot(y):
        raise DataError(
            f"y: expected one class a row for classification, or one-hot rows of {y.shape[1]} numbers with a single 1; "
            "got other numbers; say task=regression for several targets a row"
        )
    return y.argmax(axis=1), tuple(map(str, range(y.shape[1])))
