"""What compiled programs of any kind share: optimizers by name, random keys, the recorded row."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

import moo
from moo._types import is_typed_key

OPTIMIZERS: dict[str, Callable[..., optax.GradientTransformation]] = {
    "adam": optax.adam,
    "sgd": optax.sgd,
    "rmsprop": optax.rmsprop,
}


class Row(NamedTuple):
    """What is recorded of some steps; leading axis L of the runs that go side by side."""

    weights: Any  # (L, m), those of the first of the steps, or None
    finite: Any  # (L,), whether all of these steps were


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
