"""Takes the README's pictures of the page: starts a service, trains on digits and on a table, and opens Chromium.

python docs/page_png.py            needs the groups `browser` and `bench`, and a Chromium
"""

import csv
import io
import shutil
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from sklearn.datasets import load_breast_cancer

from api.local.stack import Stack
from neurond import Client
from worker.settings import Settings

DIGITS: Final = {"dataset": "mnist", "name": "demo", "seed": 42}
TABLES: Final = [
    {"name": "one layer", "model": {"hidden_layers": [16]}},
    {"name": "two layers", "model": {"hidden_layers": [32, 16]}},
]
"""Two runs of one table: 569 tumours in 30 numbers each, malignant or benign (Wolberg et al., 1995)."""

SIZE: Final = {"width": 1360, "height": 1400}
SAMPLE: Final = 18
"""Of the test images: a three, told from an eight and a five at a glance."""


def write_table(path: Path) -> None:
    """The table as a CSV file, its last column the class by name."""
    data = load_breast_cancer()
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*data.feature_names, "diagnosis"])
        writer.writerows([*row, data.target_names[kind]] for row, kind in zip(data.data, data.target, strict=True))


def photograph(page: Page, address: str, *, until: str) -> Image.Image:
    """The page at an address, once a place of it is there."""
    page.goto(address)
    page.locator(until).first.wait_for()
    page.evaluate("document.fonts.ready")
    page.wait_for_load_state("networkidle")
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def main() -> None:
    """Train, take the pictures, and write them as small as a PNG gets."""
    with (
        tempfile.TemporaryDirectory(prefix="neurond-") as folder,
        Stack(Settings.from_environment(), folder=Path(folder) / "d", host="127.0.0.1", port=0, tell=print) as stack,
        Client(stack.url) as client,
        sync_playwright() as playwright,
    ):
        table = Path(folder) / "tumours.csv"
        write_table(table)
        dataset = client.upload(table, name="tumours").wait()
        client.submit(DIGITS).wait()
        jobs = [client.submit({"dataset": dataset.id, "preset": "table", "seed": 1, **spec}).wait() for spec in TABLES]
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE, reduced_motion="reduce")
        inside = f"{stack.url}/#/inside?sample={SAMPLE}"
        train = f"{stack.url}/#/train?dataset={dataset.id}&runs={','.join(job.id for job in jobs)}"
        pictures = {
            "page.png": photograph(page, inside, until=".answer-cells .best"),
            "table.png": photograph(page, train, until="text=more columns"),
        }
        browser.close()
    for name, picture in pictures.items():
        picture.save(Path(__file__).with_name(name), optimize=True)


if __name__ == "__main__":
    main()
