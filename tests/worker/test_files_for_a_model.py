"""Files whose rows are to be predicted: read by the model's columns, not by the rules for learning.

A new case is one row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from nn.data import Column
from nn.errors import NNError
from tests.support.for_model import rows_for
from tests.worker.readings.case import INSIDE, Case
from tests.worker.readings.files import FLOAT, INT, TEXT, parquet
from tests.worker.readings.tables import CASES as LEARNED
from worker.ingest.read import parse
from worker.jobspec.dataset import DatasetSpec

AGE, CITY, ZIP, FLAG = (
    Column("age", low=0, high=100, whole=True),
    Column("city", "categorical", ("Oslo", "Paris", "Rome")),
    Column("zip", "categorical", ("00501", "02134", "501")),
    Column("flag", "categorical", ("false", "true")),
)
SIZE, SWITCH = Column("size"), Column("switch", low=0, high=1, whole=True)
BOTH = (AGE, CITY)


@dataclass(frozen=True)
class Sent:
    """A file for a model of some columns, and what its rows mean: numbers, the text of categories, None for missing.

    targets: the texts of the column `y`. notes: column, value and rows of all that is noted.
    """

    id: str
    columns: Sequence[Column]
    data: str | bytes
    rows: Sequence[Sequence[Any]] = ()
    targets: Sequence[str] | None = None
    notes: Sequence[tuple[str, Any, int]] = ()
    error: Sequence[str] = ()
    says: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.id


READ = [[20, "Oslo"], [30, "Rome"], [40, "Oslo"]]
MANY = "city,y\n" + "".join(f"town {row},a\n" for row in range(40))

CASES = (
    Sent("as it was learned", BOTH, "age,city,y\n20,Oslo,a\n30,Rome,b\n40,Oslo,a\n", READ, targets=("a", "b", "a")),
    Sent("in another order", BOTH, "y,city,age\na,Oslo,20\nb,Rome,30\na,Oslo,40\n", READ, targets=("a", "b", "a")),
    Sent("without labels", BOTH, "age,city\n20,Oslo\n30,Rome\n40,Oslo\n", READ, targets=("", "", "")),
    Sent("some labels are missing", BOTH, "age,city,y\n20,Oslo,\n30,Rome,b\n40,Oslo,\n", READ, targets=("", "b", "")),
    Sent("one class alone", BOTH, "age,city,y\n20,Oslo,a\n30,Rome,a\n40,Oslo,a\n", READ, targets=("a", "a", "a")),
    Sent(
        "a class that training never saw",
        BOTH,
        "age,city,y\n20,Oslo,z\n30,Rome,a\n40,Oslo,a\n",
        READ,
        targets=("z", "a", "a"),
    ),
    Sent("one row", BOTH, "age,city\n20,Oslo\n", READ[:1]),
    Sent("semicolons and decimal commas", BOTH, "age;city\n20,0;Oslo\n30,0;Rome\n40,0;Oslo\n", READ),
    Sent("without a header", BOTH, "20,Oslo\n30,Rome\n40,Oslo\n", READ),
    Sent("without a header, one row", BOTH, "20,Oslo\n", READ[:1]),
    Sent("in UTF-16, ended by CR", BOTH, "\ufeffage,city\r20,Oslo\r30,Rome\r40,Oslo\r".encode("utf-16-le"), READ),
    Sent("comments and sep=", BOTH, "sep=;\n# of today\nage;city\n20;Oslo\n30;Rome\n# half\n40;Oslo\n", READ),
    Sent("an index that pandas wrote", BOTH, ",age,city\n7,20,Oslo\n3,30,Rome\n5,40,Oslo\n", READ),
    Sent("an empty column", BOTH, "age,city\n,Oslo\n,Rome\n", [[None, "Oslo"], [None, "Rome"]]),
    Sent("nothing but missing names", BOTH, "age,city\n20,\n30,NA\n", [[20, None], [30, None]]),
    Sent("a column is lacking", BOTH, "age\n20\n30\n", [[20, None], [30, None]], notes=(("city", None, 2),)),
    Sent(
        "a column besides",
        BOTH,
        "age,town,city\n20,x,Oslo\n30,y,Rome\n",
        [[20, "Oslo"], [30, "Rome"]],
        notes=(("town", None, 2),),
    ),
    Sent(
        "a column that was left out",
        BOTH,
        "age,id,city\n20,x,Oslo\n30,y,Rome\n",
        [[20, "Oslo"], [30, "Rome"]],
        notes=(("id", None, 2),),
        says={"ignored": ("id",)},
    ),
    # Categories
    Sent("blanks around names", BOTH, "age,city\n20, Oslo \n30,Rome\t\n", [[20, "Oslo"], [30, "Rome"]]),
    Sent(
        "a name that training never saw",
        BOTH,
        "age,city\n20,Bonn\n30,Rome\n40,Bonn\n",
        [[20, None], [30, "Rome"], [40, None]],
        notes=(("city", "Bonn", 2),),
    ),
    Sent(
        "a name that training never saw, refused",
        BOTH,
        "age,city\n20,Oslo\n30,Bonn\n",
        error=("row 2", "'city'", "'Bonn'", "'Oslo'"),
        says={"unknown": "refuse"},
    ),
    Sent(
        "names that hardly come again",
        (CITY,),
        MANY,
        [[None]] * 40,
        notes=tuple(("city", f"town {row}", 1) for row in range(40)),
    ),
    Sent(
        "zip codes, uploaded plainly",
        (ZIP, AGE),
        "zip,age\n00501,1\n501,2\n02134,3\n",
        [["00501", 1], ["501", 2], ["02134", 3]],
    ),
    Sent("zip codes, none with a zero", (ZIP, AGE), "zip,age\n501,1\n501,2\n", [["501", 1], ["501", 2]]),
    Sent(
        "a zip code that training never saw",
        (ZIP,),
        "zip,y\n2134,a\n00501,b\n",
        [[None], ["00501"]],
        notes=(("zip", "2134", 1),),
    ),
    Sent(
        "names of numbers by their value",
        (Column("k", "categorical", ("1.0", "2.0")), AGE),
        "k,age\n1,5\n2.0,6\n",
        [["1.0", 5], ["2.0", 6]],
    ),
    Sent(
        "names of numbers with fractions",
        (Column("k", "categorical", ("1", "2")), AGE),
        "k,age\n1.0,5\n2.0,6\n",
        [["1", 5], ["2", 6]],
    ),
    Sent(
        "names beyond 2⁵³",
        (Column("k", "categorical", ("9007199254740992", "9007199254740993")), AGE),
        "k,age\n9007199254740993,5\n9007199254740992,6\n",
        [["9007199254740993", 5], ["9007199254740992", 6]],
    ),
    Sent(
        "names that are written as 1e5 and +7",
        (Column("k", "categorical", ("+7", "1e5")), AGE),
        "k,age\n1e5,5\n+7,6\n",
        [["1e5", 5], ["+7", 6]],
    ),
    # Truth values
    *(
        Sent(f"truth values: {yes}", (FLAG, AGE), f"flag,age\n{yes},5\n{no},6\n", [["true", 5], ["false", 6]])
        for yes, no in (("True", "False"), ("TRUE", "FALSE"), ("true", "false"), ("1", "0"), ("1.0", "0.0"))
    ),
    *(
        Sent(f"noughts and ones: {yes}", (SWITCH, AGE), f"switch,age\n{yes},5\n{no},6\n", [[1, 5], [0, 6]])
        for yes, no in (("1", "0"), ("True", "False"), ("true", "false"), ("1.0", "0"))
    ),
    Sent(
        "truth values of an older model",
        (Column("flag", "categorical", ("False", "True")), AGE),
        "flag,age\ntrue,5\nFALSE,6\n",
        [["True", 5], ["False", 6]],
    ),
    # Numbers
    Sent("thousands", (SIZE, AGE), "size\tage\n1,200\t5\n950\t6\n", [[1200, 5], [950, 6]]),
    Sent("thousands by points", (SIZE, Column("x")), "size;x\n1.234;0,5\n950;1,5\n", [[1234, 0.5], [950, 1.5]]),
    Sent("signs", (SIZE, AGE), "size,age\n$5,5 %\n(7),6\n", [[5, 5], [-7, 6]]),
    Sent(
        "thousands that nobody can tell",
        (SIZE, AGE),
        "size;age\n1,200;5\n2,500;6\n",
        error=("row 1", "'size'", "1,200", "decimal="),
    ),
    Sent(
        "thousands that were said",
        (SIZE, AGE),
        "size;age\n1,200;5\n2,500;6\n",
        [[1200, 5], [2500, 6]],
        says={"thousands": ","},
    ),
    Sent(
        "a placeholder among numbers",
        BOTH,
        "age,city\n20,Oslo\n-,Rome\n",
        [[20, "Oslo"], [None, "Rome"]],
        notes=(("age", "-", 1),),
    ),
    Sent(
        "placeholders alone",
        BOTH,
        "age,city\n-,Oslo\n-,Rome\n",
        [[None, "Oslo"], [None, "Rome"]],
        notes=(("age", "-", 2),),
    ),
    Sent(
        "numbers far away",
        BOTH,
        "age,city\n20,Oslo\n900,Rome\n",
        [[20, "Oslo"], [900, "Rome"]],
        notes=(("age", 900, 1),),
    ),
    Sent("zeros before numbers", BOTH, "age,city\n007,Oslo\n30,Rome\n", [[7, "Oslo"], [30, "Rome"]]),
    # Parquet
    Sent(
        "Parquet",
        BOTH,
        parquet({"city": (TEXT, ["Oslo", "Rome"]), "age": (INT, [20, 30])}),
        [[20, "Oslo"], [30, "Rome"]],
    ),
    Sent(
        "Parquet, an index",
        BOTH,
        parquet({"city": (TEXT, ["Oslo", "Rome"]), "age": (INT, [20, 30]), "row": (INT, [3, 1])}, ["row"]),
        [[20, "Oslo"], [30, "Rome"]],
    ),
    Sent(
        "Parquet, names as numbers",
        (ZIP, AGE),
        parquet({"zip": (INT, [501, 501]), "age": (FLOAT, [1, None])}),
        [["501", 1], ["501", None]],
    ),
    Sent(
        "Parquet, numbers as text",
        (SIZE, AGE),
        parquet({"size": (TEXT, ["1.5", None]), "age": (TEXT, ["20", " 30 "])}),
        [[1.5, 20], [None, 30]],
    ),
    Sent(
        "Parquet, whole numbers with nulls",
        BOTH,
        parquet({"age": (INT, [None, 20]), "city": (TEXT, [None, "Oslo"])}),
        [[None, None], [20, "Oslo"]],
    ),
    # Refused
    Sent("refused: words for numbers", BOTH, "age,city\n20,Oslo\nold,Rome\n", error=("row 2", "'age'", "'old'")),
    Sent(
        "refused: nothing but words for numbers",
        BOTH,
        "age,city\nold,Oslo\nyoung,Rome\n",
        error=("row 1", "'age'", "'old'"),
    ),
    Sent("refused: other columns", BOTH, "alter,stadt\n20,Oslo\n30,Rome\n", error=("'age'", "'city'", "'alter'")),
    Sent("refused: a row too short", BOTH, "age,city\n20,Oslo\n30\n", error=("row 2", "line 3")),
    Sent("refused: infinity", BOTH, "age,city\n20,Oslo\ninf,Rome\n", error=("row 2", "'age'", "inf")),
    Sent("refused: too large a number", BOTH, "age,city\n20,Oslo\n1e300,Rome\n", error=("row 2", "'age'", "1e+300")),
    Sent("refused: other columns, all of names", (CITY, ZIP), "stadt,plz\nOslo,501\n", error=("'city'", "'stadt'")),
    Sent("swapped columns of one kind", (SIZE, AGE), "age,size\n1,2\n3,4\n", [[2, 1], [4, 3]]),
)


def plain(case: Case) -> bool:
    """Whether each line of the file is a row, or the names: no comments, no line ends within quotes."""
    return (
        isinstance(case.data, str)
        and not set("#\r").intersection(case.data)
        and "two\n" not in case.data
        and len(case.data) < 2000
    )


@pytest.mark.parametrize("sent", CASES, ids=str)
def test_a_file_is_read_by_the_columns_of_the_model(sent: Sent) -> None:
    if sent.error:
        with pytest.raises(NNError) as caught:
            rows_for(sent.columns, sent.data, target="y", **sent.says)
        assert not [part for part in sent.error if part not in str(caught.value)], str(caught.value)
        assert not [part for part in INSIDE if part in str(caught.value)]
        return

    x, targets, notes = rows_for(sent.columns, sent.data, target="y", **sent.says)

    assert decoded(x, sent.columns) == [list(row) for row in sent.rows]
    assert sent.targets is None or targets == list(sent.targets)
    assert sorted(notes, key=repr) == sorted(sent.notes, key=repr)


@pytest.mark.parametrize("case", [case for case in LEARNED if case.columns], ids=str)
def test_a_file_that_was_learned_is_read_alike_for_its_model(case: Case) -> None:
    _, table = parse({"file": case.file}, DatasetSpec.model_validate(case.spec))
    said = {name: value for name, value in case.spec.items() if name in ("header", "decimal", "thousands", "encoding")}

    x, _, _ = rows_for(table.columns, case.file.read(), ignored=tuple(table.ignored), **said)

    np.testing.assert_array_equal(x, table.values)


@pytest.mark.parametrize("case", [case for case in LEARNED if case.columns and plain(case)], ids=str)
def test_a_row_alone_is_read_as_among_the_others_or_refused(case: Case) -> None:
    _, table = parse({"file": case.file}, DatasetSpec.model_validate(case.spec))
    said = {name: value for name, value in case.spec.items() if name in ("header", "decimal", "thousands")}
    lines = [line for line in str(case.data).splitlines() if line.strip()]
    head, rows = lines[: -len(table.values)], lines[-len(table.values) :]

    for row, values in zip(rows, table.values, strict=True):
        try:
            x, _, _ = rows_for(table.columns, "\n".join([*head, row]), ignored=tuple(table.ignored), **said)
        except NNError as error:
            assert not [part for part in INSIDE if part in str(error)]  # noqa: PT017  # refused is right, too
        else:
            np.testing.assert_array_equal(x, [values])


def decoded(x: np.ndarray, columns: Sequence[Column]) -> list[list[float | str | None]]:
    """Codes as their categories, NaN as None."""
    return [
        [
            None if np.isnan(value) else column.categories[int(value)] if column.categories else float(value)
            for value, column in zip(row, columns, strict=True)
        ]
        for row in x
    ]
