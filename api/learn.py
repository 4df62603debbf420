"""Articles explain what the web page shows, to be read beside it: pages of `docs/` under `/learn`."""

import base64
import html
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response
from markdown_it import MarkdownIt
from markdown_it.token import Token

from api.assets import FOLDER, Asset, asset, load
from api.openapi import Answer, operation
from api.page import TEXT, send_page

blueprint = Blueprint("articles", __name__, url_prefix="/learn")

PAGES: Final = ("backpropagation", "article")

IN_THE_PACKAGE: Final = FOLDER / "docs"
IN_THE_REPOSITORY: Final = Path(__file__).parents[1] / "docs"

NUMBERED: Final = re.compile(r"(\d+)\. ")


PAGE: Final = {200: Answer("The page.", media={"text/html": TEXT}, etag=True)}


@blueprint.get("/backpropagation")
@operation(access="public", answers=PAGE)
def get_backpropagation() -> Response:
    """Read how the formulas of the page and of `nn/` are derived."""
    return send_page(_page("backpropagation"))


@blueprint.get("/article")
@operation(access="public", answers=PAGE)
def get_article() -> Response:
    """Read the article that all this began with, line by line."""
    return send_page(_page("article"))


@cache
def _page(name: str) -> Asset:
    folder = next(place for place in (IN_THE_PACKAGE, IN_THE_REPOSITORY) if (place / f"{name}.md").is_file())
    document = render((folder / f"{name}.md").read_text("utf-8"), pictures=folder)
    template = load().pages["learn.html"]
    contents = "\n".join(f'<li><a href="#{anchor}">{title}</a></li>' for anchor, title in document.contents)
    filled = template.replace("{{title}}", document.title).replace("{{contents}}", contents)
    return asset("learn.html", filled.replace("{{body}}", document.body).encode())


@dataclass(frozen=True)
class Document:
    """A page as HTML: its title, (anchor, title) of its sections, and all of it."""

    title: str
    contents: list[tuple[str, str]]
    body: str


def render(text: str, pictures: Path = IN_THE_REPOSITORY) -> Document:
    """A page of Markdown as HTML. Sections get anchors: those with a number `section-<number>`, others their words.

    Links to pages that stand here too are kept, those into the source become plain text. Pictures come with the page:
    SVG from the folder `pictures`.
    """
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    title, contents = "", []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and following is not None:
            words = html.escape(following.content.replace("*", "").replace("`", ""))
            if token.tag == "h1":
                title = words
            elif token.tag == "h2":
                token.attrSet("id", _anchor(following.content))
                contents.append((_anchor(following.content), words))
        for child in token.children or []:
            _lead_somewhere(child)
            if child.type == "image":
                svg = base64.b64encode((pictures / str(child.attrGet("src"))).read_bytes()).decode()
                child.attrSet("src", f"data:image/svg+xml;base64,{svg}")
    body: str = markdown.renderer.render(tokens, markdown.options, {})
    # Code that is wider than the window scrolls by itself, and takes the focus for that. No tag here is an author's.
    return Document(title, contents, body.replace("<pre>", '<pre tabindex="0">'))


def _anchor(heading: str) -> str:
    numbered = NUMBERED.match(heading)
    return f"section-{numbered[1]}" if numbered else re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def _lead_somewhere(token: Token) -> None:
    """Turn a link into one that leads somewhere from here, or into one without a target."""
    if token.type != "link_open":
        return
    target = str(token.attrGet("href"))
    page = re.fullmatch(r"(\w+)\.md(#.*)?", target)
    if page and page[1] in PAGES:
        token.attrSet("href", f"/learn/{page[1]}{page[2] or ''}")
    elif not target.startswith(("https://", "#")):
        del token.attrs["href"]
