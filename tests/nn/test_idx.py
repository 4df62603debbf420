"""IDX files from outside: what is whole is read, what is not is refused without harm."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nn import FormatError
from nn.data.readers.idx import TYPES, read_idx

CODES = {np.dtype(dtype).newbyteorder("="): code for code, dtype in TYPES.items()}
arrays = st.sampled_from(sorted(CODES, key=str)).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(max_dims=4, min_side=0, max_side=5))
)


def idx(array):
    sizes = b"".join(n.to_bytes(4, "big") for n in array.shape)
    numbers = array.astype(array.dtype.newbyteorder(">")).tobytes()
    return bytes([0, 0, CODES[array.dtype], array.ndim]) + sizes + numbers


@given(arrays, st.booleans())
def test_whatever_is_written_is_read_back(array, packed):
    data = idx(array)

    read = read_idx(gzip.compress(data) if packed else data)

    assert read.dtype == array.dtype
    np.testing.assert_array_equal(read, array)


@given(st.binary(max_size=60))
def test_junk_is_read_as_idx_or_refused_with_a_format_error(data):
    try:
        array = read_idx(data)
    except FormatError as error:
        assert "expected" in str(error)  # noqa: PT017  # it may be read as well
    else:
        assert array.nbytes < len(data)


@given(arrays.filter(lambda a: a.size > 0), st.data())
def test_a_file_that_ends_early_is_refused(array, data):
    whole = idx(array)
    cut = data.draw(st.integers(0, len(whole) - 1))

    with pytest.raises(FormatError):
        read_idx(whole[:cut])
    with pytest.raises(FormatError):
        read_idx(gzip.compress(whole)[:-5])


def test_a_small_file_that_unpacks_to_much_is_refused():
    bomb = gzip.compress(bytes(5_000_000))

    with pytest.raises(FormatError, match="at most 1000000 bytes"):
        read_idx(bomb, max_bytes=1_000_000)


def test_a_header_that_claims_terabytes_is_refused_before_anything_is_allocated():
    forged = bytes([0, 0, 8, 3]) + b"\xff\xff\xff\xff" * 3

    with pytest.raises(FormatError, match="got 0"):
        read_idx(forged)


def test_a_size_of_nothing_does_not_hide_one_beyond_all_bounds() -> None:
    header = b"\0\0\x08\x08" + b"\0\0\0\0" + b"\xff\xff\xff\xff" * 7

    with pytest.raises(FormatError, match="at most"):
        read_idx(header)
