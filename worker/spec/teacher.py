"""A stored model whose answers a training learns from: `nn.Teacher`, with its default."""

from typing import Annotated

from pydantic import Field, StrictStr

from worker.spec.parts import Part, Positive


class Teacher(Part):
    """A model asked about each batch, distorted as the student sees it; the student learns its answers, not the labels.

    Its classes and the size of its rows are those of the data set.
    """

    model: Annotated[StrictStr, Field(min_length=1, max_length=100)] = Field(
        description="ID of a stored model, or an alias; the job keeps the ID of the model that it stands for"
    )
    temperature: Positive = Field(
        4.0, description="its logits are divided by this: the higher, the more the unlikely classes count"
    )
