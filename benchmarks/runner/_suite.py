"""Suites as data: which methods run on which problems, from how many seeds, for how long."""

import dataclasses
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import moo
from benchmarks import statistics, studies
from benchmarks.runner._block import Block
from benchmarks.runner._cell import Cell, canonical
from benchmarks.runner._cost import passes_a_step
from benchmarks.runner._execute import Job
from benchmarks.runner._program import Spec, build
from benchmarks.runner._rules import Rules, read_rules
from benchmarks.runner._steps import OPTIMIZERS, fixed_options
from moo._names import find_name

FOLDER = Path(__file__).parents[1] / "suites"


class UsageError(ValueError):
    """What was asked for does not exist or does not fit."""


@dataclass(frozen=True)
class Scale:
    """How large a suite is run: the entries of one of its tables `scales`.

    Attributes:
        problems: names, or ["all"].
        methods: names, or ["all"]: all but those that a problem cannot serve.
        seeds: how many; they are 0, 1, 2, ...
        starts: starting points a seed.
        every: a row of metrics in so many steps, or passes where these are given.
        lanes: seeds side by side in one program.
        steps: steps of the optimizer, the same for every method; or
        passes: the budget of every run: backward passes an objective of the problem. A method
            takes as many steps as they pay for; one that needs the gradient of every objective
            takes `passes`.
        learning_rates: in place of trials: every one of them with all hyper-parameters of
            `Suite.methods`.
        without: problems that "all" leaves out.
        trials: hyper-parameter trials a method; None: as many as the suite's protocol says.
        models: of a suite of studies, those that are trained on every data set that they fit.
    """

    problems: Sequence[str]
    methods: Sequence[str]
    seeds: int
    starts: int
    every: int
    lanes: int
    steps: int = 0
    passes: int = 0
    learning_rates: Sequence[float] = ()
    without: Sequence[str] = ()
    trials: int | None = None
    models: Sequence[str] = ()

    def __post_init__(self) -> None:
        if min(self.steps, self.passes) < 0 or (self.steps > 0) == (self.passes > 0):
            raise ValueError(
                "a scale needs steps or passes, one of them positive, got "
                f"steps = {self.steps}, passes = {self.passes}"
            )

    def length(
        self, method: str, num_objectives: int, options: Mapping[str, Any]
    ) -> tuple[int, int]:
        """Return how many steps a run takes, and how many there are to a row of metrics."""
        if self.steps:
            return self.steps, self.every
        # A step in the unit of budgets: one backward pass an objective.
        cost = passes_a_step(method, num_objectives, options) / num_objectives
        return max(1, math.floor(self.passes / cost)), math.ceil(self.every / cost)


@dataclass(frozen=True)
class Suite:
    """A suite, as its TOML file says it.

    Attributes:
        name: its name.
        optimizer: what comes after every method.
        scales: its sizes by name.
        methods: hyper-parameters by method, one mapping a trial; a method that is not listed runs
            once, by its defaults.
        problems: options by problem or data set; a problem that is not listed is built by its
            defaults.
        kind: "problems", or "studies": learned models on data sets, of which "all" are those that
            `problems` lists.
        protocol: what a comparison fixes before its first run, or None.
        spaces: search spaces by method, in the form of `benchmarks.statistics.search_space`; the
            size of a simplex may be "objectives", as many as the problem has. A method that is not
            listed spends all its trials on learning rates.
        learning_rate: the range of learning rates, the same for every method.
        labels: what reports call a method, where it is not its name.
    """

    name: str
    optimizer: str
    scales: Mapping[str, Scale]
    methods: Mapping[str, Sequence[Mapping[str, Any]]]
    problems: Mapping[str, Mapping[str, Any]]
    kind: str = "problems"
    protocol: Rules | None = None
    spaces: Mapping[str, Mapping[str, Mapping[str, Any]]] = dataclasses.field(default_factory=dict)
    learning_rate: statistics.LogUniform | None = None
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def trials(self, size: Scale) -> int:
        """Return how many trials a method has at one of the scales."""
        return size.trials or (1 if self.protocol is None else self.protocol.trials)


def load_suite(name: str, folder: Path = FOLDER) -> Suite:
    """Read a suite by its name, or from a file of one's own.

    Args:
        name: a suite of the folder, or the path of a `.toml` file.
        folder: where suites are.

    Raises:
        UsageError: if there is no such suite, or its file does not describe one.

    Example:
        >>> sorted(load_suite("synthetic").scales)
        ['full', 'small', 'smoke']
    """
    path = Path(name)
    if path.suffix != ".toml":
        path = _find("suite", name, {file.stem: file for file in sorted(folder.glob("*.toml"))})
    elif not path.is_file():
        raise UsageError(f"there is no file {path}")
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        scales = {key: Scale(**entries) for key, entries in found.pop("scales").items()}
        if "protocol" in found:
            found["protocol"] = read_rules(found["protocol"])
        if "learning_rate" in found:
            found |= statistics.search_space({"learning_rate": found["learning_rate"]})
        return Suite(name=path.stem, scales=scales, **found)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} does not describe a suite: {error}") from error


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
    size = _find("scale", scale, suite.scales)
    if trials is not None:
        size = dataclasses.replace(size, trials=trials, learning_rates=())
    _find("optimizer", suite.optimizer, OPTIMIZERS)
    counts = {pair: _num_objectives(suite, *pair) for pair in _pairs(suite, size)}
    chosen = list(_methods(methods or size.methods))
    return [
        Cell(
            suite=suite.name, problem=problem, problem_options=suite.problems.get(problem, {}),
            model=model, method=method, options=options, optimizer=suite.optimizer,
            learning_rate=rate, seed=seed, steps=steps, every=every, passes=size.passes,
            starts=size.starts, lanes=size.lanes,
        )
        for method, ((problem, model), count) in product(chosen, counts.items())
        for options, rate in _tried(suite, size, method, count)
        for steps, every in [size.length(method, count, options)]
        for seed in range(size.seeds)
    ]  # fmt: skip


def jobs(wanted: Iterable[Cell]) -> list[Job]:
    """Group cells that share a program: one method, problems of one shape.

    The result does not depend on the order of the cells.
    """
    ordered = sorted(wanted, key=lambda cell: (cell.method, cell.problem, cell.json))
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
    if _find("kind", suite.kind, {"problems": 0, "studies": 1}) == 0:
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
        _find("problem", name, known)
    for name in known if everything else size.problems:
        if name not in size.without:
            yield name


def _methods(names: Sequence[str]) -> Iterator[str]:
    known = moo.aggregators.METHODS
    everything = list(names) == ["all"]
    for name in known if everything else names:
        if not (extras := _find("method", name, known).extras):
            yield name
        elif not everything:
            raise UsageError(f"{name} needs {', '.join(extras)}, which the problems do not give")


def _find(kind: str, name: str, table: Mapping[str, Any]) -> Any:
    try:
        return find_name(kind, name, table)
    except ValueError as error:
        raise UsageError(str(error)) from error
