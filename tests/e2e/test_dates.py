"""A table with dates in the running service: from the file to predictions in each form in which rows may come."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from neurond import ApiError, Client, Dataset, Model

ROWS = 1200
SOLD = ("2024-03-05", "2024-03-09")
"""A Tuesday and a Saturday after all others."""


def table() -> str:
    """Sales of days, which are many on weekends; when they were counted is in another notation."""
    first = date(2020, 1, 1)
    lines = ["sold,counted,price,many"]
    for row in range(ROWS):
        day = first + timedelta(days=row * 7 % ROWS)
        counted = f"{day.month}/{day.day}/{day.year} {row % 12 + 1}:{row % 60:02} {'AP'[row % 2]}M" if row % 50 else ""
        lines.append(f"{day},{counted},{row % 17},{'yes' if day.weekday() >= 5 else 'no'}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def service(stack) -> Iterator[Client]:
    with Client(stack.url) as client:
        yield client


@pytest.fixture(scope="module")
def sales(service: Client, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path = tmp_path_factory.mktemp("sales") / "sales.csv"
    path.write_text(table())
    return service.upload(path).wait(timeout=60)


@pytest.fixture(scope="module")
def model(service: Client, sales: Dataset) -> Model:
    job = service.submit(
        dataset=sales.id,
        model={"hidden_layers": [32], "members": 2, "preprocessing": "piecewise_linear"},
        training={"epochs": 20, "batch_size": 64, "optimizer": {"name": "adam", "learning_rate": 0.01}},
        seed=1,
    ).wait(timeout=120)
    assert job.status == "succeeded", job.error
    assert job.metrics["test_accuracy"] > 0.95
    return service.model(job.model_id)


def row(sold: str | None) -> dict[str, object]:
    return {"sold": sold, "counted": f"{sold}T09:30:00Z" if sold else None, "price": 3}


def test_dates_are_described_and_shown_as_dates(service: Client, sales: Dataset) -> None:
    sold, counted, price = sales.columns

    span = {"first": "2020-01-01", "last": "2023-04-14"}
    assert sold.kind == "date"
    assert sold.model_dump().items() >= (span | {"missing": 0}).items()
    assert (counted.kind, counted.missing) == ("date", 24)
    assert price.kind == "numeric"
    assert any("'counted' holds dates, read as month, day, year" in note for note in sales.notes)
    for sample in service.samples(sales.id, limit=5):
        assert date(2020, 1, 1) <= date.fromisoformat(sample["x"][0]) <= date(2023, 4, 14)
        assert sample["x"][1] is None or sample["x"][1][:10] == sample["x"][0]


def test_a_day_after_all_others_is_told_by_its_weekday_however_it_comes(
    service: Client, model: Model, tmp_path: Path
) -> None:
    asked = [row(day) for day in SOLD]
    text = "counted,price,sold\n" + "".join(f"{one['counted']},3,{one['sold']}\n" for one in asked)
    later = tmp_path / "later.csv"
    later.write_text(text)

    answer = service.predict(model.id, asked)
    by_text = service.predict_csv(model.id, text.encode())
    file = service.upload(later, purpose="prediction").wait(timeout=60)
    whole = service.predict_dataset(model.id, file.id)
    service.wait_for_prediction(whole.id, timeout=60)
    service.prediction_result(whole.id, tmp_path / "said.csv")

    assert [model.classes[code] for code in answer.predictions] == ["no", "yes"]
    with (tmp_path / "said.csv").open() as said:
        assert [line["prediction"] for line in csv.DictReader(said)] == ["no", "yes"]
    assert by_text.probabilities == answer.probabilities
    assert service.predict(model.id, [row(None)]).predictions[0] in {0, 1}


def test_what_is_no_date_is_refused_with_row_and_column(service: Client, model: Model) -> None:
    said = r"sold.*expected a date such as 2013-10-10.*soon"

    with pytest.raises(ApiError, match=said):
        service.predict(model.id, [row(SOLD[0]), row(SOLD[0]) | {"sold": "soon"}])
    with pytest.raises(ApiError, match=said):
        service.predict_csv(model.id, b"sold,counted,price\n2024-03-05,,3\nsoon,,3\n")


def test_the_model_goes_to_other_programs_and_back(service: Client, model: Model, tmp_path: Path) -> None:
    asked = [row(day) for day in SOLD]
    for form in ("safetensors", "npz"):
        path = tmp_path / f"model.{form}"
        service.export(model.id, path, format=form)
        again = service.import_model(path)
        assert service.predict(again.id, asked).probabilities == service.predict(model.id, asked).probabilities
    assert service.export(model.id, tmp_path / "model.onnx", format="onnx") > 10_000


def test_a_column_of_dates_is_embedded_like_any_other(service: Client, sales: Dataset) -> None:
    job = service.submit(
        dataset=sales.id,
        model={"hidden_layers": [32], "embedding": 4, "preprocessing": "standardize"},
        training={"epochs": 2},
    ).wait(timeout=60)

    assert job.status == "succeeded", job.error
