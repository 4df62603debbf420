"""Uploads: names and cells that grow in Redis, files that grow in memory and on disk."""

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Final

import httpx
import numpy as np

from benchmarks.abuse.attack import Target
from benchmarks.abuse.attacks.bodies import TEN_THOUSAND_ROWS

MB: Final = 1_000_000


def long_classes(target: Target) -> None:
    """500 classes with names of 100,000 letters, in 100 kB, again and again."""
    names = np.array([f"{number:03}".ljust(100_000, "x") for number in range(500)] * 2)
    file = io.BytesIO()
    np.savez_compressed(file, x=np.zeros((1000, 2), np.uint8), y=names)
    for _ in range(5):
        target.upload(file.getvalue(), "long.npz")
    target.wait()


def long_file_names(target: Target) -> None:
    """A file whose name has 800,000 letters."""
    for _ in range(10):
        target.request("POST", "/v1/datasets", files={"file": ("x" * 800_000 + ".csv", b"a,y\n1,2\n3,4\n")})


def zip_bomb(target: Target) -> None:
    """1.2 GB of zeros in 1.2 MB of zip, five times."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x.npy", "w", force_zip64=True) as member,
    ):
        for _ in range(1200):
            member.write(bytes(MB))
    for _ in range(5):
        target.upload(file.getvalue(), "bomb.npz")
    target.wait()


def packed_table(target: Target) -> None:
    """A table of 800 MB in 1 MB of gzip."""
    table = b"a,b,y\n" + b"1,2,3\n" * 100_000
    packed = gzip.compress(table, mtime=0) + gzip.compress(b"1,2,3\n" * 1_000_000, mtime=0) * 130
    target.upload(packed, "table.csv.gz")
    target.wait()


def wide_table(target: Target) -> None:
    """10,000 columns with names of 250 letters."""
    names = ",".join(f"{number:04}".ljust(250, "n") for number in range(9_999)).encode()
    target.upload(names + b",y\n" + b"1," * 9_999 + b"1\n" + b"2," * 9_999 + b"0\n", "wide.csv")
    target.wait()


def bodies_that_are_refused(target: Target) -> None:
    """A read-only key queues predictions that nobody waits for until no more may wait, and sends 20 × 24 MB more.

    Long ones come first: short ones alone would be answered as fast as they come.
    """
    small = b'{"inputs":[[' + b"0," * 783 + b"0]]}"
    large = b'{"inputs":[[' + b" " * (24 * MB) + b"1]]}"

    def later(body: bytes) -> Callable[[], object]:
        return lambda: target.predict(body, Prefer="respond-async")

    target.at_once([later(TEN_THOUSAND_ROWS)] * 16, clients=4)
    while target.left and httpx.codes.SERVICE_UNAVAILABLE not in target.heard:
        target.at_once([later(small)] * 100, clients=32)
    target.at_once([*[later(small)] * 20, later(large)] * 20, clients=16)
