"""What each command says of a wrong file on a terminal of 80 columns, word for word, and that right ones fit on it."""

from pathlib import Path

import pytest

from api.local.stack import Stack
from neurond import Client
from tests.support.terminal import COLUMNS, Seen, Typed, run

TABLE = "size,kind,bought\n" + "".join(
    f"{row % 7},{'red' if row % 3 else 'blue'},{'no' if row % 7 > 3 else 'yes'}\n" for row in range(70)
)

PROSE = "# Shop\n\nIt sells things.\nIt buys them, too.\n"

SAID = {
    "upload absent.csv": (2, "Invalid value for '[FILE]': File 'absent.csv' does not exist."),
    "upload prose.md": (
        4,
        (
            "prose.md cannot be used: row 1 (line 4): expected 1 field as in the first row, got 2; nothing separates "
            "its lines into fields alike: is the file a table?"
        ),
    ),
    "upload ragged.csv": (
        4,
        "ragged.csv cannot be used: row 2 (line 3): expected 2 fields as in the first row, got 1",
    ),
    "train absent.csv": (1, "no data set 'absent.csv': expected an ID or a name of 'neurond datasets', or a file"),
    "train ragged.csv": (
        4,
        "ragged.csv cannot be used: row 2 (line 3): expected 2 fields as in the first row, got 1",
    ),
    "train table.csv --target price": (
        4,
        "table.csv cannot be used: target: expected one of the columns size, kind, bought, got 'price'",
    ),
    "train mnist --spec prose.md": (
        2,
        "prose.md is not JSON: unexpected character, expected a JSON value: line 1 column 1 (char 0)",
    ),
    "train mnist --spec absent.json": (2, "cannot read absent.json: No such file or directory"),
    "predict shop absent.csv": (2, "Invalid value for 'FILE': File 'absent.csv' does not exist."),
    "predict shop other.csv": (
        1,
        (
            "columns: expected those of this model (2); the file lacks 'size', 'kind', and has 'Id', 'Street', which "
            "the model does not know"
        ),
    ),
    "predict shop short.json": (
        1,
        "#/inputs/0: expected 2 values, one for each column ('size', 'kind'), got 1",
    ),
    "predict shop prose.md": (
        2,
        (
            "prose.md is not JSON: unexpected character, expected a JSON value: line 1 column 1 (char 0); rows are "
            "also read from .csv, .tsv, .parquet and .npy files"
        ),
    ),
    "predict shop table.csv -o absent/scored.csv": (
        1,
        "Could not open file 'absent/scored.csv': No such file or directory",
    ),
    "export shop -o absent/shop": (1, "Could not open file 'absent/shop': No such file or directory"),
    "import absent.npz": (2, "Invalid value for 'FILE': File 'absent.npz' does not exist."),
    "import prose.md": (
        1,
        "file: expected a model as safetensors or npz, got one that begins with b'# Shop\\n\\nIt sells'",
    ),
    "import table.csv --architecture prose.md": (
        2,
        "prose.md is not JSON: unexpected character, expected a JSON value: line 1 column 1 (char 0)",
    ),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands are typed."""
    here = tmp_path_factory.mktemp("here")
    (here / "table.csv").write_text(TABLE)
    (here / "other.csv").write_text("Id,Street\n1,Pave\n2,Grvl\n")
    (here / "ragged.csv").write_text("a,b\n1,2\n3\n")
    (here / "short.json").write_text("[[1]]")
    (here / "prose.md").write_text(PROSE)
    return here


def test_a_file_goes_from_its_upload_to_its_predictions_and_nothing_is_cut(stack: Stack, place: Path) -> None:
    (place / "sold.csv").write_text(TABLE)  # a name that no other test of this service uploads
    name = "bought-by-kind-and-size-of-all-that-is-sold"
    words = (
        f"train sold.csv --target bought --name {name} --epochs 2",
        f"predict {name} sold.csv -o scored.csv",
        f"alias shop {name}",
        "export shop -o shop.safetensors",
        "import shop.safetensors --name copy",
        "predict copy sold.csv",
        f"show {name}",
        "show sold.csv",
        "datasets",
        "jobs",
        "models",
        "alias",
        f"delete {name} --kind job --yes",
        "delete copy --yes",
    )

    seen = run([Typed(command, {"NEUROND_URL": stack.url}) for command in words], place)

    by_command = dict(zip(words, seen, strict=True))
    for command, one in by_command.items():
        assert one.code == 0, f"neurond {command}: {one.screen}"
        assert "…" not in one.screen, f"neurond {command}: {one.screen}"
        drawn = [line for line in one.screen.splitlines() if set("│─").intersection(line)]
        assert max(map(len, drawn), default=0) <= COLUMNS, f"neurond {command}: {one.screen}"
    assert "learns bought: classification" in seen[0].screen
    assert seen[1].screen == "scored.csv (70 rows)"
    head, *rows = (place / "scored.csv").read_text().splitlines()
    assert head == "size,kind,bought,prediction,probability_no,probability_yes"
    assert [row.rsplit(",", 3)[0] for row in rows] == TABLE.splitlines()[1:]
    for listed in ("jobs", "models"):
        assert "ds_" not in by_command[listed].screen


def test_each_command_says_what_is_wrong_with_a_file(stack: Stack, place: Path) -> None:
    environment = {"NEUROND_URL": stack.url}
    with Client(stack.url) as client:
        dataset = client.upload(place / "table.csv", target="bought").wait()
        model = client.submit(dataset=dataset.id, training={"epochs": 1}).wait(every=0.1).model()
        client.alias("shop", model.id)

    seen = run([Typed(command, environment) for command in SAID], place)

    assert dict(zip(SAID, map(error_of, seen), strict=True)) == SAID


def error_of(seen: Seen) -> tuple[int, str]:
    """The exit code, and what follows `Error:`."""
    return seen.code, seen.screen.partition("Error: ")[2] or seen.screen
