"""What a step of ESMM costs against the rows of its embedding tables, and what it holds."""

import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

import moo
from benchmarks.speed._table_parts import PASSES, parts

FIELDS, WIDTH, BATCH = 8, 16, 1024
DENSE_ROWS = 10**7  # what the dense path still can hold
STEPS, WARM, ROUNDS = 60, 10, 5
RULE, SHARED = moo.sparse.rowwise_adagrad(0.05), moo.models.ESMM.shared


class Measured(NamedTuple):
    """One size, in a process of its own."""

    milliseconds: float  # median of a step
    seconds: float  # of drawing the parameters, compilation included
    tables: int  # bytes
    peak: int  # bytes that were resident at most
    parts: dict[str, float]  # milliseconds


def tables(rows: Sequence[int] = (10**4, 10**6, 10**7, 10**8)) -> dict[str, float]:
    """Measure steps of ESMM for each number of rows, and the dense step at up to 1e7 rows.

    The rows are those of the eight tables of the eight fields together. Tables are drawn at
    random, ids by Zipf's law with exponent 1 over all rows of their table, popular ones anywhere
    in it; every step has a batch of its own. The optimizer is row-wise Adagrad after `mgda`. The
    processes ask for pages of 2 MB; the largest size is measured with pages of 4 kB, too. The dense
    and the sparse step at up to 1e7 rows are taken in turns, in one process.

    Args:
        rows: numbers of rows, ascending.

    Returns:
        milliseconds of a step and seconds of the initialisation for each number of rows, ratios of
        the largest to the smallest, dense against sparse, resident and table bytes at the largest,
        and the parts of a step at each size.
    """
    found = {num_rows: _alone(measure, num_rows) for num_rows in rows}
    first, last = found[rows[0]], found[rows[-1]]
    small_pages = _alone(measure, rows[-1], huge=False).milliseconds
    held = max(num_rows for num_rows in rows if num_rows <= DENSE_ROWS)
    dense, sparse = _alone(compare, held)
    return {
        **{f"ms at {num_rows:.0e} rows": one.milliseconds for num_rows, one in found.items()},
        **{f"init s at {num_rows:.0e} rows": one.seconds for num_rows, one in found.items()},
        "largest / smallest": last.milliseconds / first.milliseconds,
        "largest, 4 kB pages / smallest": small_pages / first.milliseconds,
        f"dense ms at {held:.0e} rows": dense,
        f"dense / sparse at {held:.0e} rows": dense / sparse,
        "peak resident bytes": last.peak,
        "table bytes": last.tables,
        f"dense / passes on the rows read, at {held:.0e} rows": dense / found[held].parts[PASSES],
        **{f"{part}, ms at {num_rows:.0e}": taken
           for num_rows, one in found.items() for part, taken in one.parts.items()},
    }  # fmt: skip


def _alone(what: Callable[[int], Any], num_rows: int, huge: bool = True) -> Any:
    context = multiprocessing.get_context("spawn")
    with _tunables(f"glibc.malloc.hugetlb={int(huge)}"), ProcessPoolExecutor(1, context) as pool:
        return pool.submit(what, num_rows).result()


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


def measure(num_rows: int) -> Measured:
    """Train for a few batches in this process."""
    training, batches = Training(num_rows), _batches(num_rows // FIELDS, WARM + STEPS)
    times = [training.step(batch) for batch in batches]
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    typical = float(np.median(times[WARM:]))
    return Measured(typical, training.seconds, training.size, peak, training.parts(batches))


def compare(num_rows: int) -> tuple[float, float]:
    """Return milliseconds of a dense and of a sparse step, taken in turns."""
    dense, sparse = Training(num_rows, dense=True), Training(num_rows)
    few = _batches(num_rows // FIELDS, 1 + STEPS // ROUNDS)
    times: dict[Training, list[float]] = {dense: [], sparse: []}
    for _ in range(1 + ROUNDS):
        times[dense].append(dense.step(few[0]))
        times[sparse].append(float(np.median([sparse.step(batch) for batch in few[1:]])))
    return float(np.median(times[dense][1:])), float(np.median(times[sparse][1:]))


class Training:
    """ESMM with its tables, its optimizer's state and its compiled step."""

    def __init__(self, num_rows: int, dense: bool = False) -> None:
        model, started = _maker(num_rows // FIELDS), time.perf_counter()
        graphdef, self.params, _ = moo.models.functional(model)
        rule = RULE if dense else moo.sparse.lazy(RULE)
        tx = moo.optimizer("mgda", rule, num_objectives=2)
        self.state = tx.init(self.params)
        jax.block_until_ready((self.params, self.state))
        self.seconds = time.perf_counter() - started
        self.size = sum(table.nbytes for table in jax.tree.leaves(self.params["features"]))

        def losses(params: Any, batch: Any) -> Any:
            ctr, cvr = moo.models.apply(graphdef, params, {}, batch)[0].T
            return moo.models.esmm_losses(ctr, cvr, batch["click"], batch["conversion"])

        self._objectives, self._tables = losses, moo.models.embedding_tables(model)
        read = {} if dense else {"tables": self._tables}
        make_step = moo.make_step if dense else moo.sparse.make_step
        step = make_step(losses, tx, shared=SHARED, **read)
        self._compiled = jax.jit(step, donate_argnums=(0, 1))

    def step(self, batch: Any) -> float:
        """Take a step and return its milliseconds."""
        begun = time.perf_counter()
        self.params, self.state, _ = self._compiled(self.params, self.state, batch)
        jax.block_until_ready((self.params, self.state))
        return 1e3 * (time.perf_counter() - begun)

    def parts(self, batches: Sequence[Any]) -> dict[str, float]:
        """Return the milliseconds of a step's parts; no step can follow."""
        return parts(self.params, self._objectives, RULE, self._tables, SHARED, batches)


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
