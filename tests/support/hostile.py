"""A folder of hostile files, made here: each is refused with a clear reason, or fails with one."""

import gzip
import io
import struct
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MOST_BYTES = 1 << 22
"""What a file may unpack to where these are tried; the bombs are four times as large."""


@dataclass(frozen=True)
class Hostile:
    """A file, and what must be said of it."""

    name: str
    make: Callable[[], bytes]
    reason: str


def npy(header: str) -> bytes:
    """An .npy file that holds nothing but a header."""
    text = header.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def archive(**members: bytes) -> bytes:
    """A zip of these members, packed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in members.items():
            zipped.writestr(f"{name}.npy", data)
    return file.getvalue()


def forged_npy() -> bytes:
    """745 GiB, says the header."""
    return archive(
        x=npy("{'descr': '<f8', 'fortran_order': False, 'shape': (100000, 1000000), }"),
        y=npy("{'descr': '<f8', 'fortran_order': False, 'shape': (100000,), }"),
    )


class Bomb:
    """What would run if someone unpickled it."""

    def __reduce__(self) -> tuple:
        return Path.touch, (Path(tempfile.gettempdir()) / "neurond-was-here",)


def pickled() -> bytes:
    """An array of objects, which NumPy writes as a pickle."""
    file = io.BytesIO()
    np.savez(file, x=np.zeros((4, 2)), y=np.array([Bomb()] * 4, dtype=object), allow_pickle=True)
    return file.getvalue()


def zip_bomb() -> bytes:
    """16 kB that are 16 MB."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped,
        zipped.open("x.npy", "w", force_zip64=True) as member,
    ):
        for _ in range(4):
            member.write(b"\0" * MOST_BYTES)
    return file.getvalue()


def lying_zip() -> bytes:
    """A member that unpacks to more than it says."""
    honest = archive(x=b"\0" * 1_000_000, y=b"\0" * 10)
    return honest.replace(struct.pack("<I", 1_000_000), struct.pack("<I", 1_000))


def gzip_bomb() -> bytes:
    """The same row, again and again."""
    return gzip.compress((b"1," * 2000 + b"2\n") * (4 * MOST_BYTES // 4002))


HOSTILE = (
    Hostile("zip-bomb.npz", zip_bomb, r"at most 4194304 bytes unpacked, got 16777216"),
    Hostile("lying.npz", lying_zip, r"npz: expected a whole zip file|expected an .npy header"),
    Hostile("745-GiB.npz", forged_npy, r"x: expected 800000000000 bytes for shape \(100000, 1000000\), got 0"),
    Hostile("pickle.npz", pickled, r"y: expected plain numbers or text, got object"),
    Hostile("pickle.pkl", lambda: b"\x80\x04\x95\x00\x00", "a pickle, which could run code"),
    Hostile("deep.json", lambda: b"[" * 100_000, "got JSON"),
    Hostile("nan.csv", lambda: b"a,b\n" + b"1,2\n" * 9 + b"NaN,1\n1,1e999\n", r"row 11, column 'b': .*got '1e999'"),
    Hostile("nan.npz", lambda: nan_npz(), "row 3, column 2 of x: expected a finite number, got nan"),
    Hostile("bomb.csv.gz", gzip_bomb, "gzip: expected at most 4194304 bytes unpacked"),
    Hostile(
        "ragged.csv", lambda: b"a,b\n1,2\n3,4,5\n", r"row 2 \(line 3\): expected 2 fields as in the first row, got 3"
    ),
    Hostile("utf-16.csv", lambda: "a,b\n1,2\n".encode("utf-16-le"), "text in UTF-16 without a byte order mark"),
    Hostile("latin-1.csv", lambda: "näme,b\n1,2\n".encode("latin-1"), "line 1: expected text in UTF-8"),
    Hostile("header-alone.csv", lambda: b"a,b\n", "at least one row of values"),
    Hostile("wide.csv", lambda: b",".join([b"1"] * 2_000_000), "expected at most 10000 columns, got 2000000"),
    Hostile("one-line.csv", lambda: b"1" * 20_000_000, "line 1: expected at most 16777216 characters"),
    Hostile("image.png", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "got an image"),
    Hostile("forged.idx", lambda: b"\0\0\x08\x03" + b"\xff" * 12, "labels: expected it beside file, got none"),
    Hostile("forged.parquet", lambda: b"PAR1" + b"\xff" * 2000 + b"PAR1", "parquet: expected a whole file"),
    Hostile("unfinished.npz", lambda: pickled()[:-100], "npz: expected a whole zip file"),
)


def nan_npz() -> bytes:
    """Arrays with a hole in them."""
    file = io.BytesIO()
    np.savez(file, x=np.array([[1, 2], [3, 4], [5, np.nan], [7, 8]]), y=np.arange(4))
    return file.getvalue()
