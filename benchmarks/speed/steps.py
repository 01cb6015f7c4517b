"""Training steps of seven methods beside TorchJD's, over widths, batches and objectives."""

import itertools
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from benchmarks.speed._alternate import Ratio, Seconds, alternate, cores, ratio
from benchmarks.speed._result import Result, curve, result, table
from benchmarks.speed._trunk import DEPTH, METHODS, Shape, draw, lowered, stepper

NARROW = 64
GRID = tuple(map(Shape._make, itertools.product((NARROW, 256, 512), (256, 2048), (2, 4, 8, 16))))
SMALL = (Shape(16, 32, 2),)
ROUNDS, FEW_ROUNDS, LONG = 5, 3, 0.3  # few where a step takes longer than so many seconds
SHOWN = "upgrad"  # the method of the curves, which have points of their own
BETWEEN = (Shape(128, 2048, 16), Shape(512, 512, 16), Shape(512, 1024, 16))


class Pair(NamedTuple):
    """One method at one shape: the times of both packages."""

    shape: Shape
    method: str
    moo: Seconds
    torchjd: Seconds
    compilation: float  # seconds, tracing included
    way: str  # TorchJD's

    @property
    def ratio(self) -> Ratio:
        """Return how many times longer TorchJD takes."""
        return ratio(self.torchjd, self.moo)


def steps(*, small: bool = False) -> Result:
    """Measure all methods at all shapes."""
    pairs = [pair for shape in (SMALL if small else GRID) for pair in _shape(shape, METHODS)]
    pairs += [pair for shape in (() if small else BETWEEN) for pair in _shape(shape, (SHOWN,))]
    ratios = [pair.ratio.median for pair in pairs]
    narrow = [p.ratio.median for p in pairs if p.method == "nash_mtl" and p.shape.width <= NARROW]
    values = {"median": float(np.median(ratios)), "least": min(ratios), "nash_mtl": min(narrow)}
    return result(values, [_table(pairs)], _curves(pairs), [_note()])


def _shape(shape: Shape, methods: Sequence[str]) -> list[Pair]:
    """Measure one shape; TorchJD goes its quickest way there, by a pilot."""
    from benchmarks.speed._torchjd_steps import Way, torch_step, ways

    data = draw(shape)
    threads = sorted({1, cores()}) if shape.width <= NARROW else [cores()]
    every = [Way(name, number) for name in ways(SHOWN) for number in threads]
    pilots = {str(way): torch_step(SHOWN, way, data) for way in every}
    taken = {way: times.min() for way, times in alternate(pilots, rounds=1).items()}
    rounds = ROUNDS if min(taken.values()) < LONG else FEW_ROUNDS
    pairs = []
    for method in methods:
        way = min((w for w in every if w.name in ways(method)), key=lambda w: taken[str(w)])
        step, compilation = _compiled(method, shape)
        times = alternate({"moo": step, "torchjd": torch_step(method, way, data)}, rounds)
        pairs.append(Pair(shape, method, times["moo"], times["torchjd"], compilation, str(way)))
    return pairs


def _compiled(method: str, shape: Shape) -> tuple[Any, float]:
    data, started = draw(shape), time.perf_counter()
    program, tx = lowered(method, data, shape.m)
    program = program.compile()
    taken = time.perf_counter() - started
    return stepper(program, tx, data), taken


def _table(pairs: Sequence[Pair]) -> Result:
    rows = [
        (f"{pair.method}, {pair.shape}", _ms(pair.moo), _ms(pair.torchjd), str(pair.ratio),
         f"{pair.compilation:.1f}", pair.way)
        for pair in pairs
    ]  # fmt: skip
    columns = ("method, shape", "moo ms", "TorchJD ms", "ratio", "compilation s", "TorchJD by")
    return table("A step, and how many times longer TorchJD's takes", columns, rows)


def _ms(times: Seconds) -> str:
    return f"{1e3 * np.median(times):.3g}"


def _curves(pairs: Sequence[Pair]) -> list[Result]:
    """Draw the shown method's times against each size, the others held at their largest."""
    mine = sorted((pair for pair in pairs if pair.method == SHOWN), key=lambda pair: pair.shape)
    largest = Shape(*(max(pair.shape[k] for pair in mine) for k in range(3)))
    labels = {"width": f"width of {DEPTH} layers", "batch": "batch", "m": "objectives $m$"}
    return [
        _curve([p for p in mine if _but(size, p.shape) == _but(size, largest)], size, label)
        for size, label in labels.items()
    ]


def _but(size: str, shape: Shape) -> Shape:
    return shape._replace(**{size: 0})


def _curve(pairs: Sequence[Pair], size: str, label: str) -> Result:
    lines = {
        name: [(getattr(p.shape, size), 1e3 * float(np.median(getattr(p, key)))) for p in pairs]
        for name, key in (("moo", "moo"), ("TorchJD", "torchjd"))
    }
    title = f"Milliseconds of a step of {SHOWN} against the {label.split()[0]}"
    return curve(f"steps_{size}", title, label, "ms a step", lines)


def _note() -> str:
    return (
        f"float32, SGD, {cores()} threads; a trunk of {DEPTH} square layers without biases and one "
        "linear output an objective; the Jacobian of all parameters; the batch is at hand, and "
        f"every call is a whole training step. {ROUNDS} rounds, {FEW_ROUNDS} of "
        f"steps longer than {LONG:g} s. TorchJD goes the way that is quickest at that shape in a "
        f"pilot with {SHOWN}, on all threads or, where the trunk is narrow, one: "
        "`autojac.backward` of all losses at once or one by one, with `jac_to_grad` over the "
        "Jacobian or over Gramians summed by parameter, or `autogram.Engine` and a backward pass "
        "of the weighted losses. Its NashMTL takes the Jacobian, so it has the first two."
    )
