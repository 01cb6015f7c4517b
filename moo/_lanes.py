"""Runs side by side: one program, as many lanes of it at once as fit, and the path of each."""

import math
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from moo._record import Record, Trajectory
from moo._types import Array, PyTree, is_typed_key


class NonFiniteWarning(UserWarning):
    """A run met a loss that is NaN or infinite."""


class Seen(NamedTuple):
    """What a trajectory keeps of a point; None where there is nothing to keep."""

    params: Array | None
    objectives: Array | None


class Used(NamedTuple):
    """What a trajectory keeps of the step taken at a point."""

    losses: Array
    weights: Array | None
    cosines: Array | None


def used(record: Record) -> Used:
    """Return what a trajectory keeps of a step's record."""
    per_objective = record.weights is not None and record.weights.shape == record.losses.shape
    one_gram = record.gram is not None and record.gram.cosines.ndim == 2
    return Used(
        record.losses,
        record.weights if per_objective else None,
        record.gram.cosines if one_gram else None,
    )


def thinned(
    look: Callable[[PyTree], Seen],
    one: Callable[[PyTree, Array], tuple[PyTree, Used]],
    carry: PyTree,
    steps: int,
    every: int,
) -> tuple[PyTree, tuple[Seen, Used]]:
    """Take all steps in one scan, and keep a row in every so many.

    Args:
        look: carry -> what is kept of the point.
        one: (carry, iteration) -> (next carry, what is kept of the step).
        carry: what the steps change.
        steps: number of iterations.
        every: iterations from one row to the next.

    Returns:
        The last carry; and the rows, each with a leading axis of time.
    """
    times = jnp.arange(0, steps, every)
    counts = jnp.minimum(every, steps - times)

    def several(carry: PyTree, at: tuple[Array, Array]) -> tuple[PyTree, tuple[Seen, Used]]:
        time, count = at
        seen = look(carry)

        def body(i: Array, inner: tuple[PyTree, Used]) -> tuple[PyTree, Used]:
            carry, new = one(inner[0], time + i)
            return carry, jax.tree.map(lambda a, b: jnp.where(i == 0, a, b), new, inner[1])

        shapes = jax.eval_shape(one, carry, time)[1]
        empty = jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), shapes)
        carry, first = lax.fori_loop(0, count, body, (carry, empty))
        return carry, (seen, first)

    return lax.scan(several, carry, (times, counts))


def own_keys(state: PyTree, seed: Array) -> PyTree:
    """Fold the lane's seed into every typed key, because vmap gives all lanes the same one."""
    return jax.tree.map(
        lambda leaf: jax.random.fold_in(leaf, seed) if is_typed_key(leaf) else leaf, state
    )


def side_by_side(
    lane: Callable[[PyTree, PyTree], PyTree], lanes: PyTree, shared: PyTree, chunk: int | None
) -> PyTree:
    """Map a program over lanes, at most `chunk` of them at once, by one compilation.

    Args:
        lane: (a lane's arguments, shared arguments) -> results.
        lanes: arguments with a leading axis of lanes.
        shared: arguments that are the same for all lanes.
        chunk: lanes at once; None: all.

    Returns:
        The results on the host, with a leading axis of lanes.
    """
    total = len(jax.tree.leaves(lanes)[0])
    chunks = math.ceil(total / (chunk or total))
    width = math.ceil(total / chunks)
    program = jax.jit(jax.vmap(lane, in_axes=(0, None)))
    outputs = []
    for first in range(0, total, width):
        # The last lane fills the last chunk up, so that all chunks have the shape of one program.
        at = np.minimum(np.arange(first, first + width), total - 1)
        part = lanes if chunks == 1 else jax.tree.map(lambda leaf, at=at: leaf[at], lanes)
        kept = min(width, total - first)
        outputs.append(jax.tree.map(lambda x, n=kept: _host(x)[:n], program(part, shared)))
    return jax.tree.map(_joined, *outputs)


def _host(leaf: Array) -> Any:
    return leaf if is_typed_key(leaf) else np.asarray(leaf)


def _joined(*parts: Any) -> Any:
    if len(parts) == 1:
        return parts[0]
    return jnp.concatenate(parts) if is_typed_key(parts[0]) else np.concatenate(parts)


def assemble(
    rows: tuple[Seen, Used],
    last: tuple[Seen, Array],
    steps: int,
    every: int,
    **facts: Any,
) -> Trajectory:
    """Return the rows of all lanes, and the last point with its losses, as a trajectory."""
    (seen, taken), (end, losses) = rows, last

    def append_nan(kept: Any) -> np.ndarray | None:
        return None if kept is None else _append(kept, np.full_like(kept[:, 0], np.nan))

    evaluated = seen.objectives is not None
    return Trajectory(
        steps=np.append(np.arange(0, steps, every), steps),
        params=None if seen.params is None else _append(seen.params, end.params),
        objectives=_append(seen.objectives if evaluated else taken.losses,
                           end.objectives if evaluated else losses),
        weights=append_nan(taken.weights),
        cosines=append_nan(taken.cosines),
        **facts,
    )  # fmt: skip


def _append(kept: Any, final: Any) -> np.ndarray:
    return np.concatenate([np.asarray(kept), np.asarray(final)[:, None]], axis=1)


def announce(path: Trajectory, noun: str) -> None:
    """Warn of lanes whose losses became NaN or infinite, naming the first."""
    if path.finite:
        return
    bad = ~np.isfinite(path.objectives).all(axis=-1)
    first, row = np.argwhere(bad)[0]
    warnings.warn(
        f"losses became non-finite in {bad.any(axis=1).sum()} of {len(bad)} runs, first from "
        f"{noun} {first} at or before step {path.steps[row]}: lower the learning rate, "
        "check that the method admits these losses (famo needs lower_bounds below them), or put "
        "moo.skip_nonfinite around the optimizer",
        NonFiniteWarning,
        stacklevel=3,
    )
