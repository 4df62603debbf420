"""Headers that stand on every answer, also on those that the app never sees."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from flask import Flask

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""A browser takes an answer for nothing but what it says it is, and hands it to no page of another origin that did not
ask by CORS (https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header); nobody keeps it. A view may say more:
files of the page are kept, and what has an ETag is asked for again."""


LINES: Final = [(name.lower(), (name, value)) for name, value in SECURITY_HEADERS.items()]

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def register(app: Flask) -> None:
    """Add what a view has not said itself, to the lines on their way out: before, each would be checked again."""
    app.wsgi_app = _with_headers(app.wsgi_app)  # type: ignore[method-assign,assignment]


def _with_headers(app: WSGI) -> WSGI:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            said = {name.lower() for name, _ in headers}
            return start_response(status, headers + [line for name, line in LINES if name not in said], *error)

        return app(environ, start)

    return answer
