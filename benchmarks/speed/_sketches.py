"""Sketched Gramians beside the exact one: what they cost against m, and how far they are off."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import moo
from benchmarks.speed._alternate import alternate, ratio
from benchmarks.speed._result import Result, table
from benchmarks.speed._trunk import Shape, draw, jax_arrays, objectives

PROBES = (4, 16)
_ROUNDS, _KEYS = 3, 8


def sketches(shapes: Sequence[Shape]) -> Result:
    """Return a table of Gramians by sketches of some sizes, and exact, at each shape."""
    rows = [row for shape in shapes for row in _shape(shape)]
    columns = ("Gramian, shape", "ms", "exact's over it", "error of a cosine", "as it tells")
    return table("Sketched Gramians", columns, rows)


def _shape(shape: Shape) -> list[tuple[str, ...]]:
    params, batch = jax_arrays(draw(shape))
    keys = jax.random.split(jax.random.key(0), _KEYS)
    exact = jax.jit(lambda key, p, *batch: moo.jacobian(objectives, p, *batch).gram().cosines)
    programs = {"exact": _called(exact, keys[0], params, *batch)}
    rows = {}
    for probes in PROBES:

        def look(key: Any, params: Any, *batch: Any, probes: int = probes) -> Any:
            found = moo.jacobian(objectives, params, *batch).sketched_gram(key, probes)
            return found.gram.cosines, found.cosine_errors

        sketch = jax.jit(look)
        programs[f"{probes} probes"] = _called(sketch, keys[0], params, *batch)
        rows[f"{probes} probes"] = _told(exact(keys[0], params, *batch), [
            sketch(key, params, *batch) for key in keys
        ])  # fmt: skip
    times = alternate(programs, _ROUNDS)
    return [
        (f"{name}, {shape}", f"{1e3 * np.median(taken):.3g}", str(ratio(times["exact"], taken)),
         *rows.get(name, ("–", "–")))
        for name, taken in times.items()
    ]  # fmt: skip


def _called(program: Any, *given: Any) -> Callable[[], Any]:
    compiled = program.lower(*given).compile()
    return lambda: jax.block_until_ready(compiled(*given))


def _told(exact: Any, found: Sequence[tuple[Any, Any]]) -> tuple[str, str]:
    """Return the root mean square of errors off the diagonal, and of what is told of them."""
    off = ~np.eye(len(exact), dtype=bool)
    cosines, errors = (jnp.stack(parts)[:, off] for parts in zip(*found, strict=True))
    sizes = ((cosines - exact[off]) ** 2).mean(), (errors**2).mean()
    return tuple(f"{float(size) ** 0.5:.3f}" for size in sizes)
