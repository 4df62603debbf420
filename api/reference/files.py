"""The files of the reference page: ours in `page/`, and Swagger UI as its makers released it in `swagger-ui/`."""

import gzip
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent

INDEX: Final = "index.html"

FILES: Final = {
    INDEX: ("page", "text/html; charset=utf-8"),
    "docs.css": ("page", "text/css; charset=utf-8"),
    "docs.js": ("page", "text/javascript; charset=utf-8"),
    "swagger-ui.css": ("swagger-ui", "text/css; charset=utf-8"),
    "swagger-ui-bundle.js": ("swagger-ui", "text/javascript; charset=utf-8"),
}
"""What is served; no other file of the folders is."""


@dataclass(frozen=True)
class ReferenceFile:
    """A file as it is, and compressed."""

    body: bytes
    gzipped: bytes
    content_type: str


@cache
def _read(name: str) -> ReferenceFile:
    folder, content_type = FILES[name]
    body = (HERE / folder / name).read_bytes()
    return ReferenceFile(body, gzip.compress(body, mtime=0), content_type)


def reference_file(name: str) -> ReferenceFile | None:
    """The file of that name; None when there is none. It is read once."""
    return _read(name) if name in FILES else None
