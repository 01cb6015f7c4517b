"""Training a model over batches."""

import dataclasses
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sized
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import optax

from moo._progress import Meter
from moo._record import Record, Trajectory
from moo._train import Step, check_key, jacobian_settings, make_step
from moo._types import Array, Objectives, Params, PyTree, solver_dtype
from moo.aggregators._checks import expect_transformation
from moo.aggregators._state import find
from moo.aggregators.wrappers._skip_nonfinite import skip_nonfinite
from moo.sparse._gather import Tables
from moo.sparse._step import make_step as make_sparse_step

Whole: TypeAlias = Callable[..., tuple[Params, "FitState", Record]]

# Steps that may be under way while the record of an earlier one is read.
_AHEAD = 2


class FitState(NamedTuple):
    """Where training stands: give it back as `state=` to go on.

    Attributes:
        step: shape (), int32; batches seen.
        optimizer: the optimizer's state.
        model: the model's state, such as batch statistics; None without one.
    """

    step: Array
    optimizer: PyTree
    model: PyTree


def fit(
    objectives: Objectives,
    tx: optax.GradientTransformation,
    params: Params,
    batches: Iterable[PyTree],
    *,
    model_state: PyTree = None,
    state: FitState | None = None,
    key: Array | None = None,
    every: int = 1,
    evaluate: Callable[..., Array] | None = None,
    keep_params: bool = False,
    nonfinite: str = "raise",
    extra: Mapping[str, Any] | None = None,
    tables: Tables | None = None,
    padding: int | None = None,
    donate: bool = False,
    names: tuple[str, ...] = (),
    label: str = "",
    progress: bool = True,
    **jacobian_options: Any,
) -> tuple[Params, FitState, Trajectory]:
    """Train parameters over batches, one compiled step a batch.

    Args:
        objectives: `objectives(params, batch) -> losses`, shape (m,). With `model_state` it is
            `objectives(params, model_state, batch) -> (losses, next_model_state)`; with `key`, a
            key of the step comes last.
        tx: an optimizer whose first member is an aggregator.
        params: pytree of floating-point arrays; left intact but for `donate`.
        batches: pytrees of one shape; with a `len`, progress knows its end. NumPy arrays are
            copied, so a loader may fill one buffer again and again.
        model_state: state that the objectives thread, such as batch statistics.
        state: a `FitState` to go on from; it brings its own model state.
        key: typed random key, folded with the step.
        every: a row of the trajectory is kept in every so many steps, and the last.
        evaluate: `evaluate(params, model_state) -> losses`, shape (m,), on data of your choice;
            its values become the trajectory's objectives, instead of the batch losses.
        keep_params: whether the trajectory keeps the flat parameters of its rows.
        nonfinite: `"raise"` stops with a `FloatingPointError` that names the batch, after a few
            more steps, as records are read while the device goes on; `"skip"` puts
            `moo.skip_nonfinite` around `tx`, whose count is in the state, and a skipped batch
            leaves the model state as it was, too.
        extra: extra arguments of the optimizer.
        tables: embedding tables to train on the rows of each batch alone, as
            `moo.models.embedding_tables` names them; what follows the aggregator in `tx` is then
            inside `moo.sparse.lazy`: see `moo.sparse.make_step`.
        padding: a negative id that reads no row; -1 for `moo.models`.
        donate: whether `params` and `state` may be overwritten, which spares a copy of them.
        names: the objectives' names, for the trajectory.
        label: the method's name, for the trajectory and the progress line.
        progress: whether to show a bar on a terminal and plain lines elsewhere.
        **jacobian_options: `shared`, `heads`, `active`, `batched`, `engine`, `gram`,
            `memory` of `moo.jacobian`.

    Returns:
        The trained parameters, the `FitState`, and the trajectory with one start. Its last row
        holds the losses of the last batch at the trained parameters.

    Raises:
        FloatingPointError: if a loss or an update is NaN or infinite and `nonfinite="raise"`; if
            an update is, for finite losses and gradients, and `nonfinite="skip"`.
        TypeError: if the key is not typed, or `donate` is no bool.
        ValueError: if there is no batch, or an option is wrong.

    Example:
        >>> import jax.numpy as jnp, moo, optax
        >>> def objectives(w, batch):
        ...     error = batch["x"] * w - batch["y"]
        ...     return jnp.stack([(error**2).mean(), jnp.abs(error).mean()])
        >>> batch = {"x": jnp.ones(4), "y": 2 * jnp.ones(4)}
        >>> tx = moo.optimizer("upgrad", optax.sgd(0.1), num_objectives=2)
        >>> w, state, path = moo.fit(objectives, tx, jnp.zeros(()), [batch] * 100, progress=False)
        >>> round(float(w), 1), int(state.step), path.objectives.shape
        (2.0, 100, (1, 101, 2))
    """
    _check_options(every, nonfinite, donate)
    check_key(key)
    expect_transformation(tx, "tx")
    if not isinstance(state, FitState | None):
        raise TypeError(f"state must be a FitState, got {type(state).__name__}: give fit's own")
    tx = skip_nonfinite(tx) if nonfinite == "skip" else tx
    params = params if donate else _copied(params)
    if state is None or not donate:
        state = _copied(_begin(tx, params, model_state) if state is None else state)
    options = {"has_aux": state.model is not None} | jacobian_options
    inner = _inner_step(objectives, tx, tables, padding, options)
    whole = _whole_step(inner, key, dict(extra or {}), skips=nonfinite == "skip")
    step = jax.jit(whole, donate_argnums=(0, 1))
    log = _Log(int(state.step), every, evaluate, keep_params, tuple(names), label)
    total, batch = len(batches) if isinstance(batches, Sized) else None, None
    with Meter(label or "fit", total, progress) as meter:
        for batch in meter.follow(map(_held, batches)):
            log.before(params, state)
            params, state, record = step(params, state, batch)
            meter.note = log.after(record)
        meter.note = log.catch_up()
    if batch is None:
        raise ValueError("batches is empty: give at least one batch")
    losses = _losses(whole) if donate else lambda *given: step(*_copied(given))[2].losses
    log.end(params, state, lambda: losses(params, state, batch))
    return (
        params,
        state,
        dataclasses.replace(log.trajectory(), settings=jacobian_settings(jacobian_options)),
    )


class _Log:
    """Collects the rows of a trajectory and watches for non-finite steps.

    A record is read a few steps late: waiting for each would leave the device idle in between.
    """

    def __init__(
        self,
        first: int,
        every: int,
        evaluate: Callable[..., Array] | None,
        keep_params: bool,
        names: tuple[str, ...],
        label: str,
    ) -> None:
        self.every, self.evaluate, self.keep_params = every, evaluate, keep_params
        self.names, self.label, self.note = names, label, ""
        self.first, self.count, self._checked = first, 0, 0
        self.rows: dict[str, list[Any]] = {
            name: [] for name in ("steps", "objectives", "params", "weights", "cosines")
        }
        self._finite: list[Array] = []  # of the steps since the last one whose record is kept
        self._unread: deque[tuple[Record, list[Array]]] = deque()

    def before(self, params: Params, state: FitState) -> None:
        """Keep what the step is about to overwrite."""
        if self.count % self.every == 0:
            self._point(params, state)

    def after(self, record: Record) -> str:
        """Take what the step used, and return a note of the last losses that were read."""
        self._finite.append(record.finite)
        if self.count % self.every == 0:
            self._unread.append((record, self._finite))
            self._finite = []
        self.count += 1
        return self.catch_up(0 if self.count == 1 else _AHEAD)

    def catch_up(self, ahead: int = 0) -> str:
        """Read all records but the last `ahead`, and return a note of the last losses read."""
        while len(self._unread) > ahead:
            record, finite = self._unread.popleft()
            self._used(record)
            self._expect_finite(finite)
        return self.note

    def end(self, params: Params, state: FitState, losses: Callable[[], Array]) -> None:
        """Keep the last point, with its losses on the last batch."""
        self._expect_finite(self._finite)
        self._point(params, state)
        if self.evaluate is None:
            self.rows["objectives"].append(np.asarray(losses()))
        for name in ("weights", "cosines"):
            if self.rows[name]:
                self.rows[name].append(np.full_like(self.rows[name][0], np.nan))

    def trajectory(self) -> Trajectory:
        """Return the rows as a trajectory with one start."""
        kept = {name: values for name, values in self.rows.items() if values}
        rows: dict[str, Any] = {name: np.stack(values)[None] for name, values in kept.items()}
        rows["steps"] = rows["steps"][0]
        return Trajectory(**rows, names=self.names, label=self.label)

    def _point(self, params: Params, state: FitState) -> None:
        self.rows["steps"].append(np.int32(self.first + self.count))
        if self.keep_params:
            wide = jax.tree.map(lambda leaf: leaf.astype(solver_dtype(params)), params)
            flat = [np.asarray(leaf).ravel() for leaf in jax.tree.leaves(wide)]
            self.rows["params"].append(np.concatenate(flat))
        if self.evaluate is not None:
            self.rows["objectives"].append(np.asarray(self.evaluate(params, state.model)))

    def _used(self, record: Record) -> None:
        losses = np.asarray(record.losses)
        self.note = "losses " + " ".join(f"{loss:.4g}" for loss in losses)
        if self.evaluate is None:
            self.rows["objectives"].append(losses)
        if record.weights is not None and record.weights.shape == losses.shape:
            self.rows["weights"].append(np.asarray(record.weights))
        if record.gram is not None and record.gram.cosines.ndim == 2:
            self.rows["cosines"].append(np.asarray(record.gram.cosines))
        if self._checked == 0:
            self._expect_fitting(losses)

    def _expect_fitting(self, losses: np.ndarray) -> None:
        """Fail at the first row, because at the last one a whole training would be lost."""
        evaluated = self.rows["objectives"][0]
        if evaluated.shape != losses.shape:
            raise ValueError(
                f"evaluate must return losses of shape {losses.shape}, got {evaluated.shape}"
            )
        self.trajectory()

    def _expect_finite(self, given: list[Array]) -> None:
        finite = np.asarray(jax.device_get(given), bool)
        if not finite.all():
            index = self._checked + int(np.argmin(finite))
            raise FloatingPointError(
                f"a loss or an update of batches[{index}] is NaN or infinite: lower the learning "
                "rate, or pass nonfinite='skip'"
            )
        self._checked += len(finite)


def _begin(tx: optax.GradientTransformation, params: Params, model_state: PyTree) -> FitState:
    return FitState(jnp.zeros((), jnp.int32), tx.init(params), model_state)


def _copied(tree: PyTree) -> PyTree:
    """Copy every leaf, because the compiled step donates what it is given.

    The dtype is given so that a Python float does not stay weakly typed: that compiles twice.
    """
    return jax.tree.map(lambda leaf: jnp.array(leaf, jnp.result_type(leaf), copy=True), tree)


def _held(batch: PyTree) -> PyTree:
    """Copy NumPy arrays, as a loader may fill its buffers again while the step still reads them."""
    return jax.tree.map(
        lambda leaf: np.array(leaf) if isinstance(leaf, np.ndarray) else leaf, batch
    )


def _inner_step(
    objectives: Objectives,
    tx: optax.GradientTransformation,
    tables: Tables | None,
    padding: int | None,
    options: dict[str, Any],
) -> Step:
    if tables is None:
        return make_step(objectives, tx, **options)
    options["batch_argument"] = int(options["has_aux"])  # after the model state
    return make_sparse_step(objectives, tx, tables=tables, padding=padding, **options)


def _whole_step(inner: Step, key: Array | None, extra: dict[str, Any], skips: bool) -> Whole:
    def step(params: Params, state: FitState, batch: PyTree) -> tuple[Params, FitState, Record]:
        threaded = () if state.model is None else (state.model,)
        keys = () if key is None else (jax.random.fold_in(key, state.step),)
        params, optimizer, record = inner(params, state.optimizer, *threaded, batch, *keys, **extra)
        model = None if state.model is None else record.aux
        record = record._replace(aux=None)
        if skips:
            kept = find(optimizer, "last_finite")
            model = jax.tree.map(lambda new, old: jnp.where(kept, new, old), model, state.model)
            record = record._replace(finite=record.finite | ~kept)
        return params, FitState(state.step + 1, optimizer, model), record

    return step


def _losses(whole: Whole) -> Callable[..., Array]:
    """Return the losses of a step, in a program of their own, as a copy of tables may not fit."""
    return jax.jit(lambda *given: whole(*given)[2].losses)


def _check_options(every: int, nonfinite: str, donate: bool) -> None:
    if isinstance(every, bool) or not isinstance(every, int) or every < 1:
        raise ValueError(f"every must be an int of at least 1, got {every!r}")
    if nonfinite not in ("raise", "skip"):
        raise ValueError(f"nonfinite must be 'raise' or 'skip', got {nonfinite!r}")
    if not isinstance(donate, bool):
        raise TypeError(f"donate must be True or False, got {type(donate).__name__} {donate!r}")
