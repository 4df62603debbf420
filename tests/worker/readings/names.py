"""Numbers that are names: leading zeros, `categorical=`."""

from tests.worker.readings.case import Case

ZIP = {"zip": ["00501", "501", "02134", "2134"], "label": list("abab")}

CASES = (
    Case("zip", "zip,label\n00501,a\n501,b\n02134,a\n2134,b\n", columns=ZIP, notes=("'zip'", "00501")),
    Case("zip, semicolon", "zip;label\n00501;a\n501;b\n02134;a\n2134;b\n", columns=ZIP, notes=("'zip'",)),
    Case("zip, quoted", 'zip,label\n"00501",a\n"501",b\n"02134",a\n"2134",b\n', columns=ZIP, notes=("'zip'",)),
    Case("zip, said", "zip,label\n00501,a\n501,b\n02134,a\n2134,b\n", {"categorical": "zip"}, ZIP),
    Case("zip, late", "zip,y\n" + "501,a\n" * 150 + "00501,b\n", columns={"zip": ["501"] * 150 + ["00501"], "y": ["a"] * 150 + ["b"]}),
    Case("zip, one missing", "zip,y\n00501,a\n,b\n00501,a\n", columns={"zip": ["00501", None, "00501"], "y": list("aba")}),
    Case("months", "m,y\n01,a\n12,b\n01,a\n", columns={"m": ["01", "12", "01"], "y": list("aba")}, notes=("'m'",)),
    Case("zero behind a sign", "m,y\n-01,a\n2,b\n", columns={"m": ["-01", "2"], "y": ["a", "b"]}),
    Case("zeros", "m,y\n00,a\n0,b\n", columns={"m": ["00", "0"], "y": ["a", "b"]}),
    Case("agents", "m,y\n007,a\n7,b\n", columns={"m": ["007", "7"], "y": ["a", "b"]}),
    Case("zero before a point", "m,y\n0.5,a\n0,b\n-0.25,a\n", columns={"m": [0.5, 0, -0.25], "y": list("aba")}),
    Case("zero in an exponent", "m,y\n1e05,a\n2e-03,b\n", columns={"m": [1e5, 0.002], "y": ["a", "b"]}),
    Case("classes with zeros", "x,y\n1,01\n2,1\n3,2\n4,01\n5,1\n6,2\n", classes=("01", "1", "2"), counts=(2, 2, 2), task="classification"),
    Case("classes with zeros come back as they are", "x,y\n1,01\n2,02\n3,01\n4,02\n", classes=("01", "02")),
    Case("classes 007 and 7", "x,y\n1,007\n2,7\n3,007\n4,7\n", classes=("007", "7"), counts=(2, 2)),
    Case("numbers said to be names", "shop,y\n12,a\n7,b\n12,a\n", {"categorical": "shop"}, {"shop": ["12", "7", "12"], "y": list("aba")}),
    *(
        Case(f"said to be a name: {cell}", f"k,y\n{cell},a\n2,b\n", {"categorical": "k"}, {"k": [cell, "2"], "y": ["a", "b"]})
        for cell in ("1.0", "1e5", "+7", "9007199254740993", "1.50", "0.10", "-0")
    ),
    Case("said to be names: neighbours beyond 2⁵³", "k,y\n9007199254740993,a\n9007199254740992,b\n", {"categorical": "k"},
         {"k": ["9007199254740993", "9007199254740992"], "y": ["a", "b"]}),
    Case("said to be names: two columns", "a,b,y\n1,2,x\n3,4,z\n", {"categorical": "a, b"}, {"a": ["1", "3"], "b": ["2", "4"], "y": ["x", "z"]}),
    Case("said to be names: blanks go", "k,y\n 1 ,a\n1,b\n", {"categorical": "k"}, {"k": ["1", "1"], "y": ["a", "b"]}),
    Case("said to be names: 1,200 beside 950", "k\ty\n1,200\ta\n950\tb\n", {"categorical": "k"}, {"k": ["1,200", "950"], "y": ["a", "b"]}),
    Case("said to be names: nobody's", "k,y\n1,a\n2,b\n", {"categorical": "c"}, error=("categorical", "'c'", "k")),
    Case("text is trimmed", "c,y\nWD ,a\n WD,b\nNew,a\n", columns={"c": ["WD", "WD", "New"], "y": list("aba")}),
    Case("text keeps its case", "c,y\nOslo,a\noslo,b\nOslo,a\n", columns={"c": ["Oslo", "oslo", "Oslo"], "y": list("aba")}),
    Case("years are numbers", "year,y\n1999,a\n2024,b\n", columns={"year": [1999, 2024], "y": ["a", "b"]}),
    Case("text that hardly comes again", "t,x,y\n" + "".join(f"word{row},{row},{'ab'[row % 2]}\n" for row in range(30)),
         columns={"x": list(range(30)), "y": ["ab"[row % 2] for row in range(30)]}, ignored={"t": "30 different values"}),
)
