"""Pages show the service in a browser: `/`.

The page holds nothing of the service: all that it shows comes over `/v1`, with the caller's key.
"""

import hashlib
from typing import Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from api.assets import MEDIA_TYPES, Asset, load, page
from api.openapi import Answer, operation

blueprint = Blueprint("pages", __name__)

POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
"""What a browser may do with the page (https://www.w3.org/TR/CSP3/): nothing inline, nothing from elsewhere."""

PAGE_HEADERS: Final = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}

TEXT: Final = {"type": "string"}

FOR_GOOD: Final = "public, max-age=31536000, immutable"


@blueprint.get("/")
@operation(access="public", answers={200: Answer("The page.", media={"text/html": TEXT}, etag=True)})
def get_page() -> Response:
    """Read the web page. It is asked for each time, and names its files by their content."""
    return send_page(page("index.html"))


@blueprint.get("/static/<version>/<path:file>")
@operation(
    access="public",
    errors=(404,),
    answers={200: Answer("The file.", media=dict.fromkeys(MEDIA_TYPES.values(), TEXT), etag=True)},
)
def get_page_file(version: str, file: str) -> Response:
    """Read a file of the web page, to be kept for good.

    While a service is being replaced, a page of the other version gets the file of this one, and keeps none.
    """
    assets = load()
    if file not in assets.files:
        raise NotFound(f"the page has no file {file!r}")
    return send(assets.files[file], FOR_GOOD if version == assets.version else "no-cache")


def send_page(asset: Asset) -> Response:
    """A page: asked for each time, and bound by the policy."""
    response = send(asset, "no-cache")
    response.headers.update(PAGE_HEADERS)
    return response


def send(asset: Asset, caching: str) -> Response:
    """A file, compressed for those who take it so, under an ETag."""
    zipped = asset.gzipped if request.accept_encodings.best_match(["gzip"]) else None
    body = zipped or asset.body
    response = Response(body, mimetype=asset.media_type)
    response.headers["Cache-Control"] = caching
    response.vary.add("Accept-Encoding")
    if zipped:
        response.content_encoding = "gzip"
    response.set_etag(hashlib.sha256(body).hexdigest()[:20])
    response.make_conditional(request)
    return response
