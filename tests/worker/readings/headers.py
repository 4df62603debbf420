"""The first row: names of columns, or data, by what stands below it."""

from tests.worker.readings.case import Case

MARKS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}

IRIS = "5.1,3.5,1.4,0.2,setosa\n4.9,3.0,1.4,0.2,setosa\n7.0,3.2,4.7,1.4,versicolor\n6.4,3.2,4.5,1.5,versicolor\n"
IRIS_READ = {
    "column_1": [5.1, 4.9, 7.0, 6.4], "column_2": [3.5, 3.0, 3.2, 3.2], "column_3": [1.4, 1.4, 4.7, 4.5], "column_4": [0.2, 0.2, 1.4, 1.5],
    "column_5": ["setosa", "setosa", "versicolor", "versicolor"],
}

FROM_NUMBERS = "0,1,label\n0.1,0.2,a\n0.3,0.4,b\n0.5,0.6,a\n0.7,0.8,b\n"
FROM_NUMBERS_READ = {"0": [0.1, 0.3, 0.5, 0.7], "1": [0.2, 0.4, 0.6, 0.8], "label": list("abab")}

TAKEN, DATA = "names", "data"

CASES = (
    *(Case(f"numbers and a word, {name}", FROM_NUMBERS.replace(",", mark), columns=FROM_NUMBERS_READ) for name, mark in MARKS.items()),
    Case("numbers and a word, classes", FROM_NUMBERS, classes=("a", "b"), counts=(2, 2), target="label"),
    Case("numbers and a word, quoted", '"0","1","label"\n0.1,0.2,"a"\n0.3,0.4,"b"\n0.5,0.6,"a"\n',
         columns={"0": [0.1, 0.3, 0.5], "1": [0.2, 0.4, 0.6], "label": list("aba")}),
    Case("numbers and a word, decimal commas", "0;1;label\n0,1;0,2;a\n0,3;0,4;b\n0,5;0,6;a\n",
         columns={"0": [0.1, 0.3, 0.5], "1": [0.2, 0.4, 0.6], "label": list("aba")}),
    Case("numbers and a word over numbers", "0,1,target\n" + "0.5,2.5,7\n1.5,0.25,9\n" * 20,
         columns={"0": [0.5, 1.5] * 20, "1": [2.5, 0.25] * 20, "target": [7, 9] * 20}),
    Case("numbers and a word over noughts and ones", "0,1,2,y\n" + "0,1,0,yes\n1,0,1,no\n" * 10,
         columns={"0": [0, 1] * 10, "1": [1, 0] * 10, "2": [0, 1] * 10, "y": ["yes", "no"] * 10}),
    Case("years", "country,2019,grew\nDE,1.5,yes\nFR,2.5,no\nDE,3.5,yes\n",
         columns={"country": ["DE", "FR", "DE"], "2019": [1.5, 2.5, 3.5], "grew": ["yes", "no", "yes"]}),
    Case("two years", "country,2019,2020\nDE,1.5,2\nFR,2.5,3\nDE,3.5,4\n",
         columns={"country": ["DE", "FR", "DE"], "2019": [1.5, 2.5, 3.5], "2020": [2, 3, 4]}),
    Case("glass", "ri,na,mg,type\n1.52,13.6,4.5,1\n1.51,13.9,3.6,2\n1.52,13.5,3.5,1\n",
         columns={"ri": [1.52, 1.51, 1.52], "na": [13.6, 13.9, 13.5], "mg": [4.5, 3.6, 3.5], "type": [1, 2, 1]}),
    Case("glass in capitals", "RI,NA,MG,TYPE\n1.52,13.6,4.5,a\n1.51,13.9,3.6,b\n", columns={"RI": [1.52, 1.51], "NA": [13.6, 13.9], "MG": [4.5, 3.6], "TYPE": ["a", "b"]}),
    *(
        Case(f"a column called {name}", f"{name},x,y\n1.5,2.5,a\n3.5,4.5,b\n", columns={name: [1.5, 3.5], "x": [2.5, 4.5], "y": ["a", "b"]})
        for name in ("nan", "null", "inf", "None", "N/A", "e5", "-", "%", "T", "true", "µm", "1st", "x 1", "$")
    ),
    Case("pandas' names over decimals", "0,1,2,3\n-1.25,0.5,3.75,a\n2.5,-0.75,1.5,b\n0.25,1.75,-2.5,a\n",
         columns={"0": [-1.25, 2.5, 0.25], "1": [0.5, -0.75, 1.75], "2": [3.75, 1.5, -2.5], "3": list("aba")}),
    Case("pandas' names over large numbers", "0,1,2\n150,2500,17\n250,3500,18\n", columns={"0": [150, 250], "1": [2500, 3500], "2": [17, 18]}),
    Case("counted from one over decimals", "1,2,3\n0.25,7.5,a\n0.75,8.5,b\n", columns={"1": [0.25, 0.75], "2": [7.5, 8.5], "3": ["a", "b"]}),
    Case("words over numbers", "a,b\n1,2\n3,4\n", columns={"a": [1, 3], "b": [2, 4]}, notes=(TAKEN,)),
    Case("words over words", "city,label\noslo,a\nrome,b\noslo,b\nrome,a\n", columns={"city": ["oslo", "rome"] * 2, "label": list("abba")}),
    Case("words over words that come once", "name,city\nann,oslo\nbob,rome\n", columns={"name": ["ann", "bob"], "city": ["oslo", "rome"]}),
    Case("words over truth values", "smoker,sick\nTrue,False\nFalse,True\n", columns={"smoker": ["true", "false"], "sick": ["false", "true"]}),
    Case("words over dates", "day,x\n2024-01-05,1\n2024-01-06,2\n", columns={"day": ["2024-01-05", "2024-01-06"], "x": [1, 2]}),
    Case("words over money", "price,y\n$5,a\n$7,b\n", columns={"price": [5, 7], "y": ["a", "b"]}),
    Case("words over one row", "x1,x2,y\n1,2,3\n", columns={"x1": [1], "x2": [2], "y": [3]}),
    Case("words over an empty column", "a,b,y\n1,,x\n2,,z\n", columns={"a": [1, 2], "y": ["x", "z"]}, ignored={"b": "missing"}),
    Case("words over missing values at first", "a,b,y\n,,x\n,,z\n1,2,x\n", columns={"a": [None, None, 1], "b": [None, None, 2], "y": ["x", "z", "x"]}),
    Case("a target called as one of its classes", "code,y\nB1,n\nA3,y\nB1,n\nA3,y\n", columns={"code": ["B1", "A3"] * 2, "y": list("nyny")}),
    Case("words over cells that are nearly all numbers", "v,y\n" + "1,x\n2,y\n" * 10 + "<5,x\n", error=("row 21", "'v'", "'<5'")),
    Case("a word beside a class that is called so", "x,y,class\n1,2,class\n3,4,other\n5,6,other\n", {"header": True},
         {"x": [1, 3, 5], "y": [2, 4, 6], "class": ["class", "other", "other"]}),
    Case("words with a byte order mark", "\ufeffa,b\n1,2\n3,4\n", columns={"a": [1, 3], "b": [2, 4]}),
    Case("words in quotes", '"a, cm","b"\n1,2\n3,4\n', columns={"a, cm": [1, 3], "b": [2, 4]}),
    Case("one name is blank", "a,,c\n1.5,x,2\n2.5,z,3\n", columns={"a": [1.5, 2.5], "column_2": ["x", "z"], "c": [2, 3]}),
    # Data from the first row on
    *(Case(f"iris without a header, {name}", IRIS.replace(",", mark), columns=IRIS_READ, notes=(DATA,)) for name, mark in MARKS.items()),
    Case("iris without a header, decimal commas", IRIS.replace(",", ";").replace(".", ","), columns=IRIS_READ),
    Case("wine without a header", "1,14.23,1.71\n1,13.2,1.78\n2,12.37,0.94\n3,12.86,1.35\n",
         columns={"column_1": [1, 1, 2, 3], "column_2": [14.23, 13.2, 12.37, 12.86], "column_3": [1.71, 1.78, 0.94, 1.35]}),
    Case("XOR", "0,1,1\n1,0,1\n1,1,0\n0,0,0\n", columns={"column_1": [0, 1, 1, 0], "column_2": [1, 0, 1, 0], "column_3": [1, 1, 0, 0]}),
    Case("XOR from nought", "0,0,0\n0,1,1\n1,0,1\n1,1,0\n", columns={"column_1": [0, 0, 1, 1], "column_2": [0, 1, 0, 1], "column_3": [0, 1, 1, 0]}),
    Case("whole numbers", "1,2,3\n4,5,6\n7,8,9\n10,11,12\n", columns={"column_1": [1, 4, 7, 10], "column_2": [2, 5, 8, 11], "column_3": [3, 6, 9, 12]}),
    Case("whole numbers in any order", "3,1,2\n2,5,9\n4,0,1\n", columns={"column_1": [3, 2, 4], "column_2": [1, 5, 0], "column_3": [2, 9, 1]}),
    Case("numbers beyond those below", "9,8.5,a\n1,2.5,b\n3,4.5,a\n", columns={"column_1": [9, 1, 3], "column_2": [8.5, 2.5, 4.5], "column_3": list("aba")}),
    Case("cars", "vhigh,vhigh,2,small,unacc\nhigh,vhigh,2,big,unacc\nvhigh,low,4,small,acc\nhigh,low,4,big,acc\n",
         columns={"column_1": ["vhigh", "high"] * 2, "column_2": ["vhigh", "vhigh", "low", "low"], "column_3": [2, 2, 4, 4],
                  "column_4": ["small", "big"] * 2, "column_5": ["unacc", "unacc", "acc", "acc"]}),
    Case("mushrooms", "p,x,s\ne,x,s\ne,b,s\np,x,y\n", columns={"column_1": list("peep"), "column_2": list("xxbx"), "column_3": list("sssy")}),
    Case("votes", "republican,n,y,?\ndemocrat,?,y,y\nrepublican,n,y,n\ndemocrat,y,n,y\n",
         columns={"column_1": ["republican", "democrat"] * 2, "column_2": ["n", None, "n", "y"], "column_3": list("yyyn"), "column_4": [None, "y", "n", "y"]}),
    Case("adult", "39,State-gov,77516,<=50K\n50,Private,83311,>50K\n38,Private,215646,<=50K\n53,State-gov,234721,>50K\n",
         columns={"column_1": [39, 50, 38, 53], "column_2": ["State-gov", "Private", "Private", "State-gov"],
                  "column_3": [77516, 83311, 215646, 234721], "column_4": ["<=50K", ">50K"] * 2}),
    Case("data, the first cell missing", "?,5.5,a\n2,6.5,b\n3,7.5,a\n", columns={"column_1": [None, 2, 3], "column_2": [5.5, 6.5, 7.5], "column_3": list("aba")}),
    Case("data, one class", "1.5,a\n2.5,a\n3.5,a\n", columns={"column_1": [1.5, 2.5, 3.5], "column_2": list("aaa")}),
    Case("data, a name that comes once", "5.5,ann\n6.5,bob\n7.5,eve\n", columns={"column_1": [5.5, 6.5, 7.5], "column_2": ["ann", "bob", "eve"]}),
    # What the sender says
    Case("header=true", "2019,2020\n1,2\n2021,2022\n", {"header": True}, {"2019": [1, 2021], "2020": [2, 2022]}),
    Case("header=false", "x,y\nx,z\n", {"header": False}, {"column_1": ["x", "x"], "column_2": ["y", "z"]}),
    Case("header=false over numbers", "x,y\n" + "1,2\n3,4\n" * 10, {"header": False}, error=("row 1", "'x'", "header=true")),
    Case("refused: a name twice", "a,a\n1,2\n", error=("'a'", "twice", "header=false")),
    Case("refused: a target where there are no names", IRIS, {"target": "species"}, error=("species", "header=true")),
    Case("refused: categorical where there are no names", IRIS, {"categorical": "species"}, error=("species", "header=true")),
)
