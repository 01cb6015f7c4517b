"""Compiled programs: one method that trains one model on one data set, some seeds side by side."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax

import moo
from benchmarks.runner._cell import Cell, canonical
from benchmarks.runner._steps import Row, Tuned, build_optimizer, empty_row, next_row, own, tuned
from benchmarks.studies import build_study
from benchmarks.training import pack

_ONCE = {"xla_backend_optimization_level": "0"}  # for what runs once: compiled as fast as can be
_SHARED = {"shared": True, "heads": False}  # as `pack` names them


class Trained(NamedTuple):
    """Models in training, side by side; every leaf has the leading axis L of the lanes."""

    params: Any
    optimizer: Any
    best: Any  # the parameters whose level was least
    least: Any  # (L,), that level


class StudyProgram:
    """A method's compiled steps on a study.

    Args:
        cell: any cell of the method on the study; its seed, number of steps and what is `tuned`
            do not enter the program.

    Attributes:
        study: the study.
        seconds: what compilation took.
        state: the state's structure, as `jax.ShapeDtypeStruct`.
    """

    def __init__(self, cell: Cell) -> None:
        if cell.starts != 1:
            raise ValueError(f"starts must be 1: a seed has one initial model, got {cell.starts}")
        self.study = build_study(cell.problem, str(cell.model), canonical(cell.problem_options))
        self._cell, first = cell, self.study.begin(0)
        _, self._unpack = pack(first, self.study.shared(first))
        self._train = jax.tree.map(jnp.asarray, dict(self.study.train))
        self._compile()

    def begin(self, seeds: Sequence[int], told: Tuned) -> Trained:
        """Return parameters, packed, and the optimizer's states before the first step."""
        begun: Trained = self._begin(self._drawn(seeds), np.asarray(seeds, np.int32), told)
        return begun

    def advance(
        self, state: Trained, told: Tuned, rows: np.ndarray, count: int
    ) -> tuple[Trained, Row]:
        """Take `count` steps.

        Args:
            state: the state.
            told: learning rate and hyper-parameters.
            rows: rows of each step's batch, (lanes, every, batch_size).
            count: how many of these steps, at most `every`.
        """
        moving = state.params, state.optimizer
        (params, optimizer), row = self._advance(moving, self._train, told, rows, np.int32(count))
        return state._replace(params=params, optimizer=optimizer), row

    def keep_best(self, state: Trained, level: np.ndarray) -> Trained:
        """Return the state with the parameters kept of lanes whose level, (L,), is a new low."""
        better = level < np.asarray(state.least)
        return state._replace(
            best=self._select(better, state.params, state.best),
            least=np.where(better, level, state.least),
        )

    def validate(self, state: Trained) -> tuple[np.ndarray, np.ndarray]:
        """Return losses (lanes, m) and predictions (lanes, n, ...) on the validation rows."""
        losses, predictions = self._validate(state.params, dict(self.study.validation.arrays))
        return np.asarray(losses), np.asarray(predictions)

    def predict(self, state: Trained) -> np.ndarray:
        """Return predictions (lanes, n, ...) of the best parameters on the test rows."""
        return np.asarray(self._predict(state.best, dict(self.study.test.arrays)))

    def inspect(self, state: Trained) -> dict[str, np.ndarray]:
        """Return what else is to be known of the best parameters: (lanes,) by name."""
        found = self._inspect(state.best, dict(self.study.inspected))
        return {name: np.asarray(values) for name, values in found.items()}

    def _compile(self) -> None:
        lanes, study = self._cell.lanes, self.study
        told = tuned(self._cell, len(study.objective_names))
        params, seeds = self._drawn(range(lanes)), np.arange(lanes, dtype=np.int32)
        rows = jax.ShapeDtypeStruct((lanes, self._cell.every, study.batch_size), jnp.int32)
        started = time.perf_counter()
        self._begin = jax.jit(self._begin_lanes).lower(params, seeds, told).compile()
        self.state = jax.eval_shape(self._begin_lanes, params, seeds, told)
        moving = self.state.params, self.state.optimizer
        given = moving, self._train, told, rows, np.int32(0)
        self._advance = jax.jit(self._advance_lanes).lower(*given).compile()
        looked = self.state.params, dict(study.validation.arrays)
        self._validate = jax.jit(jax.vmap(self._losses, (0, None))).lower(*looked).compile()
        looked = self.state.best, dict(study.test.arrays)
        self._predict = jax.jit(jax.vmap(self._predictions, (0, None))).lower(*looked).compile()
        looked = self.state.best, dict(study.inspected)
        lowered = jax.jit(jax.vmap(self._inspections, (0, None))).lower(*looked)
        self._inspect = lowered.compile(compiler_options=_ONCE)
        two = self.state.params, self.state.best
        lanes_of_bool = jax.ShapeDtypeStruct((lanes,), bool)
        self._select = jax.jit(jax.vmap(_select)).lower(lanes_of_bool, *two).compile()
        self.seconds = time.perf_counter() - started

    def _drawn(self, seeds: Sequence[int]) -> Any:
        """Return the initial parameters of some seeds, packed and stacked."""
        drawn = [self.study.begin(seed) for seed in seeds]
        packed = [pack(params, self.study.shared(params))[0] for params in drawn]
        return jax.tree.map(lambda *leaves: np.stack(leaves), *packed)

    def _begin_lanes(self, params: Any, seeds: Any, told: Tuned) -> Any:
        def one(params: Any, seed: Any) -> Any:
            state = self._optimizer(told).init(params)
            state = jax.tree.map(lambda leaf: own(leaf, seed, 0), state)
            return Trained(params, state, params, jnp.float32(jnp.inf))

        return jax.vmap(one)(params, seeds)

    def _advance_lanes(
        self, state: Any, train: Mapping[str, Any], told: Tuned, rows: Any, count: Any
    ) -> tuple[Any, Row]:
        step = moo.make_step(
            lambda params, batch: self._losses(params, batch)[0],
            self._optimizer(told),
            shared=_SHARED,
            active=self.study.active,
            batched=(True,),
        )

        def one(state: Any, rows: Any) -> tuple[Any, Row]:
            def batch(i: Any) -> dict[str, Any]:
                return {name: column[rows[i]] for name, column in train.items()}

            def body(i: Any, inner: tuple[Any, Row]) -> tuple[Any, Row]:
                params, optimizer, record = step(*inner[0], batch(i))
                return (params, optimizer), next_row(i, inner[1], record)

            shapes = jax.eval_shape(lambda: step(*state, batch(0))[2])
            return lax.fori_loop(0, count, body, (state, empty_row(shapes)))

        return jax.vmap(one)(state, rows)

    def _losses(self, params: Any, arrays: Mapping[str, Any]) -> tuple[Any, Any]:
        predictions = self._predictions(params, arrays)
        return self.study.losses(predictions, arrays), predictions

    def _predictions(self, params: Any, arrays: Mapping[str, Any]) -> Any:
        return self.study.predict(self._unpack(params), arrays)

    def _inspections(self, params: Any, arrays: Mapping[str, Any]) -> dict[str, Any]:
        inspect = self.study.inspect
        return {} if inspect is None else inspect(self._unpack(params), arrays)

    def _optimizer(self, told: Tuned) -> optax.GradientTransformationExtraArgs:
        return build_optimizer(self._cell, told, len(self.study.objective_names))


def _select(first: Any, one: Any, other: Any) -> Any:
    return jax.tree.map(lambda a, b: jnp.where(first, a, b), one, other)
