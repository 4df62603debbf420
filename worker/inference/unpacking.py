"""The body of a request as it was before `Content-Encoding`."""

import zlib
from dataclasses import replace
from typing import Final

from worker.errors import BrokenBodyError, PredictionInputError
from worker.store.prediction_queue import Request

PIECE_BYTES: Final = 64 * 1024
"""Given to zlib at once: of what it leaves over it makes a copy."""

MAX_MEMBERS: Final = 1000
"""Of a gzip file. Programs that write it in blocks (bgzip) make one of each 64 KiB."""


def unpacked(request: Request, most_bytes: int) -> Request:
    """The request with its body unpacked, gzip's members one after the other (RFC 1952, section 2.2).

    Raises:
        BrokenBodyError: the body is not what its encoding says.
        PredictionInputError: it is too large once it is unpacked, or in too many members.

    """
    encoding = request.about.get("encoding")
    if encoding is None:
        return request
    packed, at, room = memoryview(request.body), 0, most_bytes + 1
    pieces: list[bytes] = []
    for _ in range(MAX_MEMBERS + 1):
        if at == len(packed):
            return replace(request, body=b"".join(pieces))
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: either header, gzip's or zlib's
        while not inflater.eof:
            piece = packed[at : at + PIECE_BYTES]
            if not piece:
                raise BrokenBodyError(f"the body is not {encoding}: it ends too early")
            try:
                pieces.append(inflater.decompress(piece, room))
            except zlib.error:
                raise BrokenBodyError(f"the body is not {encoding}: it fails at byte {at}, or a little later") from None
            room -= len(pieces[-1])
            if room <= 0:
                raise PredictionInputError("#", f"the body is too large once unpacked: at most {most_bytes} bytes")
            at += len(piece) - len(inflater.unused_data)
    raise PredictionInputError("#", f"the body is in too many parts: at most {MAX_MEMBERS} members of {encoding}")
