import gzip
import io
import zipfile

import numpy as np
import pytest

from nn.data.parse_results import MAX_COLUMNS, ParsedArrays, ParsedTable
from nn.data.readers import FOREIGN, READERS, format_of
from nn.data.readers.gzip import unpacked
from nn.data.readers.options import ReadOptions
from nn.errors import DataError, FormatError


def read_csv(text: str | bytes, **options: object) -> ParsedTable:
    data = text.encode() if isinstance(text, str) else text
    return READERS["csv"]({"file": io.BytesIO(data)}, ReadOptions(**options))


def read_npz(**arrays: object) -> ParsedArrays:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return READERS["npz"]({"file": file}, ReadOptions())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_dialect_is_found(delimiter: str) -> None:
    table = read_csv("a,b,c\n1,x,2.5\n3,y,-4e1\n".replace(",", delimiter))

    assert [column.name for column in table.columns] == ["a", "b", "c"]
    assert [column.kind for column in table.columns] == ["numeric", "categorical", "numeric"]
    np.testing.assert_array_equal(table.values, [[1, 0, 2.5], [3, 1, -40]])


def test_a_comma_may_be_the_decimal_point() -> None:
    np.testing.assert_array_equal(read_csv("a;b\n1,5;2\n-0,25;3\n").values, [[1.5, 2], [-0.25, 3]])


def test_fields_may_be_quoted_and_hold_delimiters_quotes_and_line_ends() -> None:
    table = read_csv('name,n\r\n"a, ""b""",1\r\n"two\nlines",2\r\n\r\n"a, ""b""",3\r\n')

    assert table.columns[0].categories == ('a, "b"', "two\nlines")
    np.testing.assert_array_equal(table.values, [[0, 1], [1, 2], [0, 3]])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b\n1,2\n3,4\n", ["a", "b"]),
        ("1,2\n3,4\n", ["column_1", "column_2"]),
        ("5.1,setosa\n4.9,virginica\n", ["column_1", "column_2"]),
        ("\ufeffa,b\n1,2\n", ["a", "b"]),
        ("a,\n1,2\n", ["a", "column_2"]),
        (",a,b\n0,1,x\n1,2,y\n", ["a", "b"]),
        (",\n1,2\n", ["column_1", "column_2"]),
    ],
)
def test_a_header_is_recognised_by_what_stands_below_it(text: str, names: list[str]) -> None:
    assert [column.name for column in read_csv(text).columns] == names


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ("0,5\n1,6\n2,7\n", False),
        ("7,5\n8,6\n9,7\n", False),
        ("0,5\n2,6\n1,7\n", False),
        ("x,5\ny,6\nx,7\n", True),
        ("0,5\n0,6\n1,7\n", True),
        ("0.5,5\n1,6\n2,7\n", True),
    ],
)
def test_a_column_without_a_name_that_numbers_the_rows_is_left_out(rows: str, kept: bool) -> None:
    """It is the index that pandas writes."""
    table = read_csv(",a\n" + rows)

    assert [column.name for column in table.columns] == (["column_1", "a"] if kept else ["a"])
    assert table.values.shape == (3, 1 + kept)
    assert ("column_1" in table.ignored) == (not kept)


def test_who_sends_the_file_can_say_what_the_first_row_is() -> None:
    assert [column.name for column in read_csv("2019,2020\n1,2\n", header=True).columns] == ["2019", "2020"]
    assert read_csv("x,y\nx,y\n", header=False).values.shape == (2, 2)


def test_missing_values_are_nan_in_numbers_and_in_names() -> None:
    table = read_csv("a,b\n1,x\n,?\nNA,y\n4,null\n")

    np.testing.assert_array_equal(table.values, [[1, 0], [np.nan, np.nan], [np.nan, 1], [4, np.nan]])


def test_numbers_are_names_where_that_is_said() -> None:
    [shop, _] = read_csv("shop,n\n12,1\n7,2\n12,3\n", categorical=frozenset({"shop"})).columns

    assert shop.categories == ("12", "7")


def test_what_cannot_be_learned_is_left_out_and_said() -> None:
    rows = "".join(f"text {number},{number},\n" for number in range(100))
    table = read_csv("id,n,nothing\n" + rows)

    assert [column.name for column in table.columns] == ["n"]
    assert table.ignored == {
        "id": "it is text that hardly ever comes again: 100 different values in 100 rows",
        "nothing": "all of its values are missing",
    }


def test_many_rows_and_a_column_that_turns_out_to_hold_names_at_the_end() -> None:
    rows = [f"{number},{number % 3}" for number in range(10_000)]
    rows += [f"{number},b" for number in range(10_000, 20_000)]
    table = read_csv("n,kind\n" + "\n".join(rows))

    assert table.columns[1].categories == ("0", "1", "2", "b")
    np.testing.assert_array_equal(table.values[:, 0], np.arange(20_000))
    np.testing.assert_array_equal(table.values[9_999:10_001, 1], [0, 3])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n3\n", r"row 2 \(line 3\): expected 2 fields as in the first row, got 1"),
        ("a,b\n1,2\n\n3,4,5\n", r"row 2 \(line 4\): expected 2 fields .* got 3"),
        ("a,b\n1,2\n1,1e999\n", "row 2, column 'b': expected a finite number of float64, got '1e999'"),
        ("a,b\n1,2\n-inf,2\n", "row 2, column 'a': expected a finite number"),
        ("a,b\n" + "1,2\n" * 20 + "1,2x\n", "row 21, column 'b': expected a number as in 20 other rows, got '2x'"),
        ("a,b\n", "at least one row of values, got none"),
        ("a,a\n1,2\n", "column's name once, got 'a' twice"),
        (",".join(map(str, range(MAX_COLUMNS + 1))), f"at most {MAX_COLUMNS} columns"),
        ('a,b\n"1,2\n', "line 2: .* a quote that is never closed"),
        ('"' + "a" * 200_000 + '",1\n', "a field of more than 131072 characters"),
        (b"a,b\n\xe9,2\n", "line 2: expected text in UTF-8"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(text: str, message: str) -> None:
    with pytest.raises((DataError, FormatError), match=message):
        read_csv(text)


def test_a_column_that_nobody_has_cannot_be_one_of_names() -> None:
    with pytest.raises(DataError, match="categorical: expected names of columns, got 'c'; there are a, b"):
        read_csv("a,b\n1,2\n", categorical=frozenset({"c"}))


@pytest.mark.parametrize(("start", "_"), FOREIGN)
def test_files_of_other_kinds_are_refused_by_name(start: bytes, _: str) -> None:
    with pytest.raises(FormatError, match="expected CSV, IDX or NPZ, got"):
        format_of(start + b"....")


def test_formats_are_told_by_the_first_bytes() -> None:
    starts = {
        b"\x1f\x8b\x08": "gzip",
        b"PK\x03\x04": "npz",
        b"\0\0\x08\x03": "idx",
        b"a,b\n": "csv",
    }

    assert {start: format_of(start) for start in starts} == starts
    for start in (b"", b"a\0b"):
        with pytest.raises(FormatError):
            format_of(start)


def test_npz_holds_rows_and_targets_with_a_test_part_or_without() -> None:
    x, y = np.arange(12.0).reshape(4, 3), np.array(["a", "b", "a", "b"])

    plain = read_npz(x=x, y=y)
    parted = read_npz(x_train=x, y_train=y, x_test=x[:1], y_test=y[:1], other=np.zeros(3))

    assert plain.x_test is None
    np.testing.assert_array_equal(plain.y, y)
    assert parted.x_test is not None
    np.testing.assert_array_equal(parted.x_test, x[:1])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros((2, 2)), "y": np.array([{}, None], dtype=object)}, "plain numbers or text"),
        ({"data": np.zeros(3)}, "expected arrays x and y, got data.npy"),
        ({"x": np.zeros((2, 2))}, "expected arrays x and y"),
        ({"x": np.zeros((2, 2)), "y": np.zeros(2), "x_test": np.zeros((1, 2))}, "x_test and y_test together"),
    ],
)
def test_an_npz_without_what_it_must_hold_is_refused(arrays: dict, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read_npz(**arrays)


def test_a_zip_that_is_no_zip_or_claims_more_than_may_be_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", b"\0" * 100_000)

    with pytest.raises(FormatError, match="at most 1000 bytes unpacked, got 100000"):
        READERS["npz"]({"file": file}, ReadOptions(most_bytes=1000))
    with pytest.raises(FormatError, match="a whole zip file"):
        READERS["npz"]({"file": io.BytesIO(b"PK\x03\x04 and no more")}, ReadOptions())


def test_what_is_packed_is_unpacked_as_it_is_read_and_no_further_than_a_limit() -> None:
    packed = gzip.compress(b"a,b\n1,2\n" * 1000)

    assert unpacked(io.BytesIO(packed), 8000).read() == b"a,b\n1,2\n" * 1000
    with pytest.raises(FormatError, match="at most 7999 bytes unpacked"):
        unpacked(io.BytesIO(packed), 7999).read()
    for broken in (packed[:-10], packed[:20] + b"\0\0\0" + packed[23:]):
        with pytest.raises(FormatError, match="gzip: expected a whole file"):
            unpacked(io.BytesIO(broken), 8000).read()


def test_a_packed_table_is_read_from_its_beginning_as_often_as_needed() -> None:
    file = unpacked(io.BytesIO(gzip.compress(b"a,b\n1,x\n2,y\n")), 1000)

    table = READERS["csv"]({"file": file}, ReadOptions())

    np.testing.assert_array_equal(table.values, [[1, 0], [2, 1]])
