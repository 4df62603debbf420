"""What the command line draws: charts, bars, a job that learns."""

import io
import math
from types import SimpleNamespace

import pytest
from rich.console import Console, RenderableType

from api.cli import calls, predict
from api.cli.bars import bars, spark
from api.cli.charts import Canvas, Chart, Curve, scale
from api.cli.curves import Watching, describe_network, headline, screen, x_end
from api.cli.digits import draw

EPOCHS = [
    {
        "epoch": number,
        "epochs": 10,
        "train_loss": 1 / number,
        "validation_loss": 1.1 / number,
        "validation_accuracy": 1 - 0.1 / number,
        "samples_per_second": 1e5,
    }
    for number in range(1, 9)
]

JOB = {
    "id": "job_1",
    "name": "mine",
    "dataset": "mnist",
    "status": "running",
    "error": None,
    "metrics": {},
    "config": {"model": {"hidden_layers": [128, 64], "activation": "relu"}},
    "progress": {"epoch": 9, "epochs": 10, "step": 1, "steps": 2, "samples_per_second": 12345.6, "eta_seconds": 61.2},
}


def drawn(picture: RenderableType, width: int = 84) -> str:
    console = Console(width=width, file=io.StringIO(), record=True, force_terminal=True)
    console.print(picture)
    return console.export_text()


def test_a_line_goes_from_its_first_point_to_its_last() -> None:
    curve = Curve("loss", "cyan", [(1, 1.0), (10, 0.0)])

    lines = drawn(Chart([curve], height=4, x_end=10, write="{:g}".format), width=20).splitlines()

    assert [line.rstrip() for line in lines] == [
        "  1 ┤⠑⠢⢄⡀",
        "0.8 ┤   ⠈⠑⠢⢄⡀",
        "0.4 ┤       ⠈⠑⠢⢄⡀",
        "  0 ┤           ⠈⠑⠢⢄",
        "    └───────────────",
        "     1            10",
        "━ loss 0",
    ]


def test_dots_fall_where_unicode_says() -> None:
    canvas = Canvas(1, 1)
    style = Console().get_style("red")
    corners = [(0, 0), (1, 3)]

    for corner in corners:
        canvas.draw([corner], style)

    assert [segment.text for line in canvas.lines() for segment in line] == ["⢁"]


@pytest.mark.parametrize("values", [[0.0, 1.0], [0.93, 0.9812], [1e-9, 3e-9], [-5.0, 120.0], [2.0, 2.0], [0.0], []])
def test_an_axis_has_round_numbers_between_its_ends(values: list[float]) -> None:
    low, high, ticks = scale(values)

    assert low < high
    assert all(low <= value <= high for value in values)
    assert 1 <= len(ticks) <= 8
    assert all(low - 1e-12 <= tick <= high + 1e-12 for tick in ticks)


def test_what_is_not_a_number_does_not_spoil_the_axis() -> None:
    assert scale([1.0, math.nan, math.inf, 2.0])[:2] == (1.0, 2.0)
    drawn(Chart([Curve("loss", "cyan", [(1, 1.0), (2, math.nan), (3, math.inf)])], 4, 3, "{:g}".format))


def test_the_picture_of_a_job_has_its_curves_and_how_far_it_is() -> None:
    text = drawn(screen(JOB, EPOCHS, width=84))

    assert "running  epoch 9/10  12,346 samples/s  0:01:01 left" in text
    assert "━ train 0.125   ━ validation 0.138" in text
    assert "━ validation 98.75 %" in text
    assert "…" not in text


@pytest.mark.parametrize("width", [72, 78, 80])
def test_of_a_long_job_nothing_is_cut_beside_each_other(width: int) -> None:
    progress = {"epoch": 1000, "epochs": 1000, "step": 1, "steps": 2, "samples_per_second": 1e6, "eta_seconds": 7261}
    epochs = [
        {name: value * 0.0123456 for name, value in epoch.items()} | {"epoch": number, "train_accuracy": 0.97654321}
        for number, epoch in enumerate(EPOCHS, 1)
    ]

    text = drawn(screen(JOB | {"progress": progress}, epochs, width=width), width)

    assert "…" not in text
    assert "running  epoch 1000/1000  1,000,000 samples/s  2:01:01 left" in text or width < 78
    assert max(map(len, text.splitlines())) <= width
    for said in ("━ train 0.00154", "━ validation 0.0017", "━ train 97.65 %", "━ validation 1.219 %"):
        assert said in text
    left, right = text.rstrip().splitlines()[-1].split("╯╰")
    assert left.startswith("╰")
    assert right.endswith("╯")


def test_a_headline_that_is_too_long_goes_on_in_the_next_line() -> None:
    text = drawn(headline(JOB | {"name": "many words " * 9}, "mnist"), 80)

    assert len(text.splitlines()) > 1
    assert " ".join(text.split()) == "job_1 " + "many words " * 9 + "mnist 128-64 relu"


@pytest.mark.parametrize("width", [20, 40, 60, 72, 80, 200])
def test_the_picture_fits_its_terminal(width: int) -> None:
    assert max(map(len, drawn(screen(JOB, EPOCHS, width=width), width).splitlines())) <= width


@pytest.mark.parametrize(("seconds", "when"), [(None, ""), (986.3, ", begins in about 0:16:26")])
def test_a_job_that_waits_says_when_its_turn_comes(seconds: float | None, when: str) -> None:
    waiting = JOB | {"status": "queued", "queue": {"position": 29, "starts_in_seconds": seconds}}
    idle = {"epoch": 0, "epochs": 10, "step": 0, "steps": None, "samples_per_second": None, "eta_seconds": None}

    text = drawn(screen(waiting | {"progress": idle}, [], width=80), 80)

    assert f"queued  place 29 in the queue{when}" in text


def test_a_failed_job_says_why() -> None:
    failed = JOB | {"status": "failed", "error": {"code": "diverged", "message": "the loss is not finite"}}

    assert "diverged: the loss is not finite" in drawn(screen(failed, [], width=84))


def test_a_long_job_that_just_began_fills_its_axis() -> None:
    assert x_end(3, 60) == 60
    assert x_end(3, 10_000) == 100
    assert x_end(101, 10_000) == 128
    assert x_end(9000, 10_000) == 10_000


def test_the_curves_of_a_job_that_stopped_early_fill_their_axis() -> None:
    assert x_end(27, 100, over=True) == 27


def test_a_job_is_described_in_a_line() -> None:
    assert headline(JOB, "mnist").plain == "job_1  mine  mnist  128-64 relu"
    assert describe_network({"layers": [{"type": "conv2d"}, {"type": "dense"}]}) == "conv2d · dense"
    assert describe_network({"hidden_layers": [], "activation": "relu"}) == "no hidden layer"
    assert describe_network({"hidden_layers": [9, 4], "activation": "relu", "members": 8}) == "8 × 9-4 relu"


def test_piped_each_epoch_is_one_plain_line() -> None:
    file = io.StringIO()

    with Watching(Console(file=file, width=40)) as watch:
        watch.show(JOB, EPOCHS[:1])
        watch.show(JOB, EPOCHS[:3])

    lines = file.getvalue().splitlines()
    assert lines[0] == "epoch  1/10   loss 1.0000   validation 1.1000, 90.00%   100,000 samples/s"
    assert len(lines) == 3


def test_on_a_terminal_the_last_picture_stays() -> None:
    file = io.StringIO()

    with Watching(Console(file=file, width=84, height=40, force_terminal=True)) as watch:
        watch.show(JOB, EPOCHS[:3])
        watch.show(JOB | {"status": "succeeded"}, EPOCHS)

    assert "succeeded" in file.getvalue().rpartition("epoch 9/10")[0]


def test_the_likeliest_class_stands_out() -> None:
    probabilities = [0.05, 0.9, 0.05]

    assert spark(probabilities).plain == "▁▇▁"
    text = drawn(bars(["cat", "dog", "cow"], probabilities))
    assert text.splitlines()[1].split() == ["dog", "█" * 28 + "▊", "90.0%"]


def test_of_many_classes_the_likeliest_are_shown() -> None:
    classes = [f"class {number}" for number in range(100)]
    probabilities = [0.001] * 99 + [0.901]

    lines = drawn(bars(classes, probabilities)).splitlines()

    assert len(lines) == 12
    assert lines[0].startswith("class 99")


@pytest.mark.parametrize(("width", "columns"), [(60, "ID NAME NETWORK AGE"), (32, "ID NAME AGE"), (24, "ID AGE")])
def test_a_narrow_table_leaves_out_what_can_be_spared(
    monkeypatch: pytest.MonkeyPatch, width: int, columns: str
) -> None:
    console = Console(width=width, file=io.StringIO(), record=True)
    monkeypatch.setattr(calls, "make_console", lambda: console)
    names = ("ID", "NAME", "NETWORK", "AGE ")

    calls.print_table(names, [("job_123456", "mine", "128-64 relu", "5 s")], spare=("NETWORK", "NAME"))

    head, _, row = console.export_text().splitlines()[:3]
    assert head.split() == columns.split()
    assert "job_123456" in row


def test_an_image_of_odd_height_is_drawn_to_its_last_row() -> None:
    console = Console(file=io.StringIO())

    assert draw(console, [[255], [255], [255]]).plain == "█\n▒"


@pytest.mark.parametrize(("terminal", "beside"), [(True, True), (False, False)])
def test_a_picture_stands_beside_its_bars_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, beside: bool
) -> None:
    console = Console(width=84, file=io.StringIO(), record=True, force_terminal=terminal)
    monkeypatch.setattr(predict, "make_console", lambda: console)
    model = SimpleNamespace(classes=["cat", "dog"], architecture={"input_shape": [2, 4]})

    predict._show_one(model, "dog", [0.1, 0.9], [[255] * 8])

    text = console.export_text()
    assert ("as the network saw it" in text) is beside
    assert "90.0%" in text
    assert text.splitlines()[0].strip() == ("" if beside else "dog")


def test_a_ring_stands_on_the_epoch_that_was_kept_and_the_legend_has_its_value() -> None:
    stopped = JOB | {"status": "succeeded", "metrics": {"best_epoch": 3}}

    text = drawn(screen(stopped, EPOCHS, width=84))

    assert "succeeded  stopped after 9 of 10, kept 3" in text
    assert "○ train 0.333   ○ validation 0.367" in text  # 1/3 and 1.1/3, of the third epoch
    assert "○ validation 96.67 %" in text
    assert text.count("○") == 6  # a ring on each curve, and its key
