"""Whole runs from many starts, compiled as one scan."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax

from moo._record import Record, Trajectory
from moo._train import Step, check_key, jacobian_settings, make_step
from moo._types import Array, Objectives, PyTree, is_typed_key


class NonFiniteWarning(UserWarning):
    """A run met a loss that is NaN or infinite."""


def run(
    problem_or_objectives: Any,
    tx: optax.GradientTransformation,
    *,
    starts: Array | np.ndarray | None = None,
    steps: int,
    every: int = 1,
    key: Array | None = None,
    extra: Mapping[str, Any] | None = None,
    mapped: Mapping[str, Any] | None = None,
    label: str = "",
) -> Trajectory:
    """Run an optimizer from every start, as one compiled scan mapped over the starts.

    Args:
        problem_or_objectives: a `moo.problems.Problem`, or `objectives(x) -> losses`, shape (m,);
            with a key, `objectives(x, key)`.
        tx: an optimizer whose first member is an aggregator.
        starts: shape (starts, d), floating-point. None: the problem's published ones.
        steps: number of iterations, at least 1.
        every: a row of the trajectory is kept in every so many iterations, and the last.
        key: typed random key; each start and iteration gets its own, by folding.
        extra: extra arguments of the optimizer, the same for all starts.
        mapped: extra arguments whose leading axis is the starts, such as preferences.
        label: the method's name, kept in the trajectory.

    Returns:
        The trajectory. A random method draws independently in every start: the start's index is
        folded into each typed key of its state.

    Raises:
        TypeError: if starts are not floating-point, or the key is not typed.
        ValueError: if a shape or a count is wrong.

    Warns:
        NonFiniteWarning: if a loss became NaN or infinite; it names the start and the step.

    Example:
        >>> import jax.numpy as jnp, moo, optax
        >>> tx = moo.optimizer("mgda", optax.sgd(0.1), num_objectives=2)
        >>> objectives = lambda x: jnp.stack([(x[0] - 1) ** 2, (x[0] + 1) ** 2])
        >>> path = moo.run(objectives, tx, starts=jnp.array([[3.0], [-2.0]]), steps=50, every=10)
        >>> path.steps.tolist(), path.params.shape
        ([0, 10, 20, 30, 40, 50], (2, 6, 1))
    """
    if isinstance(problem_or_objectives, str):
        raise TypeError(
            f"problem_or_objectives must be a Problem or a callable, got the name "
            f"{problem_or_objectives!r}: give moo.problem({problem_or_objectives!r})"
        )
    objectives = getattr(problem_or_objectives, "objectives", problem_or_objectives)
    points = _check_starts(starts, getattr(problem_or_objectives, "starts", None))
    _check_dimension(points, getattr(problem_or_objectives, "dim", None))
    _check_counts(steps, every)
    check_key(key)
    extra, mapped = dict(extra or {}), dict(mapped or {})
    _check_mapped(mapped, extra, len(points))
    lane = _lane(make_step(objectives, tx), tx, objectives, steps, every, key, extra)
    rows, last = jax.jit(jax.vmap(lane))(points, jnp.arange(len(points)), mapped)
    names = tuple(getattr(problem_or_objectives, "objective_names", ()) or ())
    trajectory = _assemble(rows, last, _recorded_steps(steps, every), names, label)
    _announce(trajectory)
    return trajectory


class _Row(NamedTuple):
    params: Array
    losses: Array
    weights: Array | None
    cosines: Array | None


def _lane(
    step: Step,
    tx: optax.GradientTransformation,
    objectives: Objectives,
    steps: int,
    every: int,
    key: Array | None,
    extra: dict[str, Any],
) -> Callable[..., tuple[_Row, tuple[Array, Array]]]:
    """Return the run from one start: its kept rows, and the last point with its losses."""
    times = jnp.arange(0, steps, every)
    counts = jnp.minimum(every, steps - times)

    def lane(start: Array, index: Array, mapped: dict[str, Any]) -> Any:
        lane_key = None if key is None else jax.random.fold_in(key, index)

        def args(t: Array) -> tuple[Array, ...]:
            return () if lane_key is None else (jax.random.fold_in(lane_key, t),)

        def one(x: Array, state: PyTree, t: Array) -> tuple[Array, PyTree, _Row]:
            new, state, record = step(x, state, *args(t), **extra, **mapped)
            return new, state, _row(x, record)

        def chunk(carry: tuple[Array, PyTree], at: tuple[Array, Array]) -> Any:
            time, count = at

            def body(i: Array, inner: Any) -> Any:
                x, state, row = inner
                x, state, new = one(x, state, time + i)
                return x, state, jax.tree.map(lambda a, b: jnp.where(i == 0, a, b), new, row)

            empty = jax.tree.map(
                lambda s: jnp.zeros(s.shape, s.dtype), jax.eval_shape(one, *carry, time)[2]
            )
            x, state, row = lax.fori_loop(0, count, body, (*carry, empty))
            return (x, state), row

        state = _fold(tx.init(start), index)
        (x, _), rows = lax.scan(chunk, (start, state), (times, counts))
        return rows, (x, objectives(x, *args(jnp.asarray(steps))))

    return lane


def _row(x: Array, record: Record) -> _Row:
    per_objective = record.weights is not None and record.weights.shape == record.losses.shape
    one_gram = record.gram is not None and record.gram.cosines.ndim == 2
    return _Row(
        x,
        record.losses,
        record.weights if per_objective else None,
        record.gram.cosines if one_gram else None,
    )


def _fold(state: PyTree, index: Array) -> PyTree:
    """Fold the lane's index into every typed key, because vmap gives all lanes the same one."""
    return jax.tree.map(
        lambda leaf: jax.random.fold_in(leaf, index) if is_typed_key(leaf) else leaf, state
    )


def _recorded_steps(steps: int, every: int) -> np.ndarray:
    return np.append(np.arange(0, steps, every), steps)


def _assemble(
    rows: _Row, last: tuple[Array, Array], steps: np.ndarray, names: tuple[str, ...], label: str
) -> Trajectory:
    def append(kept: Any, final: Any) -> np.ndarray:
        return np.concatenate([np.asarray(kept), np.asarray(final)[:, None]], axis=1)

    def append_nan(kept: Any) -> np.ndarray | None:
        return None if kept is None else append(kept, np.full_like(np.asarray(kept)[:, 0], np.nan))

    return Trajectory(
        steps=steps,
        params=append(rows.params, last[0]),
        objectives=append(rows.losses, last[1]),
        weights=append_nan(rows.weights),
        cosines=append_nan(rows.cosines),
        names=names,
        label=label,
        settings=jacobian_settings({}),
    )


def _announce(trajectory: Trajectory) -> None:
    if trajectory.finite:
        return
    bad = ~np.isfinite(trajectory.objectives).all(axis=-1)
    start, row = np.argwhere(bad)[0]
    warnings.warn(
        f"losses became non-finite in {bad.any(axis=1).sum()} of {len(bad)} runs, first from start "
        f"{start} at or before step {trajectory.steps[row]}: lower the learning rate, "
        "check that the method admits these losses (famo needs lower_bounds below them), or put "
        "moo.skip_nonfinite around the optimizer",
        NonFiniteWarning,
        stacklevel=3,
    )


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


def _check_counts(steps: int, every: int) -> None:
    for name, value in (("steps", steps), ("every", every)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"{name} must be an int of at least 1, got {value!r}")


def _check_mapped(mapped: dict[str, Any], extra: dict[str, Any], starts: int) -> None:
    if twice := sorted(mapped.keys() & extra.keys()):
        raise ValueError(f"{', '.join(twice)} is given both in extra and in mapped: give it once")
    for name, value in mapped.items():
        if np.shape(value)[:1] != (starts,):
            raise ValueError(
                f"mapped[{name!r}] must have a leading axis of {starts} starts, got shape "
                f"{np.shape(value)}"
            )
