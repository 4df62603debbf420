"""The pages under `/learn`: what `docs/` says, as HTML that a browser may trust."""

import re

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.assets import FOLDER
from api.learn import PAGES, render
from worker.settings import Settings


@pytest.mark.parametrize("name", PAGES)
def test_page_is_open_and_bound_to_its_own_files(name: str) -> None:
    answer = create_app(Settings(api_keys=("secret",))).test_client().get(f"/learn/{name}")

    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "{{" not in answer.text


def test_every_section_that_the_page_links_to_is_there(client: FlaskClient) -> None:
    linked = set()
    for path in FOLDER.rglob("*.js"):
        linked |= set(re.findall(r'<\$\{(?:Step|Back|Gradient)\}[^>]*section="(\d)"', path.read_text("utf-8")))
    text = client.get("/learn/backpropagation").text

    assert len(linked) > 2
    assert all(f'id="section-{number}"' in text for number in linked)


def test_every_link_in_the_pages_leads_somewhere(client: FlaskClient) -> None:
    for name in PAGES:
        text = client.get(f"/learn/{name}").text
        for target in re.findall(r'<a [^>]*href="([^"]+)"', text):
            address, _, anchor = target.partition("#")
            if not target.startswith("https://"):
                there = client.get(address or f"/learn/{name}")
                assert there.status_code == 200, target
                assert not anchor or anchor.startswith("/") or f'id="{anchor}"' in there.text, target


def test_blocks_of_code_can_be_scrolled_by_keyboard(client: FlaskClient) -> None:
    for name in PAGES:
        text = client.get(f"/learn/{name}").text
        assert text.count("<pre") == text.count('<pre tabindex="0"') > 0


def test_markup_in_a_page_stays_text() -> None:
    document = render("# A <b>title</b>\n\n## 2. Some *part*\n\n<script>alert(1)</script> [code](../nn/model.py)\n")

    assert "<script>" not in document.body
    assert document.contents == [("section-2", "2. Some part")]
    assert "<a>code</a>" in document.body


def test_another_page_is_not_found(client: FlaskClient) -> None:
    assert client.get("/learn/operating").status_code == 404
