"""NPZ: arrays x and y, or x_train, y_train, x_test and y_test, as `numpy.savez` writes them."""

import zipfile
from collections.abc import Mapping
from typing import BinaryIO, Final

from nn.arrays import AnyArray
from nn.container import open_npz, read_npy
from nn.data.parse_results import NO_TARGETS, ParsedArrays
from nn.data.readers.options import ReadOptions
from nn.data.readers.reader import Reader
from nn.errors import FormatError

NAMES: Final = (("x", "y"), ("x_train", "y_train"))
KNOWN: Final = frozenset({"x", "y", "x_train", "y_train", "x_test", "y_test"})


def read(files: Mapping[str, BinaryIO], options: ReadOptions) -> ParsedArrays:
    """The arrays of an .npz; FormatError for a pickle inside, for a size that is a lie, for a zip that is broken."""
    with open_npz(files["file"]) as archive:
        arrays = _arrays(archive, options.most_bytes)
    for x, y in NAMES:
        if x in arrays and y in arrays:
            if ("x_test" in arrays) != ("y_test" in arrays):
                raise FormatError("npz: expected x_test and y_test together, got only one of them")
            return ParsedArrays(arrays[x], arrays[y], arrays.get("x_test"), arrays.get("y_test"))
        if x in arrays and not options.labelled:
            return ParsedArrays(arrays[x], NO_TARGETS)
    raise FormatError(f"npz: expected arrays x and y, or x_train and y_train, got {', '.join(arrays) or 'none'}")


def _arrays(archive: zipfile.ZipFile, most_bytes: int) -> dict[str, AnyArray]:
    """The members that have a name of ours. What they claim is summed before one is unpacked."""
    members = {}
    for member in archive.infolist():
        name = member.filename.removesuffix(".npy").lower()
        if name in KNOWN:
            if name in members:
                raise FormatError(f"npz: expected {name} once, got it twice")
            members[name] = member
    if not members:
        raise FormatError(
            f"npz: expected arrays x and y, got {', '.join(archive.namelist()[:10]) or 'an empty archive'}"
        )
    claimed = sum(member.file_size for member in members.values())
    if claimed > most_bytes:
        raise FormatError(f"npz: expected at most {most_bytes} bytes unpacked, got {claimed}")
    arrays = {}
    for name, member in members.items():
        with archive.open(member) as file:
            content = file.read(member.file_size + 1)  # a zip's claim may be a lie too
        arrays[name] = read_npy(content, name)
    return arrays


NPZ: Final = Reader("npz", (b"PK\x05\x06",), (".npz",), "NPZ", arrays=read)
