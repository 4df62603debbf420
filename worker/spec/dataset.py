"""What is said of an uploaded file: the query of `POST /v1/datasets`, or fields of its form."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class DatasetSpec(BaseModel):
    """Every field is optional; what is not said is guessed, and the data set tells what was guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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
    header: bool | None = Field(None, description="whether the first row of a CSV file names its columns")
    categorical: str = Field(
        "", max_length=2000, description="columns whose numbers are names, separated by commas, such as postcodes"
    )
    test_split: float = Field(0.2, ge=0, lt=1, description="share of the rows that training never sees")

    @property
    def categorical_columns(self) -> frozenset[str]:
        """The names in `categorical`."""
        return frozenset(name.strip() for name in self.categorical.split(",") if name.strip())
