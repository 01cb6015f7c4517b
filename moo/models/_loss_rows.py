"""The rows of a loss of one head: checked, in one dtype, with a weight a row."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike
from numpy.typing import NDArray

from moo._concrete import concrete
from moo.models.entire_space._rows import as_array, check_dtypes


class LossRows(NamedTuple):
    """Logits and targets of n rows, safe to differentiate where masked."""

    logits: jax.Array  # (n,) or (n, K)
    target: jax.Array  # (n,)
    weight: jax.Array  # (n,), 0 on masked rows


def loss_rows(
    logits: ArrayLike,
    target: ArrayLike,
    where: ArrayLike | None,
    sample_weight: ArrayLike | None,
    *,
    num_logits: int = 1,
    label: bool = False,
) -> LossRows:
    """Check the arguments, promote to at least float32, and silence masked rows.

    On the rows that count, where they are not traced, targets must be at least 0, or 0 and 1 where
    they are labels, and weights at least 0.
    """
    rows = head_logits(logits, num_logits)
    shape = rows.shape[:1]
    named = {"target": target, "where": where, "sample_weight": sample_weight}
    given = {
        name: as_array(name, v) for name, v in named.items() if name == "target" or v is not None
    }
    for name, value in given.items():
        if value.shape != shape:
            raise ValueError(
                f"{name} must have one entry a row of logits, {shape}, got {value.shape}"
            )
    if where is not None and given["where"].dtype != jnp.bool_:
        raise TypeError(
            f"where must be boolean, got {given['where'].dtype}; pass weights as sample_weight"
        )
    dtype = check_dtypes({"logits": rows, "target": given["target"]})
    _check_values(target, where, sample_weight, label)
    rows, values = rows.astype(dtype), jnp.asarray(target, dtype)
    weight = jnp.ones(shape, dtype) if sample_weight is None else jnp.asarray(sample_weight, dtype)
    if where is None:
        return LossRows(rows, values, weight)
    # Masking inputs, not losses: 0 * NaN in the backward pass would still be NaN.
    mask = given["where"]
    return LossRows(
        logits=jnp.where(mask.reshape(shape + (1,) * (rows.ndim - 1)), rows, 0),
        target=jnp.where(mask, values, 0),
        weight=jnp.where(mask, weight, 0),
    )


def head_logits(logits: ArrayLike, num_logits: int) -> jax.Array:
    """Return logits (n,) of one, or (n, K) of several; one may also come as (n, 1)."""
    rows = as_array("logits", logits)
    if num_logits == 1 and rows.ndim == 2 and rows.shape[1] == 1:
        rows = rows[:, 0]
    shape = "(n,)" if num_logits == 1 else f"(n, {num_logits})"
    if rows.ndim != 1 + (num_logits > 1) or (num_logits > 1 and rows.shape[1] != num_logits):
        raise ValueError(f"logits must have shape {shape}, got {rows.shape}")
    return rows


def _check_values(
    target: ArrayLike, where: ArrayLike | None, sample_weight: ArrayLike | None, label: bool
) -> None:
    counts = np.bool_(True) if where is None else concrete(where)
    if counts is None:
        return
    values = concrete(target)
    if values is not None and label:
        _refuse("target must be 0 or 1", values, counts & (values != 0) & (values != 1))
    elif values is not None:
        _refuse("target must be at least 0", values, counts & ~(values >= 0))
    weight = None if sample_weight is None else concrete(sample_weight)
    if weight is not None:
        _refuse("sample_weight must be at least 0", weight, counts & ~(weight >= 0))


def _refuse(rule: str, values: NDArray[Any], bad: NDArray[np.bool_]) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        raise ValueError(f"{rule}, got {values[row]} in row {row}")
