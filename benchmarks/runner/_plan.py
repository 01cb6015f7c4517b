"""The plan of a suite: its cells at a scale, and the jobs that share compiled programs."""

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

import moo
from benchmarks import statistics, studies
from benchmarks.runner._block import Block
from benchmarks.runner._cell import Cell, canonical
from benchmarks.runner._execute import Job
from benchmarks.runner._program import Spec, build
from benchmarks.runner._steps import OPTIMIZERS, fixed_options
from benchmarks.runner._suite import Scale, Suite, UsageError, find

# In a suite's hyper-parameters: each problem's own ideal point, or the default where none is known.
IDEAL = "ideal"
_FRONT, _BELOW = 1_001, 0.01  # points of the front; how far below, as a share of its range


def cells(
    suite: Suite, scale: str, methods: Sequence[str] = (), trials: int | None = None
) -> list[Cell]:
    """Return every cell of a suite at a scale.

    Args:
        suite: the suite.
        scale: one of its scales.
        methods: names, in place of the scale's.
        trials: trials a method, in place of the scale's.

    Raises:
        UsageError: if a name is unknown, or a method cannot run on such problems.
    """
    size = find("scale", scale, suite.scales)
    if trials is not None:
        size = dataclasses.replace(size, trials=trials, learning_rates=())
    find("optimizer", suite.optimizer, OPTIMIZERS)
    counts = {pair: _num_objectives(suite, *pair) for pair in _pairs(suite, size)}
    chosen = list(_methods(methods or size.methods))
    beside = {} if methods else {model: list(_methods(names)) for model, names in size.also.items()}
    entries = [(method, *entry) for method, entry in product(chosen, counts.items())] + [
        (method, (problem, model), count)
        for (problem, model), count in counts.items()
        for method in beside.get(str(model), ())
        if method not in chosen
    ]
    return [
        Cell(
            suite=suite.name, problem=problem, problem_options=suite.problems.get(problem, {}),
            model=model, method=method, options=options, optimizer=suite.optimizer,
            learning_rate=rate, seed=seed, steps=steps, every=every, passes=size.passes,
            starts=size.starts, lanes=size.lanes,
        )
        for method, (problem, model), count in entries
        for given, rate in _tried(suite, size, method, count)
        for options in [_resolved(given, suite, problem)]
        for steps, every in [size.length(method, count, options)]
        for seed in range(size.seeds)
    ]  # fmt: skip


def jobs(wanted: Iterable[Cell]) -> list[Job]:
    """Group cells that share a program: one method, problems of one shape.

    The result does not depend on the order of the cells.
    """
    ordered = sorted(wanted, key=lambda c: (c.method, c.model or "", c.problem, c.json))
    shapes: dict[Spec, tuple[int, int]] = {}
    for spec in (Block((cell,), ()).spec for cell in ordered if cell.model is None):
        if spec not in shapes:
            built = build(spec)
            shapes[spec] = (built.num_objectives, built.dim)
    blocks: dict[str, dict[str, list[Cell]]] = {}
    for cell in ordered:
        program = canonical([cell.method, fixed_options(cell), cell.optimizer, _shape(cell, shapes),
                             cell.starts, cell.lanes, cell.samples])  # fmt: skip
        of_block = canonical(dataclasses.asdict(cell) | {"seed": cell.seed // cell.lanes})
        blocks.setdefault(program, {}).setdefault(of_block, []).append(cell)
    return [
        Job(_specs(group.values(), shapes), tuple(_block(found) for found in group.values()))
        for group in blocks.values()
    ]


def _tried(
    suite: Suite, size: Scale, method: str, num_objectives: int
) -> list[tuple[Mapping[str, Any], float]]:
    """Return the hyper-parameters and the learning rate of every trial."""
    published = suite.methods.get(method, [{}])
    if size.learning_rates:
        return list(product(published, size.learning_rates))
    if suite.learning_rate is None:
        raise UsageError("trials need the suite's range [learning_rate], or learning_rates")
    space = {
        name: _sized(fields, num_objectives)
        for name, fields in suite.spaces.get(method, {}).items()
    }
    try:
        parameters = statistics.search_space(space)
        found = statistics.trials(suite.learning_rate, parameters, suite.trials(size))
    except ValueError as error:
        raise UsageError(f"spaces.{method}: {error}") from error
    return [
        ({**published[0], **{name: drawn[name] for name in space}}, drawn["learning_rate"])
        for drawn in found
    ]


def _sized(fields: Mapping[str, Any], num_objectives: int) -> Mapping[str, Any]:
    """Return a parameter's entry with the number of objectives where it stands for that."""
    return fields if fields.get("size") != "objectives" else {**fields, "size": num_objectives}


def _resolved(options: Mapping[str, Any], suite: Suite, problem: str) -> Mapping[str, Any]:
    """Return hyper-parameters with the problem's ideal point where one is to stand for it."""
    if IDEAL not in options.values():
        return options
    ideal = _ideal((problem, canonical(suite.problems.get(problem, {}))))
    known = {name: ideal if value == IDEAL else value for name, value in options.items()}
    return {name: value for name, value in known.items() if value is not None}


@functools.cache
def _ideal(spec: Spec) -> list[float] | None:
    """Return a point just below the least values on a front; None where it is not known."""
    front = build(spec).pareto_front
    if front is None:
        return None
    values = front(_FRONT)
    lowest, range_ = values.min(axis=0), np.ptp(values, axis=0)
    return [float(value) for value in lowest - _BELOW * range_]


def _num_objectives(suite: Suite, problem: str, model: str | None) -> int:
    if model is not None:
        return studies.num_objectives(problem, model)
    return build((problem, canonical(suite.problems.get(problem, {})))).num_objectives


def _block(found: Sequence[Cell]) -> Block:
    lanes = found[0].lanes
    first = found[0].seed // lanes * lanes
    return Block(tuple(found), tuple(range(first, first + lanes)))


def _shape(cell: Cell, shapes: Mapping[Spec, tuple[int, int]]) -> Sequence[Any]:
    """Return what cells that share a program have in common, beside the method."""
    if cell.model is not None:
        return [cell.problem, cell.problem_options, cell.model, cell.every]
    return shapes[Block((cell,), ()).spec]


def _specs(
    blocks: Iterable[Sequence[Cell]], shapes: Mapping[Spec, tuple[int, int]]
) -> tuple[Spec, ...]:
    spec = next(Block(tuple(found), ()).spec for found in blocks)
    return tuple(sorted(key for key, shape in shapes.items() if shape == shapes.get(spec)))


def _pairs(suite: Suite, size: Scale) -> Iterator[tuple[str, str | None]]:
    """Yield the problems, or the data sets each with every model that fits it."""
    if find("kind", suite.kind, {"problems": 0, "studies": 1}) == 0:
        yield from product(_problems(size), [None])
        return
    everything = list(size.problems) == ["all"]
    names = [name for name in (suite.problems if everything else size.problems)
             if name not in size.without]  # fmt: skip
    try:
        yield from studies.pairs(names, size.models)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _problems(size: Scale) -> Iterator[str]:
    known = moo.problems.PROBLEMS
    everything = list(size.problems) == ["all"]
    for name in [*size.without, *(() if everything else size.problems)]:
        find("problem", name, known)
    for name in known if everything else size.problems:
        if name not in size.without:
            yield name


def _methods(names: Sequence[str]) -> Iterator[str]:
    known = moo.aggregators.METHODS
    everything = list(names) == ["all"]
    for name in known if everything else names:
        if not (extras := find("method", name, known).extras):
            yield name
        elif not everything:
            raise UsageError(f"{name} needs {', '.join(extras)}, which the problems do not give")
