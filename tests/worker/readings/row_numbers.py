"""Row numbers are no features: an index that pandas wrote, nameless counters; and columns that the sender leaves out."""

from tests.worker.readings.case import Case
from tests.worker.readings.files import BOOL, FLOAT, INT, TEXT, parquet

X = {"x": [1, 2, 3, 4, 5], "label": list("ababa")}
ROWS = ("1,a", "2,b", "3,a", "4,b", "5,a")


def counted(numbers: tuple[object, ...], name: str = "") -> str:
    """The rows with these numbers before them, as `DataFrame.to_csv` writes an index."""
    return f"{name},x,label\n" + "".join(f"{number},{row}\n" for number, row in zip(numbers, ROWS, strict=True))


COUNTERS = {
    "from nought": (0, 1, 2, 3, 4), "from one": (1, 2, 3, 4, 5), "shuffled": (3, 0, 2, 1, 4), "filtered": (0, 3, 4, 17, 90),
    "filtered and shuffled": (17, 3, 90, 0, 4), "backwards": (4, 3, 2, 1, 0), "as decimals": ("0.0", "1.0", "2.0", "3.0", "4.0"),
}

KEPT = {
    "not distinct": (0, 0, 1, 2, 3), "fractions": (0.5, 1.5, 2.5, 3.5, 4.5), "names": ("u", "v", "u", "v", "u"),
    "a gap": (0, 1, "", 3, 4),
}


def stored(index: list[object] | None, **numbers: list[int]) -> bytes:
    """X as Parquet, with columns of numbers before it."""
    whole = {name: (INT, values) for name, values in numbers.items()}
    return parquet({**whole, "x": (FLOAT, X["x"]), "label": (TEXT, X["label"])}, index)


CASES = (
    *(
        Case(f"row numbers without a name, {name}", counted(numbers), columns=X, ignored={"column_1": "row"}, notes=("column_1",), target="label")
        for name, numbers in COUNTERS.items()
    ),
    *(
        Case(f"row numbers without a name, {name}, {mark}", counted(COUNTERS[name]).replace(",", delimiter), columns=X, ignored={"column_1": ""})
        for name in ("shuffled", "filtered")
        for mark, delimiter in (("semicolon", ";"), ("tab", "\t"))
    ),
    *(
        Case(f"row numbers called {name}", counted((3, 0, 2, 1, 4), name), columns=X, ignored={name: ""})
        for name in ("Unnamed: 0", "Unnamed: 0.1", "__index_level_0__")
    ),
    Case("row numbers twice", "Unnamed: 0.1,Unnamed: 0,x,label\n3,0,1,a\n0,1,2,b\n2,2,3,a\n", columns={"x": [1, 2, 3], "label": list("aba")},
         ignored={"Unnamed: 0.1": "", "Unnamed: 0": ""}),
    Case("row numbers, and again without a name", ",Unnamed: 0,x,label\n0,3,1,a\n1,0,2,b\n2,2,3,a\n", columns={"x": [1, 2, 3], "label": list("aba")},
         ignored={"column_1": "", "Unnamed: 0": ""}),
    Case("row numbers of many rows", ",x,y\n" + "".join(f"{7 * row % 5000},{row % 3},{'ab'[row % 2]}\n" for row in range(5000)),
         columns={"x": [row % 3 for row in range(5000)], "y": ["ab"[row % 2] for row in range(5000)]}, ignored={"column_1": ""}),
    *(
        Case(f"kept, though without a name: {name}", counted(numbers),
             columns={"column_1": [cell if isinstance(cell, str) and cell else None if cell == "" else float(cell) for cell in numbers], **X})
        for name, numbers in KEPT.items()
    ),
    Case("kept: a counter with a name", counted((3, 0, 2, 1, 4), "rooms"), columns={"rooms": [3, 0, 2, 1, 4], **X}),
    Case("kept: said to be names", counted((3, 0, 2, 1, 4)), {"categorical": "column_1"}, {"column_1": ["3", "0", "2", "1", "4"], **X}),
    Case("kept: said to be the target", counted((3, 0, 2, 1, 4), "Unnamed: 0"), {"target": "Unnamed: 0"}, {"Unnamed: 0": [3, 0, 2, 1, 4], **X},
         target="Unnamed: 0"),
    Case("kept: no header", "3,1,a\n0,2,b\n2,3,a\n", columns={"column_1": [3, 0, 2], "column_2": [1, 2, 3], "column_3": list("aba")}),
    Case("refused: nothing but row numbers and a target", ",label\n0,a\n1,b\n2,a\n3,b\n", error=("column_1", "label")),
    # Parquet
    Case("Parquet without metadata", stored(None), columns=X),
    Case("Parquet, a range", stored([{"kind": "range", "name": None, "start": 0, "stop": 5, "step": 1}]), columns=X),
    Case("Parquet, an index", stored(["__index_level_0__"], __index_level_0__=[3, 0, 2, 1, 4]), columns=X, ignored={"__index_level_0__": "index"}),
    Case("Parquet, an index with a name", stored(["row"], row=[13, 10, 12, 11, 14]), columns=X, ignored={"row": "index"}, notes=(), target="label"),
    Case("Parquet, an index that comes again", stored(["row"], row=[1, 1, 2, 2, 3]), columns=X, ignored={"row": "index"}),
    Case("Parquet, two levels", stored(["a", "b"], a=[1, 1, 2, 2, 3], b=[1, 2, 1, 2, 1]), columns=X, ignored={"a": "index", "b": "index"}),
    Case("Parquet, an index of text", parquet({"k": (TEXT, list("uvwxy")), "x": (FLOAT, X["x"]), "label": (TEXT, X["label"])}, ["k"]),
         columns=X, ignored={"k": "index"}),
    Case("Parquet, an index as the target", stored(["row"], row=[13, 10, 12, 11, 14]), {"target": "row"},
         {"row": [13, 10, 12, 11, 14], **X}, target="row"),
    Case("Parquet, an index of names", stored(["shop"], shop=[1, 1, 2, 2, 1]), {"categorical": "shop"}, {"shop": ["1", "1", "2", "2", "1"], **X}),
    Case("Parquet, truth values", parquet({"b": (BOOL, [True, False, None, True]), "x": (INT, [1, 2, 3, 4])}),
         columns={"b": ["true", "false", None, "true"], "x": [1, 2, 3, 4]}),
    Case("Parquet, truth values as text", parquet({"b": (TEXT, ["True", "FALSE", None, "true"]), "x": (INT, [1, 2, 3, 4])}),
         columns={"b": ["true", "false", None, "true"], "x": [1, 2, 3, 4]}),
    Case("Parquet, classes of truth values", parquet({"x": (INT, [1, 2, 3, 4]), "y": (BOOL, [True, False, False, True])}), classes=("false", "true"), counts=(2, 2)),
    Case("Parquet, text is trimmed", parquet({"c": (TEXT, ["WD ", "WD", " New", "New"]), "x": (INT, [1, 2, 3, 4])}),
         columns={"c": ["WD", "WD", "New", "New"], "x": [1, 2, 3, 4]}),
    Case("Parquet, zip codes as text", parquet({"zip": (TEXT, ["00501", "501", "501", "00501"]), "x": (INT, [1, 2, 3, 4])}),
         columns={"zip": ["00501", "501", "501", "00501"], "x": [1, 2, 3, 4]}),
    # What the sender leaves out
    Case("leave_out", "id,x,y\n7,1,a\n9,2,b\n", {"leave_out": "id"}, {"x": [1, 2], "y": ["a", "b"]}, ignored={"id": ""}),
    Case("leave_out, two", "id,t,x,y\n7,u,1,a\n9,v,2,b\n", {"leave_out": "t, id"}, {"x": [1, 2], "y": ["a", "b"]}, ignored={"id": "", "t": ""}),
    Case("leave_out, without a header", "7,1,a\n9,2,b\n", {"leave_out": "column_1"}, {"column_2": [1, 2], "column_3": ["a", "b"]}, ignored={"column_1": ""}),
    Case("leave_out, Parquet", stored(None), {"leave_out": "x"}, {"label": X["label"]}, ignored={"x": ""}),
    Case("leave_out, a column with mistakes", "id,x,y\n" + "1,1,a\n2,2,b\n" * 20 + "oops,3,a\n", {"leave_out": "id"},
         {"x": [1, 2] * 20 + [3], "y": ["a", "b"] * 20 + ["a"]}, ignored={"id": ""}),
    Case("leave_out, a column that is unclear", "n;x;y\n1,200;1;a\n2,500;2;b\n", {"leave_out": "n"}, {"x": [1, 2], "y": ["a", "b"]}, ignored={"n": ""}),
    Case("leave_out, the last column", "x,label,when\n1,a,5\n2,b,6\n3,a,7\n4,b,8\n", {"leave_out": "when"}, target="label"),
    Case("refused: leave_out of nobody", "id,x,y\n7,1,a\n9,2,b\n", {"leave_out": "ident"}, error=("leave_out", "'ident'", "id")),
    Case("refused: leave_out of the target", "x,z,y\n1,5,a\n2,6,b\n1,5,a\n2,6,b\n", {"leave_out": "y", "target": "y"}, error=("y", "leave_out")),
)
