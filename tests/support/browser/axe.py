"""What axe-core says of a page.

axe-core is Deque Systems' (MPL 2.0, `axe.LICENSE`), as its package on npm has it: version 4.14.1, unchanged.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE: Final = (Path(__file__).parent / "axe.min.js").read_text("utf-8")


def found_by_axe(page: Page) -> list[str]:
    """What axe-core finds, of any impact: each rule, and where."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then(({ violations }) => violations)")
    return [f"{rule['id']}: {', '.join(node['html'][:160] for node in rule['nodes'][:4])}" for rule in found]
