"""Missing values, placeholders, mistakes among numbers, and truth values."""

from tests.worker.readings.case import Case

MISSING = (
    "",
    "?",
    "NA",
    "N/A",
    "#N/A",
    "<NA>",
    "n/a",
    "na",
    "NaN",
    "nan",
    "None",
    "NULL",
    "null",
    " NA ",
    "  ",
    "#NA",
    "#N/A N/A",
    "1.#IND",
    "-1.#QNAN",
    "-nan",
)

PLACEHOLDERS = (
    "-",
    "--",
    "—",
    ".",
    "unknown",
    "missing",
    "none",
    "n.a.",
    "#DIV/0!",
    " - ",
    "\\N",
    "NaT",
    "<null>",
    "(null)",
    "#NULL!",
)


def fifth(cell: str, rows: int = 60) -> str:
    """Rows of `v,w,y`, where each fifth `v` is this cell."""
    return "v,w,y\n" + "".join(f"{cell if row % 5 == 4 else row},{row % 7},{'ab'[row % 2]}\n" for row in range(rows))


FIFTH = {
    "v": [None if row % 5 == 4 else row for row in range(60)],
    "w": [row % 7 for row in range(60)],
    "y": ["ab"[row % 2] for row in range(60)],
}

CASES = (
    *(
        Case(f"missing number: {cell!r}", f"x,z,y\n1,5,a\n{cell},6,b\n3,7,a\n", columns={"x": [1, None, 3], "z": [5, 6, 7], "y": list("aba")})
        for cell in MISSING
    ),
    *(
        Case(f"missing name: {cell!r}", f"x;z;y\nred;5;a\n{cell};6;b\nred;7;a\n", columns={"x": ["red", None, "red"], "z": [5, 6, 7], "y": list("aba")})
        for cell in MISSING
        if cell.strip()
    ),
    Case("missing, quoted", 'x,z,y\n1,"",a\n"",6,b\n', columns={"x": [1, None], "z": [None, 6], "y": ["a", "b"]}),
    Case("nothing but missing values", "x,z,y\n1,,a\n2,NA,b\n", columns={"x": [1, 2], "y": ["a", "b"]}, ignored={"z": "missing"}),
    # Placeholders among numbers
    *(
        Case(f"placeholder: {cell!r}", fifth(cell), columns=FIFTH, notes=("'v'", cell.strip(), "12"))
        for cell in PLACEHOLDERS
    ),
    Case("two placeholders", fifth("-").replace("\n-,", "\nunknown,", 1), columns=FIFTH, notes=("'v'", "unknown", "12")),
    Case("few placeholders", "v,y\n" + "1,a\n2,b\n" * 20 + "-,a\n", columns={"v": [1, 2] * 20 + [None], "y": ["a", "b"] * 20 + ["a"]}, notes=("'v'",)),
    Case("half placeholders", "v,y\n1,a\n-,b\n2,a\n-,b\n", columns={"v": [1, None, 2, None], "y": list("abab")}, notes=("'v'", "2")),
    Case("mostly placeholders", "v,y\n1,a\n-,b\n-,a\n-,b\n", columns={"v": ["1", "-", "-", "-"], "y": list("abab")}),
    Case("a placeholder among names", "v,y\nred,a\n-,b\nunknown,a\nred,b\n", columns={"v": ["red", "-", "unknown", "red"], "y": list("abab")}),
    Case("a placeholder and decimal commas", "v;y\n0,5;a\n-;b\n1,5;a\n", columns={"v": [0.5, None, 1.5], "y": list("aba")}, notes=("'v'",)),
    # Mistakes
    Case("a mistake among numbers", "x,y\n" + "1,a\n2,b\n" * 10 + "1x,a\n", error=("row 21", "'x'", "'1x'", "categorical=x")),
    Case("a mistake among decimal commas", "x;y\n" + "1,5;a\n2;b\n" * 10 + "1,5,2;a\n", error=("row 21", "'x'", "'1,5,2'")),
    Case("a mistake in the last of many rows", "x,y\n" + "1,a\n2,b\n" * 5000 + "oops,a\n", error=("row 10001", "'x'", "'oops'")),
    Case("a mistake before numbers", "x,y\noops,a\n" + "1,a\n2,b\n" * 10, error=("row 1", "'x'", "'oops'")),
    Case("odd cells, kept as names", "x,y\n" + "1,a\n2,b\n1,a\n3 or 4,b\n" * 6, columns={"x": ["1", "2", "1", "3 or 4"] * 6, "y": list("abab") * 6},
         notes=("'x'", "row 4", "3 or 4", "18")),
    Case("odd cells, left out", "x,z,y\n" + "".join(f"{row if row % 4 else f'about {row}'},{row % 3},{'ab'[row % 2]}\n" for row in range(40)),
         columns={"z": [row % 3 for row in range(40)], "y": ["ab"[row % 2] for row in range(40)]}, ignored={"x": "about 0"},
         ),
    Case("odd cells, named by row", "x,y\n7,a\n8,b\n9,a\ntall,b\n", columns={"x": ["7", "8", "9", "tall"], "y": list("abab")}, notes=("'x'", "row 4", "tall")),
    Case("said to be names", "x,y\n" + "1,a\n2,b\n" * 10 + "1x,a\n", {"categorical": "x"}, {"x": ["1", "2"] * 10 + ["1x"], "y": ["a", "b"] * 10 + ["a"]},
         silent=("1x",)),
    # Truth values
    *(
        Case(f"truth values: {yes!r}, {no!r}", f"x,y\n{yes},a\n{no},b\n{yes},a\n", columns={"x": ["true", "false", "true"], "y": list("aba")})
        for yes, no in (("True", "False"), ("TRUE", "FALSE"), ("true", "false"), ("True", "FALSE"), (" True", "false "))
    ),
    Case("truth values, some missing", "x,y\nTrue,a\n,b\nFalse,a\n", columns={"x": ["true", None, "false"], "y": list("aba")}),
    Case("truth values as classes", "x,y\n1,True\n2,False\n3,True\n4,FALSE\n", classes=("false", "true"), counts=(2, 2)),
    Case("truth values and others", "x,y\nTrue,a\nmaybe,b\nFalse,a\n", columns={"x": ["True", "maybe", "False"], "y": list("aba")}),
    Case("truth values said to be names", "x,y\nTrue,a\nFALSE,b\n", {"categorical": "x"}, {"x": ["true", "false"], "y": ["a", "b"]}),
    Case("yes and no", "x,y\nyes,a\nNo,b\nyes,a\n", columns={"x": ["yes", "No", "yes"], "y": list("aba")}),
    Case("nought and one", "x,y\n1,a\n0,b\n1,a\n", columns={"x": [1, 0, 1], "y": list("aba")}),
)
