"""Where the time of a step on embedding tables goes, each part a program of its own."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np

import moo
from moo.sparse._gather import merge

READ, PASSES, WRITE = "reading the rows", "passes and optimizer", "writing the rows"


def parts(
    params: Any, objectives: Any, rule: Any, tables: Any, shared: Any, batches: Sequence[Any]
) -> dict[str, float]:
    """Return the median milliseconds of each part, which take turns over the batches.

    The optimizer's own rows are not read and written; that is left of the whole step. The full
    parameters are consumed.
    """
    tx = moo.optimizer("mgda", rule, num_objectives=2)
    gather = jax.jit(partial(moo.sparse.gather, tables=tables))
    passes = jax.jit(moo.make_step(objectives, tx, shared=shared))
    write = jax.jit(merge, donate_argnums=0)
    times: dict[str, list[float]] = {READ: [], PASSES: [], WRITE: []}
    for batch in batches:
        taken, (small, near, rows) = _timed(gather, params, batch)
        times[READ].append(taken)
        taken, (small, *_) = _timed(passes, small, tx.init(small), near)
        times[PASSES].append(taken)
        taken, params = _timed(write, params, small, rows)
        times[WRITE].append(taken)
    return _medians(times)


def _timed(program: Callable[..., Any], *given: Any) -> tuple[float, Any]:
    given = jax.block_until_ready(given)
    begun = time.perf_counter()
    found = jax.block_until_ready(program(*given))
    return 1e3 * (time.perf_counter() - begun), found


def _medians(times: Mapping[str, list[float]]) -> dict[str, float]:
    """Leave out the first of each, which compiles."""
    return {name: float(np.median(taken[1:])) for name, taken in times.items()}
