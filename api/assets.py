"""The files of the web page, read once, compressed once, and addressed by their content."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "static"

MEDIA_TYPES: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""What is served; other files of the folder (licences, notes) are not."""

CLASSIC_SCRIPTS: Final = frozenset({"theme.js", "vendor/uPlot.iife.min.js"})
"""Scripts that the page names itself, and no module imports."""

COMPRESSED_ALREADY: Final = frozenset({".woff2"})


@dataclass(frozen=True)
class Asset:
    """One file, as it is and compressed (None where that would gain nothing)."""

    media_type: str
    body: bytes
    gzipped: bytes | None


def asset(name: str, body: bytes) -> Asset:
    """A file's bytes, ready to be sent."""
    suffix = Path(name).suffix
    gzipped = None if suffix in COMPRESSED_ALREADY else gzip.compress(body, 9, mtime=0)
    return Asset(MEDIA_TYPES[suffix], body, gzipped)


@dataclass(frozen=True)
class Assets:
    """All files by their path under `static/`, the pages that name them, and the digest of them all.

    The digest stands in every file's address, so that a browser may keep each for good and still never mixes two
    versions: modules import each other by relative paths, within their version.
    """

    files: Mapping[str, Asset]
    pages: Mapping[str, str]
    version: str


@cache
def load() -> Assets:
    """Read the folder; the page names every module, so that a browser asks for all of them at once."""
    names = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.suffix in MEDIA_TYPES)
    contents = {name: (FOLDER / name).read_bytes() for name in names}
    version = hashlib.sha256(b"".join(name.encode() + body for name, body in contents.items())).hexdigest()[:12]
    root = f"/static/{version}"
    modules = [name for name in names if name.endswith(".js") and name not in CLASSIC_SCRIPTS]
    preloads = "\n".join(f'    <link rel="modulepreload" href="{root}/{name}">' for name in modules)
    pages = {name: contents.pop(name).decode() for name in names if name.endswith(".html")}
    pages = {name: text.replace("{{root}}", root).replace("    {{preloads}}", preloads) for name, text in pages.items()}
    return Assets({name: asset(name, body) for name, body in contents.items()}, pages, version)


@cache
def page(name: str) -> Asset:
    """A page as it is sent."""
    return asset(name, load().pages[name].encode())
