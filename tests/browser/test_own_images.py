"""Models of images of one's own stand beside those of MNIST: what is said and shown of each is true of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

import nn
from neurond import Client
from tests.support import needs
from tests.support.browser.page import loaded, trained

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SEVEN: Final = 0
ZERO: Final = 3
"""Test images of MNIST: the first is a seven, the fourth a zero."""

DENSE: Final = (
    f"(stacks) => {loaded('network')}"
    """.then(({ isDense }) => stacks.map((types) =>
  isDense({ architecture: { output: "softmax", layers: types.split(" ").map((type) => ({ type })) } })))
"""
)
"""Of stacks of layers, whether Inside takes them."""

PAINTED: Final = """async (canvas) => {
  const context = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  const read = () => {
    context.drawImage(canvas, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  while (!read()[3]) await new Promise(requestAnimationFrame);
  const data = read();
  const box = canvas.getBoundingClientRect();
  const pixels = Array.from({ length: data.length / 4 }, (_, i) => Array.from(data.slice(4 * i, 4 * i + 3)));
  return { size: [canvas.width, canvas.height], shown: box.width / box.height, pixels };
}"""
"""How many pixels a picture has, how wide it is shown for its height, and each pixel's colour."""


def brought(client: Client, folder: Path, x: NDArray[Any], y: NDArray[Any], **options: str) -> str:
    """ID of a data set of these images."""
    path = folder / "images.npz"
    np.savez(path, x=x, y=y)
    return client.upload(path, **options).wait().id


@pytest.fixture(scope="session")
def threes_and_sevens(client: Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """ID of a model that knows two digits, which stand at 0 and 1 among its classes."""
    mnist = nn.datasets.load("mnist")
    kept = np.flatnonzero(np.isin(mnist.y_train, (3, 7)))[:2000]
    x, y = mnist.x_train[kept].reshape(-1, 28, 28).astype(np.uint8), mnist.y_train[kept]
    dataset = brought(client, tmp_path_factory.mktemp("two"), x, y, task="classification")
    return trained(client, {"dataset": dataset, "name": "two digits", "training": {"epochs": 8}})["model_id"]


def test_an_answer_is_held_against_the_image_by_the_name_of_its_class(
    threes_and_sevens: str, model: str, client: Client, open_page: Callable[..., Page]
) -> None:
    for sample in (SEVEN, ZERO):
        page = open_page(f"#/draw?model={threes_and_sevens}&sample={sample}")
        expect(page.locator('.answer[data-settled="true"]')).to_be_visible()
        expect(page.locator(".answer-wrong")).to_have_count(0)

    evaluation = client.model(model).evaluation
    assert evaluation is not None
    mistake = evaluation.mistakes[0]
    page = open_page(f"#/draw?model={model}&sample={mistake.index}")
    expect(page.locator(".answer-wrong")).to_have_text(f"wrong: it is a {mistake.label}")


def test_inside_means_the_class_with_the_name_of_the_image_or_else_its_own_answer(
    threes_and_sevens: str, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    for sample in (SEVEN, ZERO):
        page = open_page(f"#/inside?model={threes_and_sevens}&sample={sample}")
        answer = page.locator(".answer-cells text.best")
        expect(answer).to_be_visible()

        expect(page.locator('.backprop [aria-labelledby="as-label"] [aria-pressed="true"]')).to_have_text(
            answer.evaluate("(text) => text.firstChild.textContent")
        )
        expect(page.locator(".step", has_text="How wrong is it?").locator(".numbers b")).not_to_have_text("–")
        keep(page, f"inside-two-digits-{sample}", full=True)


def test_inside_takes_the_networks_that_it_computes_and_no_others(open_page: Callable[..., Page]) -> None:
    taken = [
        "dense",
        "dense relu dense",
        "flatten dense dropout gelu dropout dense dense",
        "dense tanh dense sigmoid dense",
    ]
    refused = [
        "dense relu tanh dense",
        "flatten relu dense",
        "dense relu dense relu",
        "conv2d relu flatten dense",
        "dense batch_norm relu dense",
    ]

    page = open_page("#/draw")

    assert page.evaluate(DENSE, taken) == [True] * len(taken)
    assert page.evaluate(DENSE, refused) == [False] * len(refused)


@pytest.fixture(scope="session")
def convolutional(client: Client) -> str:
    """ID of a job that has made a model whose inside is not shown."""
    layers = [
        {"type": "conv2d", "filters": 2, "kernel": 5, "stride": 3},
        {"type": "relu"},
        {"type": "flatten"},
        {"type": "dense", "units": 8},
    ]
    spec = {"dataset": "mnist", "name": "eyes", "model": {"layers": layers}, "training": {"epochs": 1}}
    return trained(client, spec)["id"]


def test_only_a_model_that_inside_can_show_is_offered_there(
    convolutional: str, model: str, client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    eyes = client.job(convolutional)["model_id"]
    page = open_page(f"#/library?tab=models&open={eyes}")
    expect(page.get_by_role("link", name="Draw for it")).to_be_visible()
    expect(page.get_by_role("link", name="Look inside")).to_have_count(0)
    page = open_page(f"#/library?tab=models&open={model}")
    expect(page.get_by_role("link", name="Look inside")).to_be_visible()

    page = open_page(f"#/draw?model={eyes}&sample={SEVEN}")
    expect(page.locator('.answer[data-settled="true"]')).to_be_visible()
    expect(page.get_by_role("link", name="Look inside")).to_have_count(0)

    page = open_page(f"#/train?runs={convolutional}")
    expect(page.locator(".mistake .digit").first).to_be_visible()
    expect(page.locator(".mistake a")).to_have_count(0)

    page = open_page(f"#/inside?model={eyes}")
    expect(page.get_by_role("alert")).to_contain_text("cannot be shown here: this view is for fully connected networks")
    keep(page, "inside-convolutional")


def test_mistakes_among_images_of_one_s_own_lead_to_none_of_mnist(
    client: Client, tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    rng = np.random.default_rng(5)
    x, y = rng.integers(0, 255, (200, 28, 28)).astype(np.uint8), rng.integers(0, 2, 200)
    dataset = brought(client, tmp_path, x, y, task="classification")
    job = trained(client, {"dataset": dataset, "training": {"epochs": 1}})

    page = open_page(f"#/train?runs={job['id']}")

    expect(page.locator(".mistake .digit").first).to_be_visible()
    expect(page.locator(".mistake a")).to_have_count(0)


@pytest.mark.parametrize("view", ["draw", "inside"])
def test_a_model_that_is_gone_is_said_to_be(view: str, model: str, open_page: Callable[..., Page]) -> None:
    gone = "model_000000000000000000000000"
    page = open_page(f"#/{view}?model={gone}")
    expect(page.get_by_role("alert")).to_contain_text("This model is gone")

    page.locator("label", has_text="Model").locator("select").select_option(model)

    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("kind", ["wide", "faint", "coloured"])
def test_images_of_one_s_own_are_shown_in_their_shape_and_from_paper_to_ink(
    kind: str, client: Client, tmp_path: Path, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    """Two rows of ink above, red and green where there are colours, and nothing below."""
    shape, full = {"wide": ((8, 12), 255), "faint": ((8, 8), 16), "coloured": ((8, 8, 3), 255)}[kind]
    x = np.zeros((60, *shape), np.uint8)
    x[:, :1] = full if len(shape) == 2 else (full, 0, 0)
    x[:, 1:2] = full if len(shape) == 2 else (0, full, 0)
    dataset = brought(client, tmp_path, x, np.arange(60) % 2, task="classification")

    page = open_page(f"#/library?tab=datasets&open={dataset}")
    painted = page.locator(".preview-images canvas").first.evaluate(PAINTED)

    ink, paper = ([255, 0, 0], [0, 0, 0]) if kind == "coloured" else ([29, 26, 22], [253, 251, 246])
    assert painted["size"] == [shape[1], shape[0]]
    assert painted["shown"] == pytest.approx(shape[1] / shape[0], rel=0.05)
    assert painted["pixels"][0] == ink
    assert painted["pixels"][shape[1]] == ([0, 255, 0] if kind == "coloured" else ink)
    assert painted["pixels"][-1] == paper
    keep(page, f"library-images-{kind}", full=True)


OVERPRINTED: Final = """(texts) => {
  const boxes = texts.map((text) => [text.textContent, text.getBoundingClientRect()]);
  return boxes.flatMap(([name, a], i) => boxes.slice(i + 1)
    .filter(([, b]) => a.left < b.right && b.left < a.right && a.top + 4 < b.bottom && b.top + 4 < a.bottom)
    .map(([other]) => `${name} / ${other}`));
}"""
"""Labels that lie over each other, by more than the air above and below their letters."""


@pytest.fixture(scope="session")
def many_classes(client: Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """ID of a model of images in 47 classes."""
    rng = np.random.default_rng(8)
    x, y = rng.integers(0, 255, (940, 28, 28)).astype(np.uint8), np.arange(940) % 47
    dataset = brought(client, tmp_path_factory.mktemp("many"), x, y, task="classification")
    return trained(client, {"dataset": dataset, "name": "many", "training": {"epochs": 1}})["model_id"]


@pytest.mark.parametrize("width", [360, 1280])
def test_names_of_many_answers_stand_beside_each_other(
    width: int, many_classes: str, model: str, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    for name, at_least in ((many_classes, 5), (model, 10)):
        page = open_page(f"#/inside?model={name}&sample=0", viewport={"width": width, "height": 900})
        texts = page.locator(".answer-cells text")
        expect(page.locator(".answer-cells text.best")).to_be_visible()
        page.evaluate("document.fonts.ready")

        assert texts.count() >= at_least
        assert texts.evaluate_all(OVERPRINTED) == []
        keep(page, f"inside-{at_least}-{width}", full=True)
