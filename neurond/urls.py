"""The address of a server, as a person writes it."""

from typing import Final

SCHEMES: Final = ("http://", "https://")


def check_server_url(text: str) -> None:
    """ValueError unless the text begins as the URL of an HTTP server does."""
    if text.lower().startswith(SCHEMES):
        return
    meant = "" if "://" in text or not text else f"; did you mean http://{text}?"
    raise ValueError(f"expected a URL that begins with http:// or https://, got {text!r}{meant}")
