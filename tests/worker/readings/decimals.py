"""Thousands and decimals: decided column by column, on all rows, and refused where nobody could tell."""

from tests.worker.readings.case import Case

NAMES = {"\t": "tab", ";": "semicolon", "|": "bar"}

BY_COMMA = {
    "0,5": 0.5, "12,34": 12.34, "1234,5": 1234.5, "1.234,5": 1234.5, "1.234.567": 1234567.0, "-0,125": -0.125, "1,5e3": 1500.0,
    "12345,678": 12345.678, "+3,1416": 3.1416, ",5": 0.5,
}
BY_POINT = {
    "0.5": 0.5, "1.25": 1.25, "0.125": 0.125, "12345.678": 12345.678, "3.1416": 3.1416, ".5": 0.5, "1.5e-3": 0.0015,
    "1,234.5": 1234.5, "1,234,567": 1234567.0,
}
"""Cells that say of themselves which their decimal mark is."""

SAYS_BOTH = ("decimal=.", "decimal=,")

CASES = (
    # A comma in groups of three, in files whose delimiter is another
    *(
        Case(
            f"thousands beside hundreds, {name}",
            "income;y\n950;1\n1,200;2\n990;1\n2,000;2\n".replace(";", mark),
            columns={"income": [950, 1200, 990, 2000], "y": [1, 2, 1, 2]},
        )
        for mark, name in NAMES.items()
    ),
    *(
        Case(
            f"thousands without a header, {name}",
            "950;a\n1,200;b\n990;a\n2,000;b\n".replace(";", mark),
            columns={"column_1": [950, 1200, 990, 2000], "column_2": ["a", "b", "a", "b"]},
        )
        for mark, name in NAMES.items()
    ),
    Case("thousands, quoted", 'x,y\n950,1\n"1,200",2\n', columns={"x": [950, 1200], "y": [1, 2]}),
    Case("thousands alone, quoted", 'x,y\n"1,200",a\n"2,500",b\n', columns={"x": [1200, 2500], "y": ["a", "b"]}),
    Case("thousands twice", "x\ty\n1,234,567\ta\n12\tb\n1,000\ta\n", columns={"x": [1234567, 12, 1000], "y": list("aba")}),
    Case("thousands and a point", "x;y\n1,234.5;a\n1,200;b\n7;a\n", columns={"x": [1234.5, 1200, 7], "y": list("aba")}),
    Case("thousands beside decimals", "x\ty\n1,200\ta\n3.5\tb\n", columns={"x": [1200, 3.5], "y": ["a", "b"]}),
    Case("thousands with zero and a sign", "x|y\n-1,200|a\n0|b\n+100,000|a\n", columns={"x": [-1200, 0, 100000], "y": list("aba")}),
    Case("thousands beside a column of points", "a\tb\n950\t0.5\n1,200\t1.25\n", columns={"a": [950, 1200], "b": [0.5, 1.25]}),
    Case("thousands by a column of points", "a\tb\n1,300\t0.5\n1,200\t1.25\n", columns={"a": [1300, 1200], "b": [0.5, 1.25]}),
    Case("thousands by a column of clear thousands", "a;b\n1,300;1,000,000\n1,200;7\n", columns={"a": [1300, 1200], "b": [1e6, 7]}),
    Case("thousands late", "x;y\n" + "950;a\n" * 150 + "1,200;b\n", columns={"x": [950] * 150 + [1200], "y": ["a"] * 150 + ["b"]}),
    # A comma before decimals
    *(
        Case(
            f"decimal comma, {name}",
            "x;y\n0,5;1\n12,34;2\n-7;1\n".replace(";", mark),
            columns={"x": [0.5, 12.34, -7], "y": [1, 2, 1]},
        )
        for mark, name in NAMES.items()
    ),
    *(
        Case(f"decimal comma by {cell}", f"x;y\n{cell};a\n1,200;b\n", columns={"x": [value, 1.2], "y": ["a", "b"]})
        for cell, value in BY_COMMA.items()
    ),
    Case("decimal comma, quoted", 'x,y\n"0,5",a\n"1,25",b\n', columns={"x": [0.5, 1.25], "y": ["a", "b"]}),
    Case("decimal comma late", "x;y\n" + "7;a\n" * 150 + "0,5;b\n" * 50, columns={"x": [7] * 150 + [0.5] * 50, "y": ["a"] * 150 + ["b"] * 50}),
    Case("decimal comma by another column", "a;b\n1,300;0,5\n1,200;1,5\n", columns={"a": [1.3, 1.2], "b": [0.5, 1.5]}),
    Case("decimal comma beside plain thousands", "a;b\n1500;0,5\n1,200;1,5\n", columns={"a": [1500, 1.2], "b": [0.5, 1.5]}),
    Case("decimal comma and thousands by points", "a;b\n1.234;0,5\n950;1,5\n2.500;2,5\n980;3,5\n",
         columns={"a": [1234, 950, 2500, 980], "b": [0.5, 1.5, 2.5, 3.5]}),
    Case("decimal comma, thousands alone by points", "a;b\n1.234;0,5\n2.500;2,5\n", columns={"a": [1234, 2500], "b": [0.5, 2.5]}),
    Case("prices", "Preis;gut\n11,18;ja\n1.234,56;nein\n99;ja\n1.200;ja\n",
         columns={"Preis": [11.18, 1234.56, 99, 1200], "gut": ["ja", "nein", "ja", "ja"]}),
    # A point
    *(
        Case(f"decimal point by {cell}", f"x;y\n{cell};a\n1.234;b\n", columns={"x": [value, 1.234], "y": ["a", "b"]})
        for cell, value in BY_POINT.items()
    ),
    Case("three decimals, comma", "x,y\n1.234,a\n2.345,b\n", columns={"x": [1.234, 2.345], "y": ["a", "b"]}),
    Case("three decimals, tab", "x\ty\n1.234\ta\n2.345\tb\n", columns={"x": [1.234, 2.345], "y": ["a", "b"]}),
    Case("three decimals by another column", "a;b\n1.234;0.5\n2.345;1.5\n", columns={"a": [1.234, 2.345], "b": [0.5, 1.5]}),
    # Each column for itself
    Case("a list leaves numbers alone", "items;x\n1,2;950\n3;1200\n1,2,3;7\n4;8\n",
         columns={"items": ["1,2", "3", "1,2,3", "4"], "x": [950, 1200, 7, 8]}),
    Case("a list leaves points alone", "items\tx\ty\n1,2\t1.5\ta\n3,4,5\t2.25\tb\n1,2\t0.125\ta\n",
         columns={"items": ["1,2", "3,4,5", "1,2"], "x": [1.5, 2.25, 0.125], "y": list("aba")}),
    Case("a list in words", "tags|x\nred,blue|1.5\nred|2.5\n", columns={"tags": ["red,blue", "red"], "x": [1.5, 2.5]}),
    Case("one column by commas, one by points", "a\tb\n0,5\t0.25\n1,5\t7.5\n", columns={"a": [0.5, 1.5], "b": [0.25, 7.5]}),
    # What nobody could tell
    Case("refused: groups alone", "n;y\n1,200;a\n2,500;b\n", error=("'n'", "row 1", "1,200", "1200", "1.2", *SAYS_BOTH)),
    Case("refused: groups alone, tab", "n\ty\n1,200\ta\n2,500\tb\n", error=("'n'", "row 1", "1,200", *SAYS_BOTH)),
    Case("refused: groups alone, no header", "1,234;5,678\n2,345;6,789\n", error=("column_1", "row 1", "1,234", *SAYS_BOTH)),
    Case("refused: hundreds beside decimal commas", "a;b\n950;0,5\n1,200;1,5\n", error=("'a'", "row 2", "1,200", *SAYS_BOTH)),
    Case("refused: points alone, semicolon", "n;y\n1.234;a\n2.500;b\n", error=("'n'", "row 1", "1.234", "1234", *SAYS_BOTH)),
    Case("refused: plain thousands beside groups", "n\ty\n1500\ta\n1,200\tb\n", error=("'n'", "1,200", *SAYS_BOTH)),
    Case("refused: both marks", "n;y\n0,5;a\n0.25;b\n", error=("'n'", "row 1", "'0,5'", "row 2", "'0.25'")),
    Case("refused: both ways of thousands", "n;y\n7;a\n1.234,5;a\n1,234.5;b\n", error=("'n'", "row 2", "1.234,5", "row 3", "1,234.5")),
    Case("refused: both marks, far apart", "n;y\n" + "0,5;a\n" * 5000 + "0.25;b\n", error=("'n'", "row 1", "row 5001", "'0.25'")),
    # What the sender says
    Case("decimal=,", "n;y\n1,200;a\n2,500;b\n", {"decimal": ","}, {"n": [1.2, 2.5], "y": ["a", "b"]}),
    Case("decimal=.", "n;y\n1,200;a\n2,500;b\n", {"decimal": "."}, {"n": [1200, 2500], "y": ["a", "b"]}),
    Case("thousands=,", "n;y\n1,200;a\n2,500;b\n", {"thousands": ","}, {"n": [1200, 2500], "y": ["a", "b"]}),
    Case("thousands=.", "n;y\n1.234;a\n2.500;b\n", {"thousands": "."}, {"n": [1234, 2500], "y": ["a", "b"]}),
    Case("decimal=. of points", "n;y\n1.234;a\n2.500;b\n", {"decimal": "."}, {"n": [1.234, 2.5], "y": ["a", "b"]}),
    Case("decimal=, of points", "n;y\n1.234;a\n2.500;b\n", {"decimal": ","}, {"n": [1234, 2500], "y": ["a", "b"]}),
    Case("decimal=, in a comma's file", 'n,y\n"1,200",a\n"2,500",b\n', {"decimal": ","}, {"n": [1.2, 2.5], "y": ["a", "b"]}),
    Case("decimal and thousands", "n;m\n1.234;0,5\n1.234,5;1\n", {"decimal": ",", "thousands": "."}, {"n": [1234, 1234.5], "m": [0.5, 1]}),
    Case("thousands='", "n,y\n1'200,a\n2.500,b\n", {"thousands": "'"}, {"n": [1200, 2.5], "y": ["a", "b"]}),
    Case("thousands by a blank", "n;y\n1 200;a\n950;b\n", {"thousands": " "}, {"n": [1200, 950], "y": ["a", "b"]}),
    # As numbers are everywhere
    Case("plain whole numbers", "a,b\n1,10\n2,20\n3,30\n", columns={"a": [1, 2, 3], "b": [10, 20, 30]}),
    Case("exponents and signs", "a,b\n+7,1e5\n-.5,1E-3\n5.,-2e+2\n", columns={"a": [7, -0.5, 5], "b": [1e5, 0.001, -200]}),
    Case("the largest whole numbers", "a,b\n9007199254740992,1\n-9007199254740991,2\n", columns={"a": [2.0**53, 1 - 2.0**53], "b": [1, 2]}),
    Case("milliseconds", "t,y\n1700000000000,a\n1700000000001,b\n", columns={"t": [1700000000000, 1700000000001], "y": ["a", "b"]}),
    Case("a column of one value", "a,b,y\n3,x,1\n3,x,2\n", columns={"a": [3, 3], "b": ["x", "x"], "y": [1, 2]}),
)
