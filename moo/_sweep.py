"""Many trainings of one small model, as one compiled program."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import optax

from moo._fit import FitState
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
from moo._types import Array, Objectives, Params, PyTree, solver_dtype

Draw: TypeAlias = Callable[[Array, Any], PyTree]
_Carry: TypeAlias = tuple[Params, PyTree, PyTree]  # parameters, optimizer, model state

_OF_BATCHES = 2**32 - 1  # what is folded into a lane's key for its batches: no iteration is that


def sweep(
    objectives: Objectives,
    tx: optax.GradientTransformation | Callable[..., optax.GradientTransformation],
    params: Params,
    batches: Iterable[PyTree] | Draw,
    *,
    mapped: Mapping[str, Any] | None = None,
    hyperparameters: Mapping[str, Any] | None = None,
    seeds: Array | np.ndarray | None = None,
    chunk: int | None = None,
    steps: int | None = None,
    model_state: PyTree = None,
    key: Array | None = None,
    every: int = 1,
    evaluate: Callable[..., Array] | None = None,
    keep_params: bool = False,
    extra: Mapping[str, Any] | None = None,
    names: tuple[str, ...] = (),
    label: str = "",
    **jacobian_options: Any,
) -> tuple[Params, FitState, Trajectory]:
    """Train a small model many times side by side: `moo.fit` with a leading axis of lanes.

    All steps of all lanes are one compiled scan, so lanes differ in numbers alone: in initial
    parameters, seeds, extra arguments and hyper-parameters. On a CPU the lanes are shared out
    among its cores; there XLA takes gradients of convolutions about 50 times slower in a scan, so
    train convolutional networks with `moo.fit`.

    Args:
        objectives: as `moo.fit` takes it: `objectives(params, batch) -> losses`, shape (m,).
        tx: an optimizer whose first member is an aggregator; with `hyperparameters`, a function
            `tx(**hyperparameters)` that returns one.
        params: pytree of floating-point arrays whose leading axis is the lanes.
        batches: pytrees of one shape, the same for all lanes and held in memory together; or a
            function `batches(key, step) -> batch` that draws a lane's own: the key is the lane's,
            the same in all steps.
        mapped: extra arguments of the optimizer whose leading axis is the lanes, such as
            preferences.
        hyperparameters: numbers by name whose leading axis is the lanes, such as learning rates;
            what picks code or a shape needs a sweep of its own.
        seeds: shape (lanes,), ints; folded into the keys of each lane, so a lane gives the same
            result alone and among others, and lanes of one seed draw alike. None: 0, 1, 2, ...
            `moo.fit` folds in none, so what is random comes out otherwise there.
        chunk: lanes that are trained at once, at most; it bounds the memory. None: all.
        steps: number of iterations, where `batches` is a function.
        model_state: state that the objectives thread; its leading axis is the lanes, too.
        key: typed random key; the seed is folded into it, then the step, as in `moo.fit`.
        every: a row of the trajectory is kept in every so many steps, and the last.
        evaluate: `evaluate(params, model_state) -> losses`, shape (m,), traceable; its values
            become the trajectory's objectives, instead of the batch losses.
        keep_params: whether the trajectory keeps the flat parameters of its rows.
        extra: extra arguments of the optimizer, the same for all lanes.
        names: the objectives' names, for the trajectory.
        label: the method's name, for the trajectory.
        **jacobian_options: `shared`, `heads`, `active`, `batched`, `engine`, `gram` of
            `moo.jacobian`.

    Returns:
        The trained parameters, the `FitState` and the trajectory, each with a leading axis of
        lanes; a lane of the first two can go on by `moo.fit`.

    Raises:
        TypeError: if seeds are no ints, hyper-parameters no numbers, or the key is not typed.
        ValueError: if there is no batch, a shape or a count is wrong, or a hyper-parameter shapes
            the program.

    Warns:
        NonFiniteWarning: if a loss became NaN or infinite; the other lanes are not touched.

    Example:
        >>> import jax.numpy as jnp, moo, optax
        >>> def objectives(w, batch):
        ...     error = batch["x"] * w - batch["y"]
        ...     return jnp.stack([(error**2).mean(), ((w - 1) ** 2).sum()])
        >>> batch = {"x": jnp.ones(4), "y": 2 * jnp.ones(4)}
        >>> def build(rate):
        ...     return moo.optimizer("stch", optax.sgd(rate), num_objectives=2)
        >>> lanes = moo.grid(rate=[0.01, 0.1], preference=[[0.9, 0.1], [0.1, 0.9]])
        >>> w, state, path = moo.sweep(
        ...     objectives, build, jnp.zeros(4), [batch] * 200, chunk=2,
        ...     hyperparameters={"rate": lanes["rate"]},
        ...     mapped={"preference": lanes["preference"]},
        ... )
        >>> w.shape, path.objectives.shape
        ((4,), (4, 201, 2))
    """
    lanes = _count(params, model_state)
    data, draw, steps = _drawn(batches, steps, key)
    check_counts(steps=steps, every=every, **({} if chunk is None else {"chunk": chunk}))
    check_key(key)
    extra, mapped = dict(extra or {}), dict(mapped or {})
    check_mapped(mapped, extra, lanes, "lanes")
    told = lane_hyperparameters(hyperparameters or {}, lanes, "lanes")
    common = _Common(
        objectives, draw, steps, every, key, evaluate, keep_params, extra, jacobian_options
    )
    given = _arrays(params), _arrays(model_state), lane_seeds(seeds, lanes, "lanes"), mapped, told
    lane = _lane(common, builder(tx, told, lanes))
    (params, state), rows, last = side_by_side(lane, given, data, chunk)
    params, state = jax.tree.map(jnp.asarray, (params, state))
    facts = {"names": tuple(names), "label": label, "settings": jacobian_settings(jacobian_options)}
    path = assemble(rows, last, steps, every, **facts)
    announce(path, "lane")
    return params, state, path


class _Common(NamedTuple):
    """What the lanes share."""

    objectives: Objectives
    draw: Draw | None
    steps: int
    every: int
    key: Array | None
    evaluate: Callable[..., Array] | None
    keep_params: bool
    extra: Mapping[str, Any]
    options: Mapping[str, Any]

    def arguments(self, seed: Array, data: PyTree) -> Callable[..., tuple[Any, ...]]:
        """Return (model state, index of the batch, index of the key) -> the objectives' rest."""
        own = None if self.key is None else jax.random.fold_in(self.key, seed)

        def at(model: PyTree, batch: Array, time: Array) -> tuple[Any, ...]:
            threaded = () if model is None else (model,)
            keys = () if own is None else (jax.random.fold_in(own, time),)
            if self.draw is None or own is None:
                return *threaded, jax.tree.map(lambda leaf: leaf[batch], data), *keys
            return *threaded, self.draw(jax.random.fold_in(own, _OF_BATCHES), batch), *keys

        return at

    def look(self, carry: _Carry) -> Seen:
        """Return what the trajectory keeps of a point."""
        params, _, model = carry
        evaluated = None if self.evaluate is None else self.evaluate(params, model)
        if not self.keep_params:
            return Seen(None, evaluated)
        wide = jax.tree.map(lambda leaf: leaf.astype(solver_dtype(params)).ravel(), params)
        return Seen(jnp.concatenate(jax.tree.leaves(wide)), evaluated)


def _lane(common: _Common, build: Build) -> Callable[[Any, PyTree], Any]:
    """Return one training: what it trained, its kept rows, its last point and losses."""

    def lane(given: Any, data: PyTree) -> Any:
        params, model, seed, mapped, told = given
        tx, threads = build(told), model is not None
        step = make_step(common.objectives, tx, has_aux=threads, **common.options)
        arguments = common.arguments(seed, data)

        def one(carry: _Carry, t: Array) -> tuple[_Carry, Used]:
            params, optimizer, model = carry
            rest = arguments(model, t, t)
            params, optimizer, record = step(params, optimizer, *rest, **common.extra, **mapped)
            return (params, optimizer, record.aux), used(record)

        carry = params, own_keys(tx.init(params), seed), model
        carry, rows = thinned(common.look, one, carry, common.steps, common.every)
        params, optimizer, model = carry
        losses = common.objectives(params, *arguments(model, common.steps - 1, common.steps))
        state = FitState(jnp.asarray(common.steps, jnp.int32), optimizer, model)
        return (params, state), rows, (common.look(carry), losses[0] if threads else losses)

    return lane


def _count(params: Params, model_state: PyTree) -> int:
    """Return the number of lanes, which every leaf must have as its leading axis."""
    leading = {np.shape(leaf)[:1] for leaf in jax.tree.leaves((params, model_state))}
    if len(leading) != 1 or leading & {(), (0,)}:
        raise ValueError(
            "every leaf of params and model_state must have the same leading axis of lanes, got "
            f"leading axes {sorted(leading)}: stack them, or map their initialiser over keys"
        )
    ((lanes,),) = leading
    return lanes


def _arrays(tree: PyTree) -> PyTree:
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.result_type(leaf)), tree)


def _drawn(
    batches: Iterable[PyTree] | Draw, steps: int | None, key: Array | None
) -> tuple[PyTree, Draw | None, Any]:
    """Return the stacked batches or the function that draws them, and the number of steps."""
    if callable(batches):
        if steps is None or key is None:
            raise ValueError("batches is a function, so give steps= and key=")
        return (), batches, steps
    if steps is not None:
        raise ValueError("steps is for batches that are a function: these have a number")
    listed = list(batches)
    if not listed:
        raise ValueError("batches is empty: give at least one batch")
    return _stacked(listed), None, len(listed)


def _stacked(batches: list[PyTree]) -> PyTree:
    kinds = [jax.tree.map(np.shape, batch) for batch in batches]
    if odd := [i for i, kind in enumerate(kinds) if kind != kinds[0]]:
        raise ValueError(
            f"batches[{odd[0]}] differs from batches[0] in structure or shapes: make all equal, "
            "such as by leaving out a smaller last one"
        )
    return jax.tree.map(lambda *leaves: jnp.asarray(np.stack(leaves)), *batches)
