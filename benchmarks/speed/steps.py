"""Training steps of seven methods beside TorchJD's, over widths, batches and objectives."""

import itertools
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from benchmarks.speed._alternate import Ratio, Seconds, alternate, cores, ratio
from benchmarks.speed._products import Rates, gigaflops, rates
from benchmarks.speed._result import Result, curve, result, table
from benchmarks.speed._step_parts import GRAMIAN, PASSES, PRODUCTS, STEP, step_parts
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
    rates: Rates

    @property
    def ratio(self) -> Ratio:
        """Return how many times longer TorchJD takes."""
        return ratio(self.torchjd, self.moo)

    @property
    def most(self) -> float:
        """Return the ratio of a step that takes no longer than its products."""
        return float(np.median(self.torchjd)) / self.rates.floor(self.shape)


def steps(*, small: bool = False) -> Result:
    """Measure all methods at all shapes."""
    pairs = [pair for shape in (SMALL if small else GRID) for pair in _shape(shape, METHODS)]
    pairs += [pair for shape in (() if small else BETWEEN) for pair in _shape(shape, (SHOWN,))]
    values = _values(pairs)
    note = _note(values["median_floor"])
    tables = [_rates(pairs), _parts(pairs), _table(pairs)]
    return result(values, tables, _curves(pairs), [note])


def _values(pairs: Sequence[Pair]) -> dict[str, float]:
    """Return what the bars judge, and the same of steps that are products alone."""
    found = np.array([(pair.ratio.median, pair.most) for pair in pairs])
    nash = [p.method == "nash_mtl" and p.shape.width <= NARROW for p in pairs]
    taken = {"median": np.median(found, axis=0), "least": found.min(axis=0),
             "nash_mtl": found[nash].min(axis=0)}  # fmt: skip
    return {
        name + end: float(value)
        for name, both in taken.items()
        for end, value in zip(("", "_floor"), both, strict=True)
    }


def _shape(shape: Shape, methods: Sequence[str]) -> list[Pair]:
    """Measure one shape; TorchJD goes its quickest way there, by a pilot."""
    from benchmarks.speed._torchjd_steps import Way, torch_step, ways

    data = draw(shape)
    threads = sorted({1, cores()}) if shape.width <= NARROW else [cores()]
    every = [Way(name, number) for name in ways(SHOWN) for number in threads]
    pilots = {str(way): torch_step(SHOWN, way, data) for way in every}
    taken = {way: times.min() for way, times in alternate(pilots, rounds=2).items()}
    rounds = ROUNDS if min(taken.values()) < LONG else FEW_ROUNDS
    pairs, products = [], rates(data)
    for method in methods:
        way = min((w for w in every if w.name in ways(method)), key=lambda w: taken[str(w)])
        step, compilation = _compiled(method, shape)
        times = alternate({"moo": step, "torchjd": torch_step(method, way, data)}, rounds)
        pairs.append(
            Pair(shape, method, times["moo"], times["torchjd"], compilation, str(way), products)
        )
    return pairs


def _compiled(method: str, shape: Shape) -> tuple[Any, float]:
    data, started = draw(shape), time.perf_counter()
    program, tx = lowered(method, data, shape.m)
    program = program.compile()
    taken = time.perf_counter() - started
    return stepper(program, tx, data), taken


def _rates(pairs: Sequence[Pair]) -> Result:
    """List what products cost and what they allow, by the sizes of a product."""
    groups: dict[tuple[int, int], list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(pair.shape[:2], []).append(pair)
    rows = []
    for (width, batch), group in groups.items():
        speeds = [
            f"{np.median([gigaflops(p.shape, getattr(p.rates, name)) for p in group]):.0f}"
            for name in Rates._fields
        ]
        found = [p.ratio.median for p in group], [p.most for p in group]
        rows.append((f"3×{width}, batch {batch:,}", *speeds, *map(_between, found)))
    columns = ("shape", "XLA GFLOP/s", "torch GFLOP/s", "ratio", "ratio of products alone")
    return table("Products of a batch with a kernel, and what they allow", columns, rows)


def _parts(pairs: Sequence[Pair]) -> Result:
    """Say where the time goes in the steps that are the least ahead."""
    nash = [p for p in pairs if p.method == "nash_mtl" and p.shape.width <= NARROW]
    least = [min(some, key=lambda p: p.ratio.median) for some in (pairs, nash)]
    rows = []
    for pair in {(pair.method, pair.shape): pair for pair in least}.values():
        parts = step_parts(pair.method, pair.shape)
        times = [1e3 * float(np.median(parts[name])) for name in (PRODUCTS, PASSES, GRAMIAN, STEP)]
        more = [f"{time:.2f}" for time in np.diff(times, prepend=0)]
        rows.append((f"{pair.method}, {pair.shape}", f"{times[-1]:.2f}", *more, _ms(pair.torchjd)))
    columns = ("method, shape", "moo ms", "XLA's products", "rest of the passes", "Gramian",
               "weights, combination, update", "TorchJD ms")  # fmt: skip
    return table("Where the time of moo's step goes, at the least ratios", columns, rows)


def _between(values: Sequence[float]) -> str:
    return f"{np.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def _table(pairs: Sequence[Pair]) -> Result:
    rows = [
        (f"{pair.method}, {pair.shape}", _ms(pair.moo), _ms(pair.torchjd), str(pair.ratio),
         f"{pair.most:.2f}", f"{pair.compilation:.1f}", pair.way)
        for pair in pairs
    ]  # fmt: skip
    columns = ("method, shape", "moo ms", "TorchJD ms", "ratio", "of products alone",
               "compilation s", "TorchJD by")  # fmt: skip
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


def _note(most: float) -> str:
    return (
        f"float32, SGD, {cores()} threads; a trunk of {DEPTH} square layers without biases and one "
        "linear output an objective; the Jacobian of all parameters; the batch is at hand, and "
        f"every call is a whole training step. {ROUNDS} rounds, {FEW_ROUNDS} of "
        f"steps longer than {LONG:g} s. TorchJD goes the way that is quickest at that shape in a "
        f"pilot with {SHOWN}, on all threads or, where the trunk is narrow, one: "
        "`autojac.backward` of all losses at once or one by one, with `jac_to_grad` over the "
        "Jacobian or over Gramians summed by parameter, or `autogram.Engine` and a backward pass "
        "of the weighted losses. Its NashMTL takes the Jacobian, so it has the first two. *Of "
        "products alone*: the ratio that a step would have that took no longer than the matrix "
        "products of its forward and m backward passes, at the better of both packages' rates for "
        f"the forward one: {most:.2f} in the median. Wide trunks and large batches are products "
        "and little else, in both packages. Where the ratios are least, programs that do more and "
        "more of a step say where its time goes: *XLA's products* of random matrices alone, the "
        "passes, the passes and the Gramian, the step; each column is what it adds to those "
        "before."
    )
