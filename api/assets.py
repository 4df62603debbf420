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

CLASSIC_SCRIPTS: Final = frozenset({"reference.js", "theme.js", "vendor/uPlot.iife.min.js"})
"""Scripts that are no modules: what needs one names it."""

PARTS: Final = "parts/"
"""Where the pieces lie that several pages share: `{{masthead}}` in a page is `parts/masthead.html`."""

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
    """All files by their path under `static/`, the pages that name them with the parts that they share, and a digest.

    The digest stands in every file's address, so that a browser may keep each for good and still never mixes two
    versions: modules import each other by relative paths, within their version.
    """

    files: Mapping[str, Asset]
    pages: Mapping[str, str]
    parts: Mapping[str, str]
    version: str

    @property
    def root(self) -> str:
        """Under which the files stand."""
        return _root(self.version)


def _root(version: str) -> str:
    return f"/static/{version}"


@cache
def load() -> Assets:
    """Read the folder; the page names every module, so that a browser asks for all of them at once."""
    names = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.suffix in MEDIA_TYPES)
    contents = {name: (FOLDER / name).read_bytes() for name in names}
    version = hashlib.sha256(b"".join(name.encode() + body for name, body in contents.items())).hexdigest()[:12]
    root = _root(version)
    modules = [name for name in names if name.endswith(".js") and name not in CLASSIC_SCRIPTS]
    preloads = "\n".join(f'    <link rel="modulepreload" href="{root}/{name}">' for name in modules)
    texts = {name: contents.pop(name).decode().rstrip() for name in names if name.endswith(".html")}
    parts = {Path(name).stem: _fill(text, {"root": root}) for name, text in texts.items() if name.startswith(PARTS)}
    filled = {"root": root, "preloads": preloads.strip()} | parts
    pages = {name: _fill(text, filled) for name, text in texts.items() if not name.startswith(PARTS)}
    return Assets({name: asset(name, body) for name, body in contents.items()}, pages, parts, version)


def _fill(text: str, filled: Mapping[str, str]) -> str:
    for name, content in filled.items():
        text = text.replace(f"{{{{{name}}}}}", content)
    return text


@cache
def page(name: str) -> Asset:
    """A page as it is sent."""
    return asset(name, load().pages[name].encode())
