"""What is said of an uploaded file: the query of `POST /v1/datasets`, or fields of its form."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from worker.jobspec.names import Names, split

Encoding = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]

ENCODINGS: Final = (
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    *(f"windows-{number}" for number in range(1250, 1259)),
    *(f"iso-8859-{number}" for number in (*range(1, 12), *range(13, 17))),
    "macintosh",
    "koi8-r",
    "koi8-u",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "gb18030",
    "big5",
)
"""Names of the IANA registry that Python knows too."""

SYNONYMS: Final = {"latin-1": "iso-8859-1", "latin1": "iso-8859-1", "macintosh": "mac_roman"} | {
    f"cp{number}": f"windows-{number}" for number in range(1250, 1259)
}


def known_encoding(name: str) -> str:
    """An encoding of text under the name that Python has for it; ValueError."""
    lower = name.lower()
    known = SYNONYMS.get(lower, lower)
    if known not in ENCODINGS and lower not in SYNONYMS:
        raise ValueError(f"expected one of {', '.join(ENCODINGS)}, got {name!r}")
    return known


class TextSpec(BaseModel):
    """How the text of a CSV file is written. What is not said is read off the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    header: bool | None = Field(None, description="whether the first row of a CSV file names its columns")
    decimal: Literal[".", ","] | None = Field(
        None, description="the decimal mark of all numbers in a CSV file; when not given, decided for each column"
    )
    thousands: Literal[",", ".", "'", " "] | None = Field(
        None, description="what stands between groups of three digits; when not given, decided for each column"
    )
    encoding: Encoding | None = Field(
        None,
        description="of a CSV file's text, such as `windows-1252`; when not given, its byte order mark's, or UTF-8",
    )

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str | None) -> str | None:
        return None if name is None else known_encoding(name)

    @field_validator("thousands")
    @classmethod
    def _another_than_decimal(cls, mark: str | None, others: ValidationInfo) -> str | None:
        if mark is not None and mark == others.data.get("decimal"):
            raise ValueError("expected another mark than decimal")
        return mark


class DatasetSpec(TextSpec):
    """Every field is optional; what is not said is guessed, and the data set tells what was guessed."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="its name; the file's when not given"
    )
    target: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None,
        description="the column to learn; when not given, one called target, label, class, labels, outcome or y, "
        "else the last",
    )
    task: Literal["classification", "regression"] | None = Field(
        None, description="when not given: classification for names and for few different whole numbers"
    )
    categorical: Names = Field(
        "", description="columns whose numbers are names, separated by commas, such as postcodes"
    )
    leave_out: Names = Field("", description="columns that are not used, separated by commas")
    test_split: float = Field(0.2, ge=0, lt=1, description="share of the rows that training never sees")
    purpose: Literal["training", "prediction"] = Field(
        "training",
        description="`prediction`: the rows are to be predicted; they need no target, and no rule for learning holds",
    )

    @property
    def categorical_columns(self) -> frozenset[str]:
        """The names in `categorical`."""
        return split(self.categorical)

    @property
    def left_out_columns(self) -> frozenset[str]:
        """The names in `leave_out`."""
        return split(self.leave_out)
