"""What the README and the pages of docs/ tell their reader to type."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
PAGES: Final = {path.name: path for path in sorted(DOCS.glob("*.md"))} | {
    "README.md": ROOT / "README.md",
    "docs/README.md": DOCS / "README.md",
}

PROGRAMS: Final = "neurond|docker|pip|python3?|curl|tar|git|ssh|systemctl|apt(?:-get)?|pytest|promtool|redis-cli"


@dataclass(frozen=True)
class Block:
    """A fenced block, and the heading that it stands under."""

    heading: str
    language: str
    text: str


def blocks(page: str, language: str = "", heading: str = "") -> list[Block]:
    """The page's blocks in their order; of one language, or under one heading, where they are given."""
    found, under, fence = [], "", None
    for line in PAGES[page].read_text("utf-8").splitlines(keepends=True):
        if fence is not None:
            if line.rstrip() == "```":
                found.append(Block(under, fence[0], "".join(fence[1:])))
                fence = None
            else:
                fence.append(line)
        elif line.startswith("```"):
            fence = [line.strip().removeprefix("```")]
        elif line.startswith("#"):
            under = line.lstrip("#").strip()
    return [block for block in found if language in ("", block.language) and heading in ("", block.heading)]


def commands(page: str, heading: str) -> str:
    """The one block of commands under a heading."""
    [block] = blocks(page, "sh", heading)
    return block.text


def spoken(page: str) -> list[str]:
    """Commands in the page's sentences: what stands between backticks and begins with a program's name."""
    prose = re.sub(r"^```.*?^```$", "", PAGES[page].read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]
    return [span for span in spans if re.match(rf"(?:{PROGRAMS}) \S", span)]
