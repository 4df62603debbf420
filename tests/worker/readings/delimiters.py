"""Comma, semicolon, tab, bar: which of them separates, where cells hold the others."""

from tests.worker.readings.case import Case

SHOWN = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

PAIRS = {"column_1": [1.5, 3.7, 5.2, 7.1], "column_2": [2.5, 4.6, 6.8, 8.9]}

CASES = (
    *(
        Case(f"separated by a {name}", "a,b,c\n1,x,2.5\n3,y,-4e1\n5,x,7\n".replace(",", mark),
             columns={"a": [1, 3, 5], "b": ["x", "y", "x"], "c": [2.5, -40, 7]}, notes=(name,))
        for mark, name in SHOWN.items()
    ),
    # Decimal commas
    *(
        Case(f"decimals alone, {name}", "1,5;2,5\n3,7;4,6\n5,2;6,8\n7,1;8,9\n".replace(";", mark), columns=PAIRS)
        for mark, name in SHOWN.items()
        if mark != ","
    ),
    *(
        Case(f"decimals under a header without commas, {name}", "a;b\n1,5;2,5\n3,7;4,6\n".replace(";", mark), columns={"a": [1.5, 3.7], "b": [2.5, 4.6]})
        for mark, name in SHOWN.items()
        if mark != ","
    ),
    *(
        Case(f"a header with as many commas, {name}", "Länge, cm;Preis, EUR;Wert, y\n12,34;1,5;3,25\n0,75;2,5;4,5\n".replace(";", mark),
             columns={"Länge, cm": [12.34, 0.75], "Preis, EUR": [1.5, 2.5], "Wert, y": [3.25, 4.5]})
        for mark, name in SHOWN.items()
        if mark != ","
    ),
    Case("decimals in three columns", "1,5;2,5;0,1\n3,7;4,6;0,2\n", columns={"column_1": [1.5, 3.7], "column_2": [2.5, 4.6], "column_3": [0.1, 0.2]}),
    Case("decimals in one of two columns", "1;2,5\n3;4,6\n7;8,25\n", columns={"column_1": [1, 3, 7], "column_2": [2.5, 4.6, 8.25]}),
    Case("decimals in some rows", "1;2,5\n3;4\n7;8,25\n", columns={"column_1": [1, 3, 7], "column_2": [2.5, 4, 8.25]}),
    Case("decimals and classes", "5,1;3,5;setosa\n4,9;3,1;virginica\n5,1;3,5;setosa\n",
         columns={"column_1": [5.1, 4.9, 5.1], "column_2": [3.5, 3.1, 3.5], "column_3": ["setosa", "virginica", "setosa"]}),
    Case("signed decimals", "-1,5;2,5\n3,7;-4,6\n", columns={"column_1": [-1.5, 3.7], "column_2": [2.5, -4.6]}),
    Case("decimals, one missing", "1,5;2,5\n3,7;\n5,2;6,8\n", columns={"column_1": [1.5, 3.7, 5.2], "column_2": [2.5, None, 6.8]}),
    Case("decimals with CRLF and a mark", "\ufeff1,5;2,5\r\n3,7;4,6\r\n5,2;6,8\r\n7,1;8,9\r\n", columns=PAIRS),
    # Commas in text
    Case("names with a comma", "name;city;y\nSmith, J;Oslo;1\nDoe, A;Rome;2\nSmith, J;Oslo;3\n",
         columns={"name": ["Smith, J", "Doe, A", "Smith, J"], "city": ["Oslo", "Rome", "Oslo"], "y": [1, 2, 3]}),
    Case("names with a comma, in the header too", "last, first;y\nSmith, J;1\nDoe, A;2\nSmith, J;3\n",
         columns={"last, first": ["Smith, J", "Doe, A", "Smith, J"], "y": [1, 2, 3]}),
    Case("commas here and there", "text;y\nwell, yes;1\nno;2\na, b, c;3\n", columns={"text": ["well, yes", "no", "a, b, c"], "y": [1, 2, 3]}),
    Case("commas in quotes", 'a,b\n"x, y",1\n"z",2\n"x, y",3\n', columns={"a": ["x, y", "z", "x, y"], "b": [1, 2, 3]}),
    Case("semicolons in quotes", 'a,b,c\n"x;y",1,2\n"z;w",2,3\n"x;y",3,4\n', columns={"a": ["x;y", "z;w", "x;y"], "b": [1, 2, 3], "c": [2, 3, 4]}),
    # Other marks in a comma's file
    Case("semicolons in cells", "tags,x,y\n1;2,5,a\n3;4,6,b\n1;2,7,a\n", columns={"tags": ["1;2", "3;4", "1;2"], "x": [5, 6, 7], "y": list("aba")}),
    Case("bars in cells", "genre,x,y\na|b,5,n\nc|d,6,m\na|b,7,n\n", columns={"genre": ["a|b", "c|d", "a|b"], "x": [5, 6, 7], "y": list("nmn")}),
    Case("bars in each line", "a|b,x,y\nq|r,5,n\ns|t,6,m\nq|r,7,n\n", columns={"a|b": ["q|r", "s|t", "q|r"], "x": [5, 6, 7], "y": list("nmn")}),
    Case("a tab in cells", "a,b,c\nx\ty,1,2\nz,2,3\nx\ty,3,4\n", columns={"a": ["x\ty", "z", "x\ty"], "b": [1, 2, 3], "c": [2, 3, 4]}),
    Case("whole numbers by commas", "1,5,2\n3,7,4\n5,2,6\n7,1,8\n",
         columns={"column_1": [1, 3, 5, 7], "column_2": [5, 7, 2, 1], "column_3": [2, 4, 6, 8]}),
    Case("two whole numbers by a comma", "1,5\n3,7\n5,2\n", columns={"column_1": [1, 3, 5], "column_2": [5, 7, 2]}),
    Case("decimal points by commas", "1.5,2.5\n3.7,4.6\n", columns={"column_1": [1.5, 3.7], "column_2": [2.5, 4.6]}),
    Case("times by semicolons", "t;x\n08:30;1\n17:45;2\n08:30;3\n", columns={"t": ["08:30", "17:45", "08:30"], "x": [1, 2, 3]}),
    Case("an empty last column", "a,b,\n1,2,\n3,4,\n", columns={"a": [1, 3], "b": [2, 4]}, ignored={"column_3": "neither name nor value"}),
    Case("many columns", ";".join(f"c{place}" for place in range(60)) + "\n" + ";".join(["0,5"] * 60) + "\n" + ";".join(["1,5"] * 60) + "\n",
         columns={f"c{place}": [0.5, 1.5] for place in range(60)}),
)
