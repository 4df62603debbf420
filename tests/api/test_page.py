"""The web page as it is delivered: what a browser may do with it, what it weighs, what it keeps."""

import gzip
import re

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.assets import FOLDER, load
from worker.settings import Settings

FIRST_LOAD_BYTES = 270_000
MOST_LINES = 300

OWN = sorted(path for path in FOLDER.rglob("*.js") if "vendor" not in path.parts)


def test_page_may_load_nothing_but_its_own_files(client: FlaskClient) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]

    directives = dict(part.split(" ", 1) for part in policy.split("; "))

    assert directives["default-src"] == "'none'"
    assert {directives[name] for name in ("script-src", "style-src", "font-src", "connect-src")} == {"'self'"}
    assert "unsafe" not in policy


def test_page_names_only_files_that_are_there(client: FlaskClient) -> None:
    page = client.get("/").text

    named = re.findall(r'(?:href|src)="([^"]+)"', page)

    assert len(named) > 10
    assert {address: client.get(address).status_code for address in named} == dict.fromkeys(named, 200)


def test_first_load_stays_under_270_kb(client: FlaskClient) -> None:
    """Everything that the page names, its fonts for upright text included, as it goes over the wire."""
    zipped = {"Accept-Encoding": "gzip"}
    page = client.get("/", headers=zipped)
    named = set(re.findall(r'(?:href|src)="([^"]+)"', gzip.decompress(page.data).decode()))

    total = len(page.data) + sum(len(client.get(address, headers=zipped).data) for address in named)

    assert total < FIRST_LOAD_BYTES


def test_files_are_kept_for_good_and_the_page_is_asked_for_anew(client: FlaskClient) -> None:
    version = load().version

    assert client.get("/").headers["Cache-Control"] == "no-cache"
    assert "immutable" in client.get(f"/static/{version}/main.js").headers["Cache-Control"]
    assert client.get("/static/another/main.js").headers["Cache-Control"] == "no-cache"


def test_compressed_and_plain_are_the_same_file(client: FlaskClient) -> None:
    address = f"/static/{load().version}/main.js"

    zipped, plain = client.get(address, headers={"Accept-Encoding": "gzip"}), client.get(address)

    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data == (FOLDER / "main.js").read_bytes()
    assert zipped.headers["ETag"] != plain.headers["ETag"]


def test_known_page_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/")

    again = client.get("/", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["../page.py", "..%2fpage.py", "index.html", "vendor/README.md", "nothing.js"])
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/static/{load().version}/{name}")

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_page_is_open_where_the_api_wants_a_key() -> None:
    client = create_app(Settings(api_keys=("secret",))).test_client()

    assert client.get("/").status_code == 200
    assert client.get(f"/static/{load().version}/main.js").status_code == 200


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_module_is_short_says_what_it_is_and_imports_what_is_there(path: object) -> None:
    text = path.read_text("utf-8")  # type: ignore[attr-defined]
    imported = re.findall(r'(?:^import|^} from|^export (?:\*|\{[^}]*\}) from)\b[^"]*"([^"]+)"', text, re.MULTILINE)

    assert text.startswith("// ")
    assert len(text.splitlines()) <= MOST_LINES
    assert all((path.parent / name).is_file() for name in imported)  # type: ignore[attr-defined]
    assert not re.search(r"^(?!\s*(?://|\*)).*https?://(?!www\.w3\.org/2000/svg)", text, re.MULTILINE)


def test_what_is_not_ours_has_its_licence_beside_it() -> None:
    vendored = {path.name for path in (FOLDER / "vendor").iterdir()} | {
        path.name for path in (FOLDER / "fonts").iterdir()
    }
    files = {name for name in vendored if not name.endswith((".LICENSE", ".md"))}
    notes = (FOLDER / "vendor" / "README.md").read_text("utf-8")

    assert {
        "uPlot.LICENSE",
        "htm.LICENSE",
        "preact.LICENSE",
        "instrument-sans.LICENSE",
        "source-serif-4.LICENSE",
    } <= vendored
    assert all(name in notes or re.sub(r"-latin.*|-greek.*", "-*", name) in notes for name in files)
