"""Stored models whose answers a training learns from: `nn.Teacher`, with its options."""

from typing import Annotated

from pydantic import Field, StrictStr

from worker.jobspec.choices import TeacherOptions

ModelName = Annotated[StrictStr, Field(min_length=1, max_length=100)]


class Teacher(TeacherOptions):
    """Models asked about each batch, distorted as the student sees it; it learns their mean answer, not the labels.

    Their classes and the size of their rows are those of the data set.
    """

    models: list[ModelName] = Field(
        min_length=1,
        max_length=16,
        description="IDs of stored models, or aliases; the job keeps the IDs of the models that they stand for",
    )
