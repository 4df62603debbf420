"""An address at which there is nothing: a page with a way back for a person, a problem for a program."""

import re

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from worker.settings import Settings

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/nothing", "/learn/nothing", "/docs/nothing", "/train"])
def test_a_browser_gets_a_page_that_leads_on(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=BROWSER)

    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "{{" not in answer.text
    for link in set(re.findall(r'href="(/[^"#]*)', answer.text)):
        assert client.get(link).status_code == 200, link


def test_what_stands_in_the_address_stays_text(client: FlaskClient) -> None:
    text = client.get("/<script>alert(1)</script>", headers=BROWSER).text

    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text


@pytest.mark.parametrize(("path", "headers"), [("/nothing", {}), ("/v1/nothing", BROWSER), ("/static/x/y.js", BROWSER)])
def test_a_program_gets_a_problem(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    answer = client.get(path, headers=headers)

    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_what_is_not_there_and_what_cannot_be_done_there_are_said_in_our_words(client: FlaskClient) -> None:
    missing, refused = client.get("/nothing"), client.delete("/v1/jobs")

    assert missing.json["detail"] == "there is nothing at /nothing; /docs has every address"
    assert refused.json["detail"] == "/v1/jobs: expected GET, POST, got DELETE; /docs has every call"
    assert refused.headers["Allow"] == "GET, POST"


def test_an_unknown_address_is_unknown_also_to_who_has_no_key() -> None:
    guarded = create_app(Settings(api_keys=("secret",))).test_client()

    assert guarded.get("/nothing", headers=BROWSER).status_code == 404
    assert guarded.get("/v1/jobs").status_code == 401
