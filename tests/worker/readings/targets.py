"""Which column is learned, and as what: by its usual name, by its place, as the sender says; never another in silence."""

import numpy as np

from tests.worker.readings.case import Case
from tests.worker.readings.files import npz

TWENTY = range(24)


def rows(header: str, *cells: str) -> str:
    """24 rows; in a cell, `#` is the row's number."""
    return (
        header
        + "\n"
        + "".join(",".join(cells).replace("#", str(row)).replace("@", "ab"[row % 2]) + "\n" for row in TWENTY)
    )


X6 = np.arange(12.0).reshape(6, 2)
ONE_HOT = np.eye(3, dtype=np.int64)[[0, 1, 2, 1, 0, 2]]
DIGITS = np.arange(60) % 10

CASES = (
    *(
        Case(f"the target is called {name}", f"x,{name},z\n1,a,5\n2,b,6\n3,a,7\n4,b,8\n", target=name, notes=(f"'{name}'",), classes=("a", "b"))
        for name in ("target", "label", "class", "labels", "outcome", "y", "Target", "LABEL", "Class")
    ),
    Case("a class goes before y", "y,class,z\n1,a,5\n2,b,6\n3,a,7\n4,b,8\n", target="class"),
    Case("the last column", "a,b,c\n1,x,5.5\n2,y,6.5\n3,x,7.5\n4,y,8.5\n", target="c", task="regression", notes=("'c'", "last")),
    Case("a trailing delimiter", "a,b,kind,\n1,5,u,\n2,6,v,\n1,5,u,\n2,6,v,\n", target="kind", classes=("u", "v")),
    Case("trailing delimiters, as Excel writes them", "a;kind;;\n1;u;;\n2;v;;\n1;u;;\n2;v;;\n;;;\n;;;\n", target="kind", rows=4),
    Case("the target that is said", "a,b,label\n1,x,u\n2,y,v\n3,x,u\n4,y,v\n", {"target": "b"}, target="b", classes=("x", "y")),
    Case("classes by size", "x,y\n1,10\n2,9\n3,10\n4,9\n", classes=("9", "10"), task="classification"),
    Case("classes are trimmed", "x,y\n1,yes \n2,no\n3,yes\n4, no\n", classes=("no", "yes"), counts=(2, 2)),
    Case("classes of words and numbers", "x,y\n1,10\n2,b\n3,10\n4,b\n", classes=("10", "b"), counts=(2, 2)),
    Case("classes with decimal commas beside", "x;y\n0,5;a\n1,5;b\n2,5;a\n3,5;b\n", classes=("a", "b"), counts=(2, 2)),
    Case("classes by thousands", "x\ty\n1\t1,000\n2\t5\n3\t1,000\n4\t5\n", classes=("5", "1000")),
    Case("a regression by decimal commas", "x;y\n1;0,5\n2;1,5\n3;2,5\n4;3,5\n", task="regression"),
    # Rows without a target
    *(
        Case(f"rows without a target: {cell!r}", f"x,z,y\n1,5,a\n2,6,{cell}\n3,5,b\n4,6,a\n5,5,{cell}\n6,6,b\n", rows=4, counts=(2, 2), notes=("2 rows", "row 2"))
        for cell in ("", "NA", "?", "null")
    ),
    Case("rows without a target, numbers", "x,y\n1,0.5\n2,\n3,2.5\n4,3.5\n5,4.5\n", rows=4, task="regression", notes=("row 2",)),
    Case("rows without a target, placeholders", "x,y\n" + "1,0.5\n2,-\n3,2.5\n4,3.5\n" * 3, rows=9, task="regression", notes=("3 rows", "row 2")),
    Case("refused: no row has a target", "x,z,y\n1,5,\n2,6,\n3,5,\n4,6,\n", {"target": "y"}, error=("'y'", "missing")),
    Case("refused: too few rows have a target", "x,z,y\n1,5,a\n2,6,b\n3,5,\n4,6,\n", error=("rows", "no target", "'y'")),
    # A target that cannot be learned does not hand its place on
    Case("refused: the label is empty", "a,b,label\n1,5,\n2,6,\n3,5,\n4,7,\n", error=("'label'", "missing", "target=")),
    Case("refused: the first name is empty", "target,b,label\n,5,a\n,6,b\n,5,a\n,7,b\n", error=("'target'", "missing", "target=")),
    Case("refused: the label is text that hardly comes again", rows("a,kind,label", "#", "@", "text #"), error=("'label'", "24 different values", "target=")),
    Case("refused: too many classes", "a,label\n" + "".join(f"1,c{row % 1200}\n" for row in range(3600)), error=("'label'", "1000", "target=")),
    Case("refused: the last column is text that hardly comes again", rows("a,kind,note", "#", "@", "text #"), error=("'note'", "24 different values", "target=")),
    Case("refused: the last column is empty", "a,b,note\n1,5,\n2,6,\n3,5,\n4,7,\n", error=("'note'", "missing", "target=")),
    Case("the empty column is said not to be it", "a,b,note\n1,x,\n2,y,\n3,x,\n4,y,\n", {"target": "b"}, target="b", notes=("'note'",)),
    Case("refused: a target that is nobody's", "a,b\n1,2\n3,4\n", {"target": "c"}, error=("'c'", "a, b")),
    Case("refused: a target that was left out", rows("id,b,y", "text #", "#", "@"), {"target": "id"}, error=("'id'", "24 different values")),
    Case("refused: one column", "y\n1\n2\n3\n4\n", error=("'y'", "target=")),
    Case("refused: nothing beside the target", rows("id,label", "text #", "@"), error=("'label'", "'id'", "24 different values")),
    Case("refused: nothing beside the target, all empty", "a,b,label\n,,x\n,,y\n,,x\n,,y\n", error=("'label'", "'a'", "missing")),
    Case("refused: one class", "a,label\n1,x\n2,x\n3,x\n4,x\n", error=("two classes", "'label'", "target=")),
    Case("refused: names for a regression", "a,label\n1,x\n2,y\n3,x\n4,y\n", {"task": "regression"}, error=("'label'", "target=", "regression")),
    # The task
    Case("few whole numbers", "x,y\n" + "1,0\n2,1\n3,0\n4,1\n" * 10, task="classification", classes=("0", "1")),
    Case("many whole numbers", "x,y\n" + "".join(f"1,{row}\n" for row in range(40)), task="regression"),
    Case("few whole numbers, said", "x,y\n" + "1,0\n2,1\n3,0\n4,1\n" * 10, {"task": "regression"}, task="regression"),
    Case("a column of truth numbers", "x,y\n1,0.0\n2,1.0\n3,0.0\n4,1.0\n", task="classification", classes=("0", "1")),
    Case("several targets", npz(x=X6, y=X6 * 0.5), task="regression", rows=6),
    Case("digits of few rows, said", npz(x=np.arange(120.0).reshape(60, 2), y=DIGITS), {"task": "classification"}, task="classification",
         classes=tuple("0123456789"), counts=(6,) * 10),
    Case("truth values in arrays", npz(x=X6, y=np.array([True, False] * 3)), task="classification", classes=("false", "true"), counts=(3, 3)),
    Case("text in arrays", npz(x=X6, y=np.array(["a", "b"] * 3)), task="classification", classes=("a", "b"), counts=(3, 3)),
    # One-hot targets
    Case("one-hot classes", npz(x=X6, y=ONE_HOT), {"task": "classification"}, task="classification", classes=("0", "1", "2"), counts=(2, 2, 2)),
    Case("one-hot classes as decimals", npz(x=X6, y=ONE_HOT.astype(np.float32)), {"task": "classification"}, classes=("0", "1", "2"), counts=(2, 2, 2)),
    Case("one-hot classes as truth values", npz(x=X6, y=ONE_HOT.astype(bool)), {"task": "classification"}, classes=("0", "1", "2"), counts=(2, 2, 2)),
    Case("refused: two classes in one row", npz(x=X6, y=np.ones((6, 3))), {"task": "classification"}, error=("task", "y")),
)
