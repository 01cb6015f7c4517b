"""What a step of ESMM costs against the rows of its embedding tables, and what it holds."""

import multiprocessing
import os
import resource
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

import moo

FIELDS, WIDTH, BATCH = 8, 16, 1024
DENSE_ROWS = 10**7  # what the dense path still can hold
STEPS, DENSE_STEPS, WARM = 60, 3, 10


class Measured(NamedTuple):
    """One size, in a process of its own."""

    milliseconds: float  # median of a step
    seconds: float  # of drawing the parameters, compilation included
    tables: int  # bytes
    peak: int  # bytes that were resident at most


def tables(rows: Sequence[int] = (10**4, 10**6, 10**7, 10**8)) -> dict[str, float]:
    """Measure steps of ESMM for each number of rows, and the dense step at up to 1e7 rows.

    The rows are those of the eight tables of the eight fields together. Tables are drawn at
    random, ids by Zipf's law with exponent 1 over all rows of their table, popular ones anywhere
    in it; every step has a batch of its own. The optimizer is row-wise Adagrad after `mgda`. The
    processes ask for pages of 2 MB; the largest size is measured with pages of 4 kB, too.

    Args:
        rows: numbers of rows, ascending.

    Returns:
        milliseconds of a step and seconds of the initialisation for each number of rows, ratios of
        the largest to the smallest, dense against sparse, and resident and table bytes at the
        largest.
    """
    found = {num_rows: _alone(num_rows) for num_rows in rows}
    first, last = found[rows[0]], found[rows[-1]]
    small_pages = _alone(rows[-1], huge=False).milliseconds
    held = max(num_rows for num_rows in rows if num_rows <= DENSE_ROWS)
    dense = _alone(held, dense=True).milliseconds
    return {
        **{f"ms at {num_rows:.0e} rows": one.milliseconds for num_rows, one in found.items()},
        **{f"init s at {num_rows:.0e} rows": one.seconds for num_rows, one in found.items()},
        "largest / smallest": last.milliseconds / first.milliseconds,
        "largest, 4 kB pages / smallest": small_pages / first.milliseconds,
        f"dense ms at {held:.0e} rows": dense,
        f"dense / sparse at {held:.0e} rows": dense / found[held].milliseconds,
        "peak resident bytes": last.peak,
        "table bytes": last.tables,
    }


def _alone(num_rows: int, dense: bool = False, huge: bool = True) -> Measured:
    context = multiprocessing.get_context("spawn")
    with _tunables(f"glibc.malloc.hugetlb={int(huge)}"), ProcessPoolExecutor(1, context) as pool:
        return pool.submit(measure, num_rows, dense).result()


@contextmanager
def _tunables(value: str) -> Iterator[None]:
    """Set what glibc reads when a process starts; other systems do not read it."""
    before = os.environ.get("GLIBC_TUNABLES")
    os.environ["GLIBC_TUNABLES"] = value
    try:
        yield
    finally:
        del os.environ["GLIBC_TUNABLES"]
        if before is not None:
            os.environ["GLIBC_TUNABLES"] = before


def measure(num_rows: int, dense: bool = False) -> Measured:
    """Train for a few batches in this process."""
    model = _maker(num_rows // FIELDS)
    started = time.perf_counter()
    graphdef, params, _ = moo.models.functional(model)
    rule = moo.sparse.rowwise_adagrad(0.05)
    tx = moo.optimizer("mgda", rule if dense else moo.sparse.lazy(rule), num_objectives=2)
    state = tx.init(params)
    jax.block_until_ready((params, state))
    seconds = time.perf_counter() - started

    def losses(params: Any, batch: Any) -> Any:
        ctr, cvr = moo.models.apply(graphdef, params, {}, batch)[0].T
        return moo.models.esmm_losses(ctr, cvr, batch["click"], batch["conversion"])

    read = {} if dense else {"tables": moo.models.embedding_tables(model)}
    make_step = moo.make_step if dense else moo.sparse.make_step
    step = jax.jit(make_step(losses, tx, shared=moo.models.ESMM.shared, **read),
                   donate_argnums=(0, 1))  # fmt: skip
    times = []
    for batch in _batches(num_rows // FIELDS, 1 + DENSE_STEPS if dense else WARM + STEPS):
        begun = time.perf_counter()
        params, state, _ = jax.block_until_ready(step(params, state, batch))
        times.append(1e3 * (time.perf_counter() - begun))
    size = sum(table.nbytes for table in jax.tree.leaves(params["features"]))
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Measured(float(np.median(times[1 if dense else WARM :])), seconds, size, peak)


def _maker(vocabulary: int) -> Any:
    columns = [
        SimpleNamespace(name=f"field_{i}", kind="categorical", vocabulary=vocabulary)
        for i in range(FIELDS)
    ]
    return lambda: moo.models.ESMM(columns=columns, embedding_dim=WIDTH, rngs=nnx.Rngs(0))


def _batches(vocabulary: int, number: int) -> list[dict[str, Any]]:
    draw = np.random.default_rng(0)
    batches = []
    for _ in range(number):
        click = draw.random(BATCH) < 0.3
        batch = {f"field_{i}": jnp.asarray(_zipf(draw, vocabulary)) for i in range(FIELDS)}
        conversion = click & (draw.random(BATCH) < 0.3)
        batches.append(batch | {"click": jnp.asarray(click, jnp.int32),
                                "conversion": jnp.asarray(conversion, jnp.int32)})  # fmt: skip
    return batches


def _zipf(draw: np.random.Generator, vocabulary: int) -> np.ndarray:
    """Draw ids with probability near 1 / rank, the ranks scattered over the table."""
    ranks = np.floor((vocabulary + 1) ** draw.random(BATCH)).astype(np.int64) - 1
    return (ranks * 2_654_435_761 % vocabulary).astype(np.int32)  # a prime: a permutation
