"""Headers that stand on every answer, also on those that the app never sees."""

from typing import Final

from flask import Flask, Response

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""A browser takes an answer for nothing but what it says it is, and hands it to no page of another origin that did not
ask by CORS (https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header); nobody keeps it. A view may say more:
files of the page are kept, and what has an ETag is asked for again."""


def register(app: Flask) -> None:
    """Add what a view has not said itself."""

    @app.after_request
    def _add(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        return response
