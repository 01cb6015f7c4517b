"""Whole runs from many starts, compiled as one scan."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from moo._lanes import Seen, Used, announce, assemble, own_keys, side_by_side, thinned, used
from moo._record import Trajectory
from moo._settings import (
    Build,
    builder,
    check_counts,
    check_mapped,
    lane_hyperparameters,
    lane_seeds,
)
from moo._train import check_key, jacobian_settings, make_step
from moo._types import Array, Objectives, PyTree


def run(
    problem_or_objectives: Any,
    tx: optax.GradientTransformation | Callable[..., optax.GradientTransformation],
    *,
    starts: Array | np.ndarray | None = None,
    steps: int,
    every: int = 1,
    key: Array | None = None,
    extra: Mapping[str, Any] | None = None,
    mapped: Mapping[str, Any] | None = None,
    hyperparameters: Mapping[str, Any] | None = None,
    seeds: Array | np.ndarray | None = None,
    chunk: int | None = None,
    label: str = "",
) -> Trajectory:
    """Run an optimizer from every start, as one compiled scan mapped over the starts.

    Args:
        problem_or_objectives: a `moo.problems.Problem`, or `objectives(x) -> losses`, shape (m,);
            with a key, `objectives(x, key)`.
        tx: an optimizer whose first member is an aggregator; with `hyperparameters`, a function
            `tx(**hyperparameters)` that returns one.
        starts: shape (starts, d), floating-point. None: the problem's published ones.
        steps: number of iterations, at least 1.
        every: a row of the trajectory is kept in every so many iterations, and the last.
        key: typed random key; each start and iteration gets its own, by folding in the start's
            seed and the iteration.
        extra: extra arguments of the optimizer, the same for all starts.
        mapped: extra arguments whose leading axis is the starts, such as preferences.
        hyperparameters: numbers by name whose leading axis is the starts, such as learning rates
            or a method's own; what picks code or a shape needs a run of its own.
        seeds: shape (starts,), ints; folded into the keys of each start, so a start gives the same
            path alone and among others. None: 0, 1, 2, ...
        chunk: starts that are run at once, at most; it bounds the memory. None: all.
        label: the method's name, kept in the trajectory.

    Returns:
        The trajectory. A random method draws independently in every start: the start's seed is
        folded into each typed key of its state.

    Raises:
        TypeError: if starts are not floating-point, seeds no ints, hyper-parameters no numbers,
            or the key is not typed.
        ValueError: if a shape or a count is wrong, or a hyper-parameter shapes the program.

    Warns:
        NonFiniteWarning: if a loss became NaN or infinite; it names the start and the step.

    Example:
        >>> import jax.numpy as jnp, moo, optax
        >>> tx = moo.optimizer("mgda", optax.sgd(0.1), num_objectives=2)
        >>> objectives = lambda x: jnp.stack([(x[0] - 1) ** 2, (x[0] + 1) ** 2])
        >>> path = moo.run(objectives, tx, starts=jnp.array([[3.0], [-2.0]]), steps=50, every=10)
        >>> path.steps.tolist(), path.params.shape
        ([0, 10, 20, 30, 40, 50], (2, 6, 1))

        Two learning rates from each of two starts:

        >>> def build(rate):
        ...     return moo.optimizer("mgda", optax.sgd(rate), num_objectives=2)
        >>> lanes = moo.grid(rate=[0.01, 0.1], start=[[3.0], [-2.0]])
        >>> path = moo.run(objectives, build, starts=lanes["start"], steps=50, every=50,
        ...                hyperparameters={"rate": lanes["rate"]}, chunk=2)
        >>> print(path.params[:, -1, 0].round(1))
        [ 1.7 -1.4  1.  -1. ]
    """
    if isinstance(problem_or_objectives, str):
        raise TypeError(
            f"problem_or_objectives must be a Problem or a callable, got the name "
            f"{problem_or_objectives!r}: give moo.problem({problem_or_objectives!r})"
        )
    objectives = getattr(problem_or_objectives, "objectives", problem_or_objectives)
    points = _check_starts(starts, getattr(problem_or_objectives, "starts", None))
    _check_dimension(points, getattr(problem_or_objectives, "dim", None))
    check_counts(steps=steps, every=every, **({} if chunk is None else {"chunk": chunk}))
    check_key(key)
    extra, mapped, count = dict(extra or {}), dict(mapped or {}), len(points)
    check_mapped(mapped, extra, count, "starts")
    told = lane_hyperparameters(hyperparameters or {}, count, "starts")
    lane = _lane(objectives, builder(tx, told, count), steps, every, key, extra)
    lanes = points, lane_seeds(seeds, count, "starts"), mapped, told
    rows, last = side_by_side(lane, lanes, (), chunk)
    names = tuple(getattr(problem_or_objectives, "objective_names", ()) or ())
    settings = jacobian_settings({})
    path = assemble(rows, last, steps, every, names=names, label=label, settings=settings)
    announce(path, "start")
    return path


def _lane(
    objectives: Objectives,
    build: Build,
    steps: int,
    every: int,
    key: Array | None,
    extra: dict[str, Any],
) -> Callable[..., Any]:
    """Return the run from one start: its kept rows, and the last point with its losses."""

    def lane(given: tuple[Array, Array, dict[str, Any], dict[str, Array]], _: tuple[()]) -> Any:
        start, seed, mapped, told = given
        tx = build(told)
        step = make_step(objectives, tx)
        own_key = None if key is None else jax.random.fold_in(key, seed)

        def args(t: Array) -> tuple[Array, ...]:
            return () if own_key is None else (jax.random.fold_in(own_key, t),)

        def one(carry: tuple[Array, PyTree], t: Array) -> tuple[tuple[Array, PyTree], Used]:
            x, state, record = step(*carry, *args(t), **extra, **mapped)
            return (x, state), used(record)

        carry = start, own_keys(tx.init(start), seed)
        (x, _state), rows = thinned(lambda c: Seen(c[0], None), one, carry, steps, every)
        return rows, (Seen(x, None), objectives(x, *args(jnp.asarray(steps))))

    return lane


def _check_starts(starts: Any, published: Any) -> Array:
    if starts is None and published is None:
        raise ValueError("starts is missing: give starts=, shape (starts, d)")
    points = jnp.asarray(published if starts is None else starts)
    if points.ndim != 2 or points.size == 0:
        raise ValueError(f"starts must have shape (starts, d), neither 0, got {points.shape}")
    if not jnp.issubdtype(points.dtype, jnp.floating):
        raise TypeError(f"starts must be floating-point, got {points.dtype}")
    return points


def _check_dimension(points: Array, dim: int | None) -> None:
    if dim is not None and points.shape[1] != dim:
        raise ValueError(
            f"starts must have shape (starts, {dim}) for this problem, got {points.shape}"
        )
