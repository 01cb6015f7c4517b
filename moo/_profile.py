"""What a training step of one model costs under each method."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from moo._jacobian import Jacobian, jacobian, stacked_jacobian
from moo._names import find_name
from moo._train import make_step
from moo._types import Array, Objectives, Params, PyTree
from moo.aggregators import METHODS, optimizer
from moo.aggregators._checks import check_count

PROFILED = ("mean", "uncertainty", "famo", "pcgrad", "mgda", "cagrad", "imtl_g", "nash_mtl",
            "aligned_mtl", "upgrad")  # fmt: skip


class StepCost(NamedTuple):
    """The cost of one training step by one method.

    Attributes:
        method: its name.
        backward_passes: how many a step takes of m objectives, as the registry says.
        engine: how the gradients are taken: `unroll`, `scan`, `vmap` or `jvp`; `one backward` where
            weighted losses need no more.
        flops: of the step, loops of the engine counted out, those of models and solvers once; NaN
            with `jvp`.
        temporaries: bytes that the compiled step needs beside its arguments and results.
        compilation: seconds, tracing included.
        milliseconds: of a step, the median.
        solver: share of the milliseconds that the method itself takes, gradients given; NaN where
            it asks for more than gradients and losses.
    """

    method: str
    backward_passes: str
    engine: str
    flops: float
    temporaries: int
    compilation: float
    milliseconds: float
    solver: float


def profile(
    objectives: Objectives,
    params: Params,
    *args: Any,
    methods: Sequence[str] = PROFILED,
    after: optax.GradientTransformation | None = None,
    hyperparameters: Mapping[str, Mapping[str, Any]] | None = None,
    extra: Mapping[str, Any] | None = None,
    repeats: int = 20,
    **jacobian_options: Any,
) -> list[StepCost]:
    """Measure what a step of this model costs under each method, on this machine.

    Args:
        objectives: `objectives(params, *args) -> losses`, shape (m,), without auxiliary output.
        params: pytree of floating-point arrays; it is copied.
        *args: a batch, and whatever else the objectives take.
        methods: names in `moo.aggregators.METHODS`.
        after: what follows the method, such as `optax.adam(1e-3)`; None: plain descent.
        hyperparameters: method -> its own, where they are not the defaults.
        extra: extra arguments of the optimizer, such as `preference`.
        repeats: timed steps, at least 1.
        **jacobian_options: as in `moo.make_step`.

    Returns:
        One `StepCost` a method, in the order of the names.

    Raises:
        TypeError: if `repeats` is no int.
        ValueError: if a method is unknown, `repeats` is below 1, the objectives have auxiliary
            output, or a method lacks an extra, or `batched` to split the batch.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> costs = moo.profile(lambda x: jnp.stack([x @ x, (x - 1) @ (x - 1)]), jnp.ones(8),
        ...                     methods=["mean", "mgda"], repeats=2)
        >>> [(cost.method, cost.engine, cost.backward_passes) for cost in costs]
        [('mean', 'one backward', '1'), ('mgda', 'unroll', 'm')]

    Source: own; `flops` and `temporaries` are XLA's `cost_analysis` and `memory_analysis`.
    """
    names = known_methods(methods)
    work = prepare(objectives, params, args, repeats, jacobian_options, extra or {})
    own = hyperparameters or {}
    return [work.cost(name, after or optax.sgd(1e-3), own.get(name, {})) for name in names]


def known_methods(names: Sequence[str]) -> list[str]:
    """Return the names, each once, if all are those of methods."""
    for name in names:
        find_name("method", name, METHODS)
    return list(dict.fromkeys(names))


def prepare(
    objectives: Objectives,
    params: Params,
    args: tuple[Any, ...],
    repeats: int,
    options: Mapping[str, Any],
    extra: Mapping[str, Any],
) -> "Work":
    """Check what all methods share, and take the Gramian once."""
    check_count("repeats", repeats, low=1)
    losses = jax.eval_shape(objectives, params, *args)
    if isinstance(losses, tuple):
        raise ValueError(
            f"objectives must return losses alone, got a tuple of {len(losses)}: profile takes "
            "objectives without auxiliary output, so wrap them in a function that drops it"
        )
    gram = jax.jit(lambda p, a: jacobian(objectives, p, *a, **options).gram().matrix)
    rows = _square_root(gram(params, args))
    return Work(objectives, params, args, len(rows), extra, options, repeats, rows)


class Work(NamedTuple):
    """What is the same for all methods."""

    objectives: Objectives
    params: Params
    args: tuple[Any, ...]
    m: int
    extra: Mapping[str, Any]
    options: Mapping[str, Any]
    repeats: int
    rows: Array

    def cost(self, name: str, after: Any, own: Mapping[str, Any]) -> StepCost:
        """Measure one method with its own hyper-parameters."""
        record = METHODS[name]
        tx = optimizer(name, after, num_objectives=self.m, **own)
        simple = record.placement == "first" and record.batches == 1
        alone = optimizer(name, num_objectives=self.m, **own) if simple else None
        started = time.perf_counter()
        program = self._lowered(tx, self.options).compile()
        compilation = time.perf_counter() - started
        engine = "one backward" if record.needs == "losses" else self._engine()
        milliseconds = self._timed(program, tx)
        solver = np.nan if alone is None else self._solver(alone)
        return StepCost(
            name, record.backward_passes, engine, self._flops(tx, engine),
            int(program.memory_analysis().temp_size_in_bytes), compilation, milliseconds,
            min(solver / milliseconds, 1.0),
        )  # fmt: skip

    def _lowered(self, tx: Any, options: Mapping[str, Any]) -> Any:
        step = make_step(self.objectives, tx, **options)

        def taken(params: Params, state: PyTree, args: Any) -> tuple[Params, PyTree]:
            params, state, _ = step(params, state, *args, **self.extra)
            return params, state

        return jax.jit(taken, donate_argnums=(0, 1)).lower(
            self.params, tx.init(self.params), self.args
        )

    def _engine(self) -> str:
        """Return how the Jacobian says that it takes its rows."""
        found: list[str] = []

        def look(params: Params, args: Any) -> Array:
            jac = jacobian(self.objectives, params, *args, **self.options)
            found.append(jac.engine)
            return jac.losses

        jax.eval_shape(look, self.params, self.args)
        return found[0]

    def _flops(self, tx: Any, engine: str) -> float:
        if engine == "jvp":
            return np.nan
        # XLA counts the body of a loop once, so every gradient must stand in the program.
        found = self._lowered(tx, {**self.options, "engine": "unroll"}).cost_analysis() or {}
        return float(found.get("flops", np.nan))

    def _timed(self, program: Any, tx: Any) -> float:
        carry = jax.tree.map(jnp.copy, [self.params, tx.init(self.params)])

        def step() -> None:
            carry[:] = jax.block_until_ready(program(*carry, self.args))

        return _milliseconds(step, self.repeats)

    def _solver(self, alone: Any) -> float:
        """Return the milliseconds of the method on m gradients of m entries, or NaN."""
        rows = self.rows
        state = alone.init(rows[0])

        def update(rows: Array, state: PyTree) -> tuple[PyTree, PyTree]:
            jac: Jacobian = stacked_jacobian(rows, losses=jnp.ones(self.m))
            return alone.update(jac, state, rows[0], **self.extra)

        try:
            program = jax.jit(update).lower(rows, state).compile()
        except ValueError:  # it looks at other points, or at parts of the batch
            return np.nan
        return _milliseconds(lambda: jax.block_until_ready(program(rows, state)), self.repeats)


def _milliseconds(call: Callable[[], Any], repeats: int) -> float:
    times = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return 1e3 * float(np.median(times[1:]))  # the first touches its memory


def _square_root(gram: Array) -> Array:
    """Return m rows of m entries with this Gramian."""
    values, vectors = np.linalg.eigh(np.asarray(gram, np.float64))
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    return jnp.asarray(root, jnp.result_type(gram))
