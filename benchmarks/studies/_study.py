"""A study: all that a run on data needs, but for the method and the seed."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

Arrays = Mapping[str, np.ndarray]
Metrics = dict[str, float]


class Part(NamedTuple):
    """Rows that are only looked at.

    Attributes:
        arrays: what the model and the losses read of them, each (n, ...).
        names: of the metrics.
        measure: predictions (n, ...) -> metric by name; NaN where one has no value.
    """

    arrays: Arrays
    names: tuple[str, ...]
    measure: Callable[[np.ndarray], Metrics]


class Study(NamedTuple):
    """A model on a data set whose split follows no seed.

    Attributes:
        objective_names: names of the m losses.
        train: what the model and the losses read of the training rows, each (n, ...).
        validation: the rows that are measured while a run goes on, and that choices are made on.
        test: the rows that are measured once, at a run's end.
        begin: seed -> initial parameters.
        predict: (parameters, arrays of some rows) -> predictions of these rows.
        losses: (predictions, arrays of the same rows) -> losses, (m,).
        shared: parameters -> which leaves several objectives share.
        batch_size: rows in a step.
        checksum: sha256 of the files that the data was read from; "" where it was not read.
        chosen_by: metrics of `validation`, the less the better, by which the step is chosen that a
            run is judged at; empty: by its losses there.
        active: arrays of a batch -> (m,) bool, which objectives have labels there; None: all have.
        inspect: (parameters, `inspected`) -> number by name, what is to be known of a trained model
            beside its metrics; None: nothing.
        inspected: the rows that it looks at.
    """

    objective_names: tuple[str, ...]
    train: Arrays
    validation: Part
    test: Part
    begin: Callable[[int], Any]
    predict: Callable[[Any, Arrays], Any]
    losses: Callable[[Any, Arrays], Any]
    shared: Callable[[Any], Any]
    batch_size: int
    checksum: str = ""
    chosen_by: tuple[str, ...] = ()
    active: Callable[[Arrays], Any] | None = None
    inspect: Callable[[Any, Arrays], dict[str, Any]] | None = None
    inspected: Arrays = MappingProxyType({})
