"""What stands around numbers: blanks, currencies, per cent, parentheses, groups by other signs; and what is none."""

from tests.worker.readings.case import Case

NBSP, THIN, NARROW, MINUS = "\u00a0", "\u2009", "\u202f", "\u2212"

READ = {
    "blanks": (" 7 ", 7.0), "no-break blanks": (f"{NBSP}7{NBSP}", 7.0), "minus sign": (f"{MINUS}5", -5.0),
    "minus sign, decimals": (f"{MINUS}0.25", -0.25), "parentheses": ("(5)", -5.0), "parentheses, decimals": ("(0.5)", -0.5),
    "dollar": ("$5", 5.0), "dollar, decimals": ("$3.50", 3.5), "dollar and a sign": ("-$5", -5.0), "dollar, then a sign": ("$-5", -5.0),
    "euro before": ("€5", 5.0), "euro before a blank": ("€ 5", 5.0), "euro behind": ("5 €", 5.0), "euro behind, no-break": (f"5{NBSP}€", 5.0),
    "pound": ("£12", 12.0), "yen": ("¥100", 100.0), "per cent": ("5%", 5.0), "per cent, blank": ("5 %", 5.0),
    "per cent, decimals": ("-12.5%", -12.5), "dollar in parentheses": ("($5)", -5.0),
    "groups by '": ("1'234", 1234.0), "groups by ’": ("1’234", 1234.0), "groups by ' and decimals": ("12'345.5", 12345.5),
    "groups by ' twice": ("1'234'567", 1234567.0), "groups by a blank": ("1 234", 1234.0), "groups by blanks": ("1 234 567.5", 1234567.5),
    "groups by a no-break blank": (f"1{NBSP}234", 1234.0), "groups by a thin blank": (f"12{THIN}345", 12345.0),
    "groups by a narrow blank": (f"1{NARROW}234{NARROW}567", 1234567.0), "groups and a currency": (f"1 234{NBSP}€", 1234.0),
}
"""A cell as it stands, and what it is."""

NOTED = {"dollar": "$", "euro behind": "€", "pound": "£", "per cent": "%", "per cent, blank": "%"}

CONTINENTAL = {
    "euro": ("1.234,50 €", 1234.5), "per cent": ("12,5 %", 12.5), "blank": ("1 234,5", 1234.5), "narrow": (f"1{NARROW}234,5", 1234.5),
    "apostrophe": ("1'234,5", 1234.5), "parentheses": ("(1.234,5)", -1234.5), "minus sign": (f"{MINUS}0,5", -0.5),
    "euro before": ("€ 0,99", 0.99),
}

NO_NUMBERS = (
    "1_000",
    "١٢",
    "0x1F",
    "1 2",
    "12 34",
    "1'23",
    "$",
    "%",
    "()",
    "--5",
    "5 kg",
    "USD 5",
    "1.2.3",
    "1e",
    "$$5",
    "½",
    "1,2,3",
)
"""Cells that are names, however much they look like numbers."""

CASES = (
    *(
        Case(
            f"sign: {name}", f"x,y\n3,a\n{cell},b\n2,a\n", columns={"x": [3, value, 2], "y": ["a", "b", "a"]},
            notes=(NOTED[name],) if name in NOTED else (),
        )
        for name, (cell, value) in READ.items()
    ),
    *(
        Case(f"sign, tab: {name}", f"x\ty\n{cell}\tb\n2\ta\n", columns={"x": [value, 2], "y": ["b", "a"]})
        for name, (cell, value) in READ.items()
        if name in ("per cent", "dollar", "groups by '", "groups by a blank", "groups by a no-break blank", "parentheses")
    ),
    *(
        Case(f"sign and a decimal comma: {name}", f"x;y\n{cell};b\n0,25;a\n", columns={"x": [value, 0.25], "y": ["b", "a"]})
        for name, (cell, value) in CONTINENTAL.items()
    ),
    Case("sign: dollars and thousands", 'x,y\n"$1,200",a\n$950,b\n"($1,200.50)",a\n', columns={"x": [1200, 950, -1200.5], "y": list("aba")}),
    Case("sign: all per cent", "x,y\n5 %,a\n10 %,b\n", columns={"x": [5, 10], "y": ["a", "b"]}, notes=("%",)),
    Case("sign: thousands in parentheses", "x\ty\n(1,200)\ta\n950\tb\n", columns={"x": [-1200, 950], "y": ["a", "b"]}),
    *(
        Case(f"no number: {cell}", f'x,y\n"{cell}",a\nblue,b\n"{cell}",a\n', columns={"x": [cell, "blue", cell], "y": list("aba")})
        for cell in NO_NUMBERS
    ),
    *(
        Case(f"refused among numbers: {cell}", "x,y\n" + "1,a\n2,b\n" * 10 + f'"{cell}",a\n', error=("row 21", "'x'", repr(cell)))
        for cell in ("1_000", "0x1F", "5 kg", "12 34", "1O", "3..5")
    ),
    *(
        Case(f"refused: {cell}", f"x,y\n1,a\n{cell},b\n3,a\n", error=("row 2", "'x'", cell))
        for cell in ("inf", "-inf", "Infinity", "1e999", "-1e400")
    ),
)
