"""Binary cross-entropy of every task, each over the rows that have its label."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._concrete import concrete
from moo.models.entire_space._rows import as_array, cross_entropy, weighted_mean


def task_losses(
    logits: ArrayLike,
    labels: ArrayLike,
    *,
    where: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
) -> jax.Array:
    r"""Mean binary cross-entropy of each task over the rows where its label exists.

    $$L_t = \frac{\sum_i w_i m_{it}\, \mathrm{BCE}(y_{it}, \sigma(a_{it}))}{\sum_i w_i m_{it}}$$

    Args:
        logits: (n, T) floating, a, as an architecture returns them.
        labels: (n, T) in {0, 1}, any real dtype; what is masked may hold anything.
        where: (n,) or (n, T) boolean, m: rows whose labels exist, all tasks' or each task's (a
            conversion is known where there was a click).
        sample_weight: (n,) or (n, T), at least 0, w.

    Returns:
        (T,) in promote(float32, dtype of the logits); 0, with gradient 0, for a task without rows.

    Raises:
        ValueError: on shapes that differ and, where they are not traced, on labels other than 0
            and 1.
        TypeError: on arguments that are no arrays, logits that are not floating or a `where` that
            is not boolean.

    Example:
        >>> import jax.numpy as jnp
        >>> labels = jnp.array([[1.0, 0.0], [0.0, jnp.nan]])
        >>> losses = task_losses(jnp.zeros((2, 2)), labels, where=~jnp.isnan(labels))
        >>> [round(float(loss), 4) for loss in losses]  # log 2, whoever has rows
        [0.6931, 0.6931]

    Source: the likelihood of labels that are independent given the features; own construction.
    """
    rows = task_rows(logits, labels, where, sample_weight)
    return column_means(cross_entropy(rows.labels, rows.logits), rows.weight)


class TaskRows(NamedTuple):
    """Logits, labels and weights of n rows and T tasks, safe to differentiate where masked."""

    logits: jax.Array
    labels: jax.Array
    weight: jax.Array  # 0 where masked


def task_rows(
    logits: ArrayLike,
    labels: ArrayLike,
    where: ArrayLike | None,
    sample_weight: ArrayLike | None,
) -> TaskRows:
    """Check the arguments, promote to at least float32, and silence what is masked."""
    values, targets = as_array("logits", logits), as_array("labels", labels)
    _check_logits(values, targets)
    counts = None if where is None else _mask(where, values.shape)
    # As given: under jit even a constant turns into a tracer once it is a jax array.
    _check_labels(labels, where)
    dtype = jnp.result_type(jnp.float32, values.dtype)
    weight = jnp.ones((), dtype) if sample_weight is None else jnp.asarray(sample_weight, dtype)
    rows = TaskRows(
        values.astype(dtype),
        targets.astype(dtype),
        _by_task("sample_weight", weight, values.shape),
    )
    if counts is None:
        return rows
    # Masking inputs, not losses: 0 * NaN in the backward pass would still be NaN.
    return TaskRows(*(jnp.where(counts, column, 0) for column in rows))


def column_means(values: jax.Array, weight: jax.Array) -> jax.Array:
    """Weighted mean (T,) of every column of values (n, T), 0 where no weight is left."""
    return jax.vmap(weighted_mean, in_axes=1)(values, weight)


def _check_logits(logits: jax.Array, labels: jax.Array) -> None:
    if not jnp.issubdtype(logits.dtype, jnp.floating):
        raise TypeError(f"logits must be floating, got {logits.dtype}; pass logits, not labels")
    if logits.ndim != 2:
        raise ValueError(f"logits must have shape (n, T), one column a task, got {logits.shape}")
    if labels.shape != logits.shape:
        raise ValueError(
            f"labels must have the shape of logits, {logits.shape}, got {labels.shape}"
        )


def _mask(where: ArrayLike, shape: tuple[int, ...]) -> jax.Array:
    counts = as_array("where", where)
    if counts.dtype != jnp.bool_:
        raise TypeError(f"where must be boolean, got {counts.dtype}; pass weights as sample_weight")
    return _by_task("where", counts, shape)


def _by_task(name: str, values: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """Values (), (n,) or (n, T) as (n, T)."""
    if values.shape not in (shape, shape[:1], ()):
        raise ValueError(f"{name} must have shape {shape[:1]} or {shape}, got {values.shape}")
    return jnp.broadcast_to(values[:, None] if values.ndim == 1 else values, shape)


def _check_labels(labels: ArrayLike, where: ArrayLike | None) -> None:
    """Raise on a label other than 0 and 1 that counts, unless it is traced."""
    values, counts = concrete(labels), concrete(True if where is None else where)
    if values is None or counts is None:
        return
    bad = (values != 0) & (values != 1) & (counts[:, None] if counts.ndim == 1 else counts)
    if bad.any():
        row, task = np.argwhere(bad)[0]
        raise ValueError(
            f"labels must be 0 or 1, got {values[row, task]} of task {task} in row {row}"
        )
