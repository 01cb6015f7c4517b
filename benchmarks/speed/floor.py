"""A training step beside its floor: one forward and m backward passes in the same process."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.speed._alternate import Ratio, Seconds, alternate, ratio
from benchmarks.speed._result import Result, curve, result, table
from benchmarks.speed._trunk import (
    METHODS,
    Data,
    Shape,
    draw,
    jax_arrays,
    lowered,
    objectives,
    stepper,
)

SHAPES = tuple(Shape(256, 2048, m) for m in (2, 4, 8, 16))
SMALL = (Shape(16, 32, 2),)
ROUNDS = 9
SHOWN = "upgrad"  # the method of the ways that do not keep rows
TWO_PASSES, ONE_ROW = "two passes", "one row at a time"


class Beside(NamedTuple):
    """The times of a step, and of the floor in the same rounds."""

    step: Seconds
    floor: Seconds

    @property
    def ratio(self) -> Ratio:
        """Return how many times the floor the step takes."""
        return ratio(self.step, self.floor)


def floor(*, small: bool = False) -> Result:
    """Measure every method with rows kept, and one in two passes."""
    shapes, methods = (SMALL, (SHOWN,)) if small else (SHAPES, METHODS)
    found = [(shape, _shape(shape, methods)) for shape in shapes]
    ratios = [(shape.m, name, one.ratio) for shape, steps in found for name, one in steps.items()]
    kept = [one.median for _, name, one in ratios if name in METHODS]
    twice = [one.median / _two_passes(m) for m, name, one in ratios if name == TWO_PASSES]
    rows = [
        (f"{name}, m = {shape.m}", f"{1e3 * np.median(one.floor):.3g}",
         f"{1e3 * np.median(one.step):.3g}", str(one.ratio), _allowed(name, shape.m))
        for shape, steps in found for name, one in steps.items()
    ]  # fmt: skip
    columns = ("method", "floor ms", "step ms", "ratio", "bar")
    values = {"rows": max(kept), "two_pass": max(twice)}
    return result(
        values, [table("A step beside its floor", columns, rows)], [_curve(found)], _NOTES
    )


def _shape(shape: Shape, methods: Sequence[str]) -> dict[str, Beside]:
    """Time each step in turns with the floor alone, so that the machine drifts little between."""
    data = draw(shape)
    programs: dict[str, Callable[[], Any]] = {}
    for name in methods:
        program, tx = lowered(name, data, shape.m)
        programs[name] = stepper(program.compile(), tx, data)
    for name, gram in {ONE_ROW: "jvp", TWO_PASSES: "two_pass"}.items():
        program, tx = lowered(SHOWN, data, shape.m, gram=gram)
        programs[name] = stepper(program.compile(), tx, data)
    floors = {name: _floor(data, shape.m, name == "scanned") for name in ("unrolled", "scanned")}
    # The floor is whichever of its two forms XLA runs faster.
    pilots = alternate(floors, ROUNDS)
    quickest = floors[min(floors, key=lambda name: float(np.median(pilots[name])))]
    found = {}
    for name, program in programs.items():
        times = alternate({"step": program, "floor": quickest}, ROUNDS)
        found[name] = Beside(times["step"], times["floor"])
    return found


def _floor(data: Data, m: int, scanned: bool) -> Callable[[], Any]:
    """Return a call that takes the losses and all m gradients, and nothing with them."""

    def rows(params: Any, inputs: Any, targets: Any) -> Any:
        losses, pull = jax.vjp(lambda p: objectives(p, inputs, targets), params)
        basis = jnp.eye(m, dtype=losses.dtype)
        gradients = jax.lax.map(pull, basis) if scanned else [pull(row) for row in basis]
        return losses, gradients

    params, batch = jax_arrays(data)
    program = jax.jit(rows).lower(params, *batch).compile()
    return lambda: jax.block_until_ready(program(params, *batch))


def _two_passes(m: int) -> float:
    """Return the passes of a forward, m backwards and one more, over those of the floor."""
    return (m + 2) / (m + 1)


def _allowed(name: str, m: int) -> str:
    if name == ONE_ROW:
        return "–"
    return f"{1.1 * (_two_passes(m) if name == TWO_PASSES else 1):.3f}"


def _curve(found: Any) -> Result:
    lines = {
        name: [(shape.m, 1e3 * float(np.median(steps[name].step))) for shape, steps in found]
        for name in (SHOWN, TWO_PASSES, ONE_ROW)
    }
    lines["floor"] = [
        (shape.m, 1e3 * float(np.median(steps[SHOWN].floor))) for shape, steps in found
    ]
    title = f"Milliseconds of a step of {SHOWN} and of its floor against the objectives"
    return curve("floor", title, "objectives $m$", "ms", lines)


_NOTES = (
    f"Trunk 3×{SHAPES[0].width}, batch {SHAPES[0].batch:,}, float32, SGD; {ROUNDS} rounds of each "
    "step and the floor, in turns. The "
    "floor is one forward and m backward passes whose gradients are returned, unrolled or scanned, "
    "whichever is faster, as `jax.vjp` has them. moo takes kernels' gradients from inputs that it "
    "transposes once for all objectives, which is quicker on a CPU, so that a step can be below "
    "its floor. Rows are kept between Gramian and combination. *two passes*, with "
    f'{SHOWN}: `gram="two_pass"`, which lets them go and gives the weighted losses a backward '
    "pass of their own; it spares memory where few of the leaves are shared; "
    '*one row at a time*: `gram="jvp"`, a backward and a forward-mode pass an objective, for '
    "parameters of which not even a leaf's m rows fit.",
)
