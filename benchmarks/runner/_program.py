"""Compiled programs: one method on all problems of one shape, from many starts side by side."""

import functools
import json
import time
import zlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax

import moo
from benchmarks.runner._cell import Cell
from benchmarks.runner._steps import Row, Tuned, build_optimizer, empty_row, next_row, own, tuned

Spec = tuple[str, str]  # a problem's name and its options as canonical JSON

# Share of a box's width that steps keep off its faces: on some of them gradients are infinite.
MARGIN = 1e-6


class Lanes(NamedTuple):
    """What differs between the runs that go side by side; leading axis L = seeds × starts."""

    points: Any  # (L, d)
    seeds: Any  # (L,)
    index: Any  # (L,), of the start within its seed


class Setting(NamedTuple):
    """What a compiled program is told when it runs; the same for all lanes."""

    choice: Any  # (), which of the problems
    tuned: Tuned
    lower: Any  # (d,)
    upper: Any  # (d,)


class Program:
    """A method's compiled steps on problems of one shape.

    Args:
        cell: any cell of the method; its problem, seed, number of steps and what is `tuned` do
            not enter the program.
        specs: all problems of the suite that have this shape, in the suite's order.

    Attributes:
        specs: as given.
        problems: the problems, in that order.
        seconds: what compilation took.
        state: the state's structure, as `jax.ShapeDtypeStruct`.
    """

    def __init__(self, cell: Cell, specs: tuple[Spec, ...]) -> None:
        self.problems = [build(spec) for spec in specs]
        self._cell, self.specs, first = cell, specs, self.problems[0]
        lanes = Lanes(*_abstract(cell.lanes * cell.starts, first.dim))
        told = tuned(cell, first.num_objectives)
        setting = jax.eval_shape(lambda: _setting(0, told, first))
        started = time.perf_counter()
        self._begin = jax.jit(self._begin_lanes).lower(lanes, setting).compile()
        self.state = jax.eval_shape(self._begin_lanes, lanes, setting)
        now = jax.ShapeDtypeStruct((), jnp.int32)
        self._advance = (
            jax.jit(self._advance_lanes).lower(self.state, lanes, setting, now, now).compile()
        )
        self.seconds = time.perf_counter() - started

    def choice(self, spec: Spec) -> int:
        """Return which of the program's problems this is."""
        return self.specs.index(spec)

    def setting(self, choice: int, told: Tuned) -> Setting:
        """Return what the program is told to run one of its problems."""
        return _setting(choice, told, self.problems[choice])

    def begin(self, lanes: Lanes, setting: Setting) -> Any:
        """Return the points and the optimizer's states before the first step."""
        return self._begin(lanes, setting)

    def advance(
        self, state: Any, lanes: Lanes, setting: Setting, step: int, count: int
    ) -> tuple[Any, Row]:
        """Take `count` steps from the given one."""
        after: tuple[Any, Row] = self._advance(
            state, lanes, setting, np.int32(step), np.int32(count)
        )
        return after

    def _begin_lanes(self, lanes: Lanes, setting: Setting) -> Any:
        def one(lane: Lanes) -> Any:
            state = self._optimizer(setting).init(lane.points)
            return lane.points, jax.tree.map(lambda leaf: own(leaf, lane.seeds, lane.index), state)

        return jax.vmap(one)(lanes)

    def _advance_lanes(
        self, state: Any, lanes: Lanes, setting: Setting, time: Any, count: Any
    ) -> tuple[Any, Row]:
        step = moo.make_step(
            lambda x, keys: _objectives(self.problems, setting.choice, x, keys),
            self._optimizer(setting),
            batched=(True,),
        )

        def one(state: Any, lane: Lanes) -> tuple[Any, Row]:
            noise = own(jax.random.key(0), lane.seeds, lane.index)

            def body(i: Any, inner: tuple[Any, Row]) -> tuple[Any, Row]:
                (x, optimizer), row = inner
                keys = jax.random.split(jax.random.fold_in(noise, time + i), self._cell.samples)
                x, optimizer, record = step(x, optimizer, keys)
                x = jnp.clip(x, setting.lower, setting.upper)
                return (x, optimizer), next_row(i, row, record)

            shapes = jax.eval_shape(lambda: step(*state, _keys(self._cell.samples))[2])
            return lax.fori_loop(0, count, body, (state, empty_row(shapes)))

        return jax.vmap(one)(state, lanes)

    def _optimizer(self, setting: Setting) -> optax.GradientTransformationExtraArgs:
        count = self.problems[0].num_objectives
        box = keep_in_box(setting.lower, setting.upper)
        return build_optimizer(self._cell, setting.tuned, count, box)


def keep_in_box(lower: Any, upper: Any) -> optax.GradientTransformation:
    """Shorten updates so that the parameters stay in a box, which is where a problem is defined.

    It belongs into the chain, because some methods look at the losses after the whole step.
    """

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        return jnp.clip(params + updates, lower, upper) - params, state

    return optax.GradientTransformation(lambda params: optax.EmptyState(), update)


@functools.lru_cache(maxsize=64)
def evaluator(specs: tuple[Spec, ...]) -> Callable[[int, Any], Any]:
    """Return (choice, x (L, d)) -> losses (L, m), free of noise; compiled once a shape."""
    problems = [build(spec) for spec in specs]

    def evaluate(choice: Any, points: Any) -> Any:
        branches = [lambda x, p=p: p.objectives(x) for p in problems]
        return jax.vmap(lambda x: lax.switch(choice, branches, x))(points)

    return jax.jit(evaluate)


@functools.lru_cache(maxsize=256)
def build(spec: Spec) -> moo.problems.Problem:
    """Build a problem by name and options."""
    name, options = spec
    return moo.problem(name, **json.loads(options))


def lanes_of(problem: moo.problems.Problem, seeds: Sequence[int], starts: int) -> Lanes:
    """Draw the starting points of some seeds, the same for every method.

    They are uniform in the smallest box around the problem's published starts, because for some
    problems the box in which they are defined is so wide that gradients vanish in most of it.
    """
    low, high = problem.starts.min(axis=0), problem.starts.max(axis=0)
    salt = zlib.crc32(problem.name.encode())
    points = [
        np.random.default_rng([salt, seed]).uniform(low, high, (starts, problem.dim))
        for seed in seeds
    ]
    return Lanes(
        np.concatenate(points).astype(np.float32),
        np.repeat(np.asarray(seeds, np.int32), starts),
        np.tile(np.arange(starts, dtype=np.int32), len(seeds)),
    )


def _setting(choice: int, told: Tuned, problem: moo.problems.Problem) -> Setting:
    lower, upper = np.full((2, problem.dim), [[-np.inf], [np.inf]])
    if problem.bounds is not None:
        lower, upper = problem.bounds
        margin = MARGIN * (upper - lower)
        lower, upper = lower + margin, upper - margin
    return Setting(
        np.int32(choice),
        told,
        lower.astype(np.float32),
        upper.astype(np.float32),
    )


def _objectives(problems: Sequence[moo.problems.Problem], choice: Any, x: Any, keys: Any) -> Any:
    """The chosen problem's losses, their mean over the keys where it is stochastic."""

    def branch(problem: moo.problems.Problem) -> Callable[[Any, Any], Any]:
        if not problem.stochastic:
            return lambda x, keys: problem.objectives(x)
        return lambda x, keys: jax.vmap(lambda key: problem.objectives(x, key))(keys).mean(axis=0)

    return lax.switch(choice, [branch(problem) for problem in problems], x, keys)


def _keys(samples: int) -> Any:
    return jax.random.split(jax.random.key(0), samples)


def _abstract(num_lanes: int, dim: int) -> tuple[jax.ShapeDtypeStruct, ...]:
    return (
        jax.ShapeDtypeStruct((num_lanes, dim), jnp.float32),
        jax.ShapeDtypeStruct((num_lanes,), jnp.int32),
        jax.ShapeDtypeStruct((num_lanes,), jnp.int32),
    )
