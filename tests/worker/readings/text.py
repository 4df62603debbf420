"""Bytes, lines and files of other kinds: what is text, how its lines end, which of them are no rows."""

import gzip
import io
import zipfile

from tests.worker.readings.case import Case


def archive(*files: str) -> bytes:
    """A zip with these files in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        for name in files:
            zipped.writestr(name, "content")
    return packed.getvalue()


TOWNS = "Ort;Höhe;gut\nKöln;53,5;ja\nMünchen;519;nein\nKöln;53,5;ja\n"
READ = {"Ort": ["Köln", "München", "Köln"], "Höhe": [53.5, 519, 53.5], "gut": ["ja", "nein", "ja"]}

ROWS = "a,b\n1,x\n2,y\n3,x\n"
TABLE = {"a": [1, 2, 3], "b": ["x", "y", "x"]}

SHEET = archive("[Content_Types].xml", "xl/workbook.xml")
LETTER = archive("[Content_Types].xml", "word/document.xml")
CALC = archive("mimetype", "content.xml")

PROSE = "# neurond\nTrain networks.\nServe them, over HTTP.\n"

FOREIGN = {
    "xlsx": (SHEET, ("xlsx", "CSV")), "docx": (LETTER, ("Office",)), "ods": (CALC, ("ods", "CSV")),
    "zip": (archive("table.csv"), ("zip",)), "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), ("xls", "CSV")),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(100), ("HDF5",)), "sqlite": (b"SQLite format 3\0" + bytes(100), ("SQLite",)),
    "pickle": (b"\x80\x04\x95" + bytes(20), ("pickle",)), "npy": (b"\x93NUMPY\x01\0" + bytes(20), ("npy",)),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(20), ("image",)), "pdf": (b"%PDF-1.7\n", ("PDF",)), "html": (b"<html></html>", ("HTML",)),
    "json": (b'[{"a": 1}]', ("JSON",)), "feather": (b"ARROW1\0\0" + bytes(20), ("Arrow",)),
    "gzipped xlsx": (gzip.compress(SHEET), ("xlsx",)), "xz": (b"\xfd7zXZ\0" + bytes(20), ("xz",)),
    "bzip2": (b"BZh91AY&SY" + bytes(20), ("bzip2",)), "zstd": (b"\x28\xb5\x2f\xfd" + bytes(20), ("zstd",)),
}

ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}

CASES = (
    # Encodings
    Case("UTF-8", TOWNS, columns=READ),
    Case("UTF-8 with its mark", TOWNS.encode("utf-8-sig"), columns=READ),
    Case("UTF-16, little", b"\xff\xfe" + TOWNS.encode("utf-16-le"), columns=READ),
    Case("UTF-16, big", b"\xfe\xff" + TOWNS.encode("utf-16-be"), columns=READ),
    Case("UTF-16 with CRLF and tabs, as Excel writes it", ("\ufeff" + TOWNS.replace(";", "\t").replace("\n", "\r\n")).encode("utf-16-le"), columns=READ),
    Case("UTF-16, gzipped", gzip.compress(b"\xff\xfe" + TOWNS.encode("utf-16-le")), columns=READ),
    Case("UTF-16 without its mark", TOWNS.encode("utf-16-le"), {"encoding": "utf-16-le"}, READ),
    Case("Windows-1252", TOWNS.encode("cp1252"), {"encoding": "windows-1252"}, READ),
    Case("Windows-1252 with a euro", "p,y\n5 €,a\n7 €,b\n".encode("cp1252"), {"encoding": "windows-1252"}, {"p": [5, 7], "y": ["a", "b"]}),
    Case("Latin-1", TOWNS.encode("latin-1"), {"encoding": "iso-8859-1"}, READ),
    Case("UTF-8, said", TOWNS, {"encoding": "utf-8"}, READ),
    Case("the mark goes before what is said", TOWNS.encode("utf-8-sig"), {"encoding": "windows-1252"}, READ),
    Case("gzipped", gzip.compress(TOWNS.encode()), columns=READ),
    Case("refused: no UTF-8", "a,b\n1,x\n2,é\n".encode("latin-1"), error=("line 3", "e9", "encoding=windows-1252")),
    Case("refused: no UTF-8 in the header", "Größe,b\n1,x\n".encode("latin-1"), error=("line 1", "f6", "encoding=windows-1252")),
    Case("refused: no UTF-8 after many rows", ("a,b\n" + "1,x\n" * 40_000).encode() + b"2,\xfc\n", error=("line 40002", "fc", "encoding=windows-1252")),
    Case("refused: UTF-16 without its mark", TOWNS.encode("utf-16-le"), error=("UTF-16", "encoding=utf-16")),
    Case("refused: bytes that are no text", b"\x00\x01\x02\x03" * 30, error=("file",)),
    Case("refused: half a character at the end of UTF-16", b"\xff\xfea\0,\0b\0\n\x001\0,\x002\0\n", error=("UTF-16",)),
    # Lines
    *(Case(f"lines end with {name}", ROWS.replace("\n", end), columns=TABLE) for name, end in ENDS.items()),
    *(Case(f"the last line has no {name}", ROWS.rstrip("\n").replace("\n", end), columns=TABLE) for name, end in ENDS.items()),
    *(Case(f"blank lines, {name}", ROWS.replace("\n", end * 2), columns=TABLE) for name, end in ENDS.items()),
    *(
        Case(f"lines within quotes, {name}", 'name,n\n"two\nlines",1\n"a, ""b""",2\n"two\nlines",3\n'.replace("\n", end),
             columns={"name": [f"two{end}lines", 'a, "b"', f"two{end}lines"], "n": [1, 2, 3]})
        for name, end in ENDS.items()
    ),
    Case("lines end in two ways", "a,b\r\n1,x\n2,y\r\n3,x\n", columns=TABLE),
    Case("blank lines before the header", "\n\n" + ROWS, columns=TABLE),
    Case("blanks before the header", "   \n" + ROWS, columns=TABLE),
    Case("blanks behind delimiters", "a, b\n1, x\n2, y\n3, x\n", columns=TABLE),
    Case("blanks before quotes", 'a, b\n1, "x, z"\n2, "y"\n3, "x, z"\n', columns={"a": [1, 2, 3], "b": ["x, z", "y", "x, z"]}),
    # sep=
    *(
        Case(f"sep={mark!r}", f"sep={mark}\n" + ROWS.replace(",", mark), columns=TABLE, silent=("sep=",))
        for mark in (";", ",", "\t", "|")
    ),
    Case("sep= with CRLF and a mark", ("\ufeffsep=;\r\n" + TOWNS.replace("\n", "\r\n")).encode(), columns=READ),
    Case("sep= in UTF-16", ("\ufeffsep=;\n" + TOWNS).encode("utf-16-le"), columns=READ),
    Case("sep= decides", "sep=;\n1,5;2,5\n3,7;4,6\n", columns={"column_1": [1.5, 3.7], "column_2": [2.5, 4.6]}),
    # Comments
    Case("a comment before", "# made by the lab\n" + ROWS, columns=TABLE, notes=("#", "1")),
    Case("comments before and between", "# made by\n# the lab\na,b\n1,x\n# half\n2,y\n3,x\n", columns=TABLE, notes=("3", "#")),
    Case("a comment at the end", ROWS + "# 3 rows\n", columns=TABLE, notes=("#",)),
    Case("a comment with a delimiter", "# a table, by the lab, 2020\na,b\n1,x\n2,y\n3,x\n", columns=TABLE, notes=("#",)),
    Case("comments and no header", "# x y\n1,x\n2,y\n3,x\n", columns={"column_1": [1, 2, 3], "column_2": ["x", "y", "x"]}, notes=("#",)),
    Case("a comment with CR", "# lab\ra,b\r1,x\r2,y\r3,x\r", columns=TABLE, notes=("#",)),
    Case("a comment and sep=", "sep=;\n# lab\n" + TOWNS, columns=READ, notes=("#",)),
    Case("a header that begins with #", "#id,x,y\n7,1,a\n9,2,b\n", columns={"id": [7, 9], "x": [1, 2], "y": ["a", "b"]}),
    Case("a header that begins with # and a blank", "# id;x;y\n7;1;a\n9;2;b\n", columns={"id": [7, 9], "x": [1, 2], "y": ["a", "b"]}),
    Case("rows that begin with #", "colour,n\n#fff,1\n#000,2\n#fff,3\n", columns={"colour": ["#fff", "#000", "#fff"], "n": [1, 2, 3]}),
    Case("errors count a comment's lines", "# lab\na,b\n1,x\n2\n", error=("row 2", "line 4")),
    # Files that are no tables
    *(Case(f"refused: {name}", data, error=parts) for name, (data, parts) in FOREIGN.items()),
    Case("refused: nothing", b"", error=("empty",)),
    Case("refused: a mark and nothing", b"\xef\xbb\xbf", error=("file",)),
    Case("refused: blank lines", "\n \n\n", error=("file",)),
    Case("refused: a header and nothing", "a,b\n", error=("row", "none")),
    Case("refused: comments alone", "# a\n# b\n", error=("expected",)),
    Case("refused: a row too short", "a,b\n1,2\n3\n", error=("row 2", "line 3", "2 fields", "1")),
    Case("refused: a row too long", "a,b\n1,2\n\n3,4,5\n", error=("row 2", "line 4", "2 fields", "3")),
    Case("refused: prose with a quote", PROSE + '"both", or a "1," and others\n', error=("line 4", "quote", "is the file a table?")),
    Case("refused: prose", PROSE, error=("line 3", "1 field as", "got 2", "is the file a table?")),
    Case("refused: a quote without its end", 'a,b\n"1,2\n', error=("line 2",)),
    Case("refused: bytes of nought", b"a,b\n" + b"1,2\n" * 300 + b"1,\x00\n", error=("301",)),
)
