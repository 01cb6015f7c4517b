"""What compiled programs of any kind share: the optimizer, random keys, the recorded row."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, get_args

import jax
import jax.numpy as jnp
import numpy as np
import optax

import moo
from benchmarks.runner._cell import Cell
from moo._types import is_typed_key

# (learning rate, steps of the run) -> optimizer; `adam_linear` is Adam whose rate falls to zero.
OPTIMIZERS: dict[str, Callable[[Any, Any], optax.GradientTransformation]] = {
    "adam": lambda rate, steps: optax.adam(rate),
    "adam_linear": lambda rate, steps: optax.adam(lambda step: rate * (1.0 - step / steps)),
    "sgd": lambda rate, steps: optax.sgd(rate),
    "rmsprop": lambda rate, steps: optax.rmsprop(rate),
}


class Row(NamedTuple):
    """What is recorded of some steps; leading axis L of the runs that go side by side."""

    weights: Any  # (L, m), those of the first of the steps, or None
    finite: Any  # (L,), whether all of these steps were


class Tuned(NamedTuple):
    """What trials of one program differ in."""

    learning_rate: Any  # ()
    options: Mapping[str, Any]  # arrays by name
    steps: Any  # (), of the whole run


def tuned(cell: Cell, num_objectives: int) -> Tuned:
    """Return the numbers that a cell's program is told when it runs.

    They are the learning rate, those hyper-parameters of the method that may be arrays, and the
    number of steps, so that trials share one program.

    Raises:
        ValueError: if the method refuses one: once traced, it could not.
    """
    rate, steps = np.float32(cell.learning_rate), np.float32(cell.steps)
    build_optimizer(cell, Tuned(rate, {}, steps), num_objectives)
    return Tuned(rate, _told(cell), steps)


def fixed_options(cell: Cell) -> dict[str, Any]:
    """Return the hyper-parameters that shape a cell's program; of the others, their shapes."""
    told = _told(cell)
    return {
        name: f"{told[name].shape}" if name in told else value
        for name, value in cell.options.items()
    }


def build_optimizer(
    cell: Cell,
    told: Tuned,
    num_objectives: int,
    *after: optax.GradientTransformation,
) -> optax.GradientTransformationExtraArgs:
    """Return a cell's method and optimizer, with the numbers that may be traced."""
    return moo.optimizer(
        cell.method,
        OPTIMIZERS[cell.optimizer](told.learning_rate, told.steps),
        *after,
        num_objectives=num_objectives,
        **{**cell.options, **told.options},
    )


def _told(cell: Cell) -> dict[str, np.ndarray]:
    known = inspect.signature(getattr(moo.aggregators, cell.method)).parameters
    return {
        name: np.asarray(value, np.float32)
        for name, value in cell.options.items()
        if isinstance(value, float | list)
        and name in known
        and jax.Array in get_args(known[name].annotation)
    }


def own(leaf: Any, seed: Any, index: Any) -> Any:
    """Fold the seed and the start within it into a random key; return anything else as it is."""
    if not is_typed_key(leaf):
        return leaf
    return jax.random.fold_in(jax.random.fold_in(leaf, seed), index)


def empty_row(record: moo.Record) -> Row:
    """Return the row before the first step, in the shapes of a step's record."""
    weights = jax.tree.map(lambda w: jnp.zeros(w.shape, w.dtype), _weights(record))
    return Row(weights, jnp.ones((), bool))


def next_row(i: Any, row: Row, record: moo.Record) -> Row:
    """Return the row after step i: weights of step 0, and whether all were finite."""
    weights = jax.tree.map(lambda a, b: jnp.where(i == 0, a, b), _weights(record), row.weights)
    return Row(weights, row.finite & record.finite)


def _weights(record: moo.Record) -> Any:
    known = record.weights is not None and record.weights.shape == record.losses.shape
    return record.weights if known else None
