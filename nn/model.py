"""The model: a network with all that is needed to ask it, from raw rows to named classes.

What is stored, loaded and asked is a `Model`: preprocessing → network → output function. Inputs are in the data's own
units (0 … 255 for MNIST); so are the predictions.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nn import architecture as arch
from nn import checks
from nn.arrays import AnyArray, Array, Buffers, Indices, Shape
from nn.data.column_alignment import read_rows
from nn.data.columns import Column, check_codes
from nn.data.dataset import Dataset, Task, check_targets
from nn.data.rows import as_rows, check_range
from nn.dispatch import kernel_of
from nn.errors import DataError, FormatError, SpecError
from nn.layers import layer_from
from nn.losses import Loss, loss_from
from nn.metrics import METRICS
from nn.network import MAX_ACTIVATIONS, Network
from nn.outputs import OUTPUTS, mean_of_members
from nn.preprocessing import (
    Numbers,
    Preprocessing,
    Scaling,
    Table,
    fit_preprocessing,
    fit_scaling,
    preprocessing_from,
    widths_of,
)
from nn.preprocessing.scaling import none


class Model:
    """A network, its preprocessing, its output function and its classes.

    `metadata` is the caller's own: a JSON-able dict that is stored with the model. What a forward pass needs is kept in
    buffers for the next one: a model is for one thread at a time, copies of it for several.
    """

    def __init__(
        self,
        network: Network,
        *,
        task: Task,
        classes: Sequence[str],
        input_shape: Shape,
        output: str,
        preprocessing: Preprocessing,
        target_scaling: Scaling,
        loss: Mapping[str, Any],
    ) -> None:
        self.network = network
        self.task: Task = task
        self.classes = tuple(classes)
        self.input_shape = input_shape
        self.output = output
        self.preprocessing = preprocessing
        self.target_scaling = target_scaling
        self.loss = dict(loss)
        self.metadata: dict[str, Any] = {}
        self.buffers = Buffers(network.dtype)

    @classmethod
    def build(
        cls,
        data: Dataset | tuple[Shape, Task, Sequence[str]],
        *,
        hidden_layers: Sequence[int] = (128, 64),
        activation: str = "relu",
        initializer: str = "he_normal",
        dropout: float = 0.0,
        bias: bool = True,
        members: int = 1,
        embedding: int = 0,
        layers: Sequence[Mapping[str, Any]] | None = None,
        preprocessing: str | None = None,
        loss: str | Mapping[str, Any] | None = None,
        rng: np.random.Generator,
        dtype: npt.DTypeLike = np.float32,
        kernels: bool = True,
    ) -> "Model":
        """A new model with its first weights drawn from `rng`; SpecError for anything that cannot be built.

        `data` is a data set, or (input_shape, task, classes) where there is none to measure. `layers` lists the hidden
        layers one by one; without it, `hidden_layers` are sizes of dense layers, each followed by `activation` and
        `dropout`, of an ensemble where there are several `members`, and behind an `embedding` of so many numbers for
        each column, where that is not 0. The output layer, one number a class (one in all for regression and for binary
        cross-entropy), is added to both, and a flatten before it where there are images and none is listed. In a
        regression it begins at zero, so that the first answer is the mean of the targets: random first weights would
        add to it a function of the same size as what is to be learned, which few rows do not correct.
        `preprocessing` is a name of `nn.preprocessing.PREPROCESSING`; None chooses by the data: bytes scaled by 1/255,
        other numbers standardised. `kernels` is the network's: False computes by the textbook's own classes.
        """
        if isinstance(data, Dataset):
            input_shape, task, classes = data.input_shape, data.task, tuple(data.classes)
        else:
            input_shape, task, classes = data[0], data[1], tuple(data[2])
        if task == "classification" and len(classes) < 2:
            raise SpecError(f"classes: expected two or more, got {len(classes)}")
        the_loss = loss_from(loss, task, len(classes))
        target_scaling = none(np.zeros(0))
        if isinstance(data, Dataset):
            prepared = fit_preprocessing(preprocessing, data)
            outputs = math.prod(data.y_train.shape[1:])
            if task == "regression":
                target_scaling = fit_scaling("standardize", data.y_train)
        elif preprocessing not in (None, "none"):
            raise SpecError(f"preprocessing: expected a data set to measure {preprocessing!r} on, got only shapes")
        else:
            prepared, outputs = none(np.zeros(0)), 1
        outputs = arch.output_units(the_loss.output[task], task, len(classes)) or outputs
        if layers is None:
            layers = arch.expand_shorthand(hidden_layers, activation, initializer, dropout, bias, members, embedding)
        hidden = arch.hidden_from(layers, widths_of(prepared, math.prod(input_shape)))
        first = "zeros" if task == "regression" else initializer
        output = arch.output_layer(hidden, {"units": outputs, "bias": bias, "initializer": first})
        shape = (prepared.features,) if isinstance(prepared, Table | Numbers) else input_shape
        network = arch.network_of([*hidden, output], shape, dtype, kernels=kernels)
        network.initialize(rng)
        return cls(
            network,
            task=task,
            classes=classes,
            input_shape=input_shape,
            output=the_loss.output[task],
            preprocessing=prepared,
            target_scaling=target_scaling,
            loss=the_loss.config(),
        )

    @property
    def input_size(self) -> int:
        """Numbers in one row."""
        return math.prod(self.input_shape)

    @property
    def outputs(self) -> int:
        """Numbers that it says of one row: logits, or the targets of a regression."""
        return self.network.output_shape[-1]

    @property
    def members(self) -> int:
        """How many members its ensemble has (`nn.layers.members`); 0: it is none."""
        return self.network.output_shape[0] if len(self.network.output_shape) == 2 else 0

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a model of tables; () where rows are plain numbers."""
        return self.preprocessing.columns if isinstance(self.preprocessing, Table) else ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of its columns; () where rows are plain numbers."""
        return tuple(column.name for column in self.columns)

    @property
    def ignored(self) -> tuple[str, ...]:
        """Names of columns that came with the training rows and are no inputs, such as the target."""
        return self.preprocessing.ignored if isinstance(self.preprocessing, Table) else ()

    @property
    def target(self) -> str | None:
        """The name of the column that was learned; None where it is not known."""
        return self.preprocessing.target if isinstance(self.preprocessing, Table) else None

    @property
    def nbytes(self) -> int:
        """Memory of a model that only predicts."""
        return self.network.nbytes + self.buffers.nbytes

    @property
    def parameter_count(self) -> int:
        """Numbers that training changes."""
        return self.network.parameter_count

    @property
    def architecture(self) -> dict[str, Any]:
        """All but the weights, JSON-able; `Model.from_architecture` takes it."""
        return {
            "input_shape": list(self.input_shape),
            "task": self.task,
            "classes": list(self.classes),
            "layers": self.network.config(),
            "output": self.output,
            "loss": self.loss,
            "preprocessing": self.preprocessing.config(),
            "targets": self.target_scaling.config(),
        }

    @classmethod
    def from_architecture(cls, config: Mapping[str, Any], dtype: npt.DTypeLike = np.float32) -> "Model":
        """A model with zero weights from what `architecture` returned; SpecError, FormatError."""
        try:
            input_shape = tuple(checks.integer(size, "input_shape") for size in config["input_shape"])
            task, classes, loss = config["task"], config["classes"], config["loss"]
            layers, output, preprocessing, targets = (
                config[key] for key in ("layers", "output", "preprocessing", "targets")
            )
        except (KeyError, TypeError) as error:
            raise FormatError(
                f"architecture: expected the keys that a saved model has, got an error: {error!r}"
            ) from None
        if task not in ("classification", "regression") or output not in OUTPUTS:
            raise FormatError(f"architecture: expected a known task and output, got {task!r} and {output!r}")
        if math.prod(input_shape) > MAX_ACTIVATIONS:
            raise SpecError(f"input_shape: expected at most {MAX_ACTIVATIONS} numbers, got {math.prod(input_shape)}")
        prepared = preprocessing_from(preprocessing, math.prod(input_shape))
        shape = (prepared.features,) if isinstance(prepared, Table | Numbers) else input_shape
        network = arch.network_of([layer_from(entry) for entry in layers], shape, dtype)
        model = cls(
            network,
            task=task,
            classes=tuple(map(str, classes)),
            input_shape=input_shape,
            output=output,
            preprocessing=prepared,
            loss=loss,
            target_scaling=Scaling.from_config(targets, network.output_shape[-1]),
        )
        model.make_loss()
        expected = arch.output_units(output, task, len(classes))
        if len(network.output_shape) > 2 or (expected is not None and model.outputs != expected):
            came = " × ".join(map(str, network.output_shape))
            raise FormatError(f"architecture: expected an output layer of {expected}, got {came}")
        return model

    def check_rows(self, x: AnyArray) -> AnyArray:
        """Rows as (n, input_size) numbers, bytes kept as bytes; DataError for other shapes, text, NaN or infinity.

        Tables are taken as text and numbers too (`nn.data.column_alignment.read_rows`), and NaN is a missing value.
        """
        if self.columns and not isinstance(x, np.ndarray):
            return read_rows(x, self.columns)
        x = as_rows(x, self.input_size)
        if self.columns:
            check_codes(x, self.columns)
        else:
            check_range(x, self.network.dtype, "x")
        return x

    def check_targets(self, y: AnyArray, rows: int) -> AnyArray:
        """Targets as a loss takes them: (n,) class indices, or (n, outputs) standardised numbers; DataError."""
        y = np.asarray(y)
        check_targets(y, rows, self.task, len(self.classes), "y")
        if self.task == "classification":
            return y.astype(np.intp, copy=False)
        outputs = self.outputs
        if math.prod(y.shape[1:]) != outputs:
            raise DataError(f"y: expected {outputs} numbers a row, got shape {y.shape}")
        y = y.reshape(rows, outputs).astype(np.float64)
        return self.target_scaling(y, np.empty(y.shape, self.network.dtype))

    def prepare(self, x: AnyArray) -> Array:
        """Scale or encode checked rows (n, input_size) and shape them for the network; a buffer, used again."""
        X: Array = self.buffers.get("X", (len(x), *self.network.input_shape))
        self.preprocessing(x, X.reshape(len(x), -1))
        return X

    def logits(self, x: AnyArray) -> Iterator[tuple[slice, Array]]:
        """The network's outputs for checked rows, block by block: (rows, Z), Z: (batch, outputs) a buffer."""
        at_once = self.network.rows_at_once
        for start in range(0, len(x), at_once):
            rows = slice(start, min(start + at_once, len(x)))
            Z = self.network.forward(self.prepare(x[rows]))
            yield rows, mean_of_members(Z, self.output) if self.members else Z

    def _outputs(self, x: AnyArray) -> Array:
        """What the output function makes of the logits: (n, classes), or (n, n_out) for regression."""
        x = self.check_rows(x)
        logits: Array = np.empty((len(x), self.outputs), self.network.dtype)
        for rows, Z in self.logits(x):
            logits[rows] = Z
        return OUTPUTS[self.output](logits)

    def predict_probabilities(self, x: AnyArray) -> Array:
        """P: (n, classes), rows summing to 1, for x: (n, …) in the data's own units; DataError, SpecError."""
        if self.task != "classification":
            raise SpecError(f"probabilities: expected a classification model, got one for {self.task}")
        return self._outputs(x)

    def predict(self, x: AnyArray) -> Indices | Array:
        """(n,) class indices; for regression (n,) values, or (n, outputs) where there are several."""
        if self.task == "classification":
            classes: Indices = self.predict_probabilities(x).argmax(axis=1)
            return classes
        Y: Array = self._outputs(x) / self.target_scaling.factor + self.target_scaling.shift
        return Y[:, 0] if Y.shape[1] == 1 else Y

    def evaluate(self, x: AnyArray, y: AnyArray) -> dict[str, float]:
        """The loss of the model and all metrics of its task, by name; of a regression in the targets' units."""
        x = self.check_rows(x)
        targets = self.check_targets(y, len(x))
        loss = self.make_loss()
        if not len(x):
            raise DataError("x: expected at least one row, got none")
        total, weight, Z = 0.0, 0.0, np.empty((len(x), self.outputs), self.network.dtype)
        for rows, z in self.logits(x):
            own = loss.weight(targets[rows])
            total += loss(z, targets[rows])[0] * own
            weight += own
            Z[rows] = z
        truth, said = targets, OUTPUTS[self.output](Z)
        if self.task == "regression":
            truth = np.asarray(y, np.float64).reshape(said.shape)
            said = said / self.target_scaling.factor + self.target_scaling.shift
        scores = {"loss": total / weight}
        for name, metric in METRICS.items():
            if metric.task == self.task and len(self.classes) >= metric.fewest_classes:
                scores[name] = metric(truth, said)
        return scores

    def make_loss(self, config: str | Mapping[str, Any] | None = None) -> Loss:
        """The loss to train with: the model's own, or another that has the same output function; SpecError."""
        loss = loss_from(self.loss if config is None else config, self.task, len(self.classes))
        if loss.output[self.task] != self.output:
            raise SpecError(f"loss: expected one over {self.output} outputs, as this model has, got {loss.kind!r}")
        return kernel_of(loss, wanted=self.network.kernels)
