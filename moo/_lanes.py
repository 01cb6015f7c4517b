"""Runs side by side: one program, as many lanes of it at once as fit, and the path of each."""

import math
import os
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from moo._record import Record, Trajectory
from moo._types import Array, PyTree, is_typed_key

# Measured: of a small model's lanes, programs of fewer leave more cores idle than they keep busy.
_FEW = 8


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
    return Mapped.over(lane, lanes, shared, chunk)()


class Mapped(NamedTuple):
    """A program mapped over lanes and compiled, to be called part by part.

    One program leaves cores idle between its small operations, so on a CPU the lanes that are
    trained at once are shared out among threads.

    Attributes:
        program: (all lanes, which of them, shared arguments) -> results.
        lanes: arguments with a leading axis of lanes.
        shared: arguments that are the same for all lanes.
        parts: shape (calls, width), int32: the lanes of each call. The last lane fills the last
            call up, so that all have one shape.
        threads: calls at once.
    """

    program: Any
    lanes: PyTree
    shared: PyTree
    parts: np.ndarray
    threads: int

    @classmethod
    def over(
        cls, lane: Callable[..., PyTree], lanes: PyTree, shared: PyTree, chunk: int | None
    ) -> "Mapped":
        """Compile for lanes, at most `chunk` of them at once; None: all."""
        total = _count(lanes)
        parts, threads = _shared_out(total, min(total, chunk or total))

        def together(lanes: PyTree, at: Array, shared: PyTree) -> PyTree:
            own = lanes if len(parts) == 1 else jax.tree.map(lambda leaf: leaf[at], lanes)
            return jax.vmap(lane, in_axes=(0, None))(own, shared)

        program = jax.jit(together).lower(lanes, parts[0], shared).compile()
        return cls(program, lanes, shared, parts, threads)

    def __call__(self) -> PyTree:
        """Return the results on the host, with a leading axis of lanes."""
        with ThreadPoolExecutor(self.threads) as pool:
            outputs = list(pool.map(self._call, self.parts))
        total = _count(self.lanes)
        return jax.tree.map(lambda leaf: leaf[:total], jax.tree.map(_joined, *outputs))

    def _call(self, at: np.ndarray) -> PyTree:
        return jax.tree.map(_host, self.program(self.lanes, at, self.shared))


def _shared_out(total: int, at_once: int) -> tuple[np.ndarray, int]:
    """Return the lanes of each call, and how many calls are to be made at once."""
    threads = _threads(at_once)
    most = at_once // threads if at_once < total else math.ceil(total / threads)
    calls = math.ceil(total / most)
    lanes = np.arange(calls * math.ceil(total / calls), dtype=np.int32)
    return np.minimum(lanes, total - 1).reshape(calls, -1), threads


def _threads(lanes: int) -> int:
    """Return how many programs are to share some lanes, on a CPU."""
    if jax.default_backend() != "cpu":
        return 1
    return max(1, min(os.cpu_count() or 1, lanes // _FEW))


def _count(lanes: PyTree) -> int:
    return len(jax.tree.leaves(lanes)[0])


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
