"""Takes the README's picture of the page: starts a service, trains the demo's model, opens Chromium, keeps `page.png`.

python docs/page_png.py            needs the extra `browser`, and a Chromium
"""

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from api.client import Client
from api.local.stack import Stack
from worker.settings import Settings

SPEC = {"dataset": "mnist", "name": "demo", "seed": 42}
SIZE = {"width": 1360, "height": 1400}
SAMPLE = 18
"""Of the test images: a three, told from an eight and a five at a glance."""


def photograph(url: str) -> bytes:
    """The view Inside, with the demo's model and a digit, as a PNG."""
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE)
        page.goto(f"{url}/#/inside?sample={SAMPLE}")
        page.locator(".answer-cells .best").wait_for()
        page.evaluate("document.fonts.ready")
        return page.screenshot()


def main() -> None:
    """Train, take the picture, and write it as small as a PNG gets."""
    with (
        tempfile.TemporaryDirectory(prefix="neurond-") as folder,
        Stack(Settings.from_environment(), folder=Path(folder), host="127.0.0.1", port=0, tell=print) as stack,
        Client(stack.url) as client,
    ):
        for _ in client.follow(client.submit(SPEC).id):
            pass
        picture = Image.open(io.BytesIO(photograph(stack.url))).convert("RGB")
    picture.save(Path(__file__).with_name("page.png"), optimize=True)


if __name__ == "__main__":
    main()
