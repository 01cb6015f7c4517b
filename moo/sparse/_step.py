"""One training step on the rows that a batch reads."""

from typing import Any

import optax

from moo._record import Record
from moo._train import Step
from moo._train import make_step as make_dense_step
from moo._types import Objectives, Params, PyTree
from moo.sparse._gather import Tables, gather, merge
from moo.sparse._layout import expect_rows_inside
from moo.sparse._lazy import LazyState


def make_step(
    objectives: Objectives,
    tx: optax.GradientTransformation,
    *,
    tables: Tables,
    padding: int | None = None,
    batch_argument: int = 0,
    **options: Any,
) -> Step:
    r"""Build the training step of `moo.make_step` for objectives with large embedding tables.

    Gather, take the Jacobian at the small tables, update, and put the rows back.

    Args:
        objectives: `objectives(params, *args) -> losses`, shape (m,), as for dense training.
        tx: an optimizer whose first member is an aggregator, with everything that follows inside
            `moo.sparse.lazy`, as in `moo.optimizer("mgda", moo.sparse.lazy(optax.adam(1e-3)),
            num_objectives=2)`.
        tables: a table's path in `params` -> its field, or fields, of the batch: see `gather`.
        padding: a negative id that reads no row: see `gather`.
        batch_argument: which of `args` is the batch, a mapping of fields.
        **options: `has_aux` of `moo.make_step`, and the options of `moo.jacobian`.

    Returns:
        A pure function `step(params, state, *args, **extra) -> (params, state, Record)` on the
        full parameters and state. Jit it with `donate_argnums=(0, 1)`: the tables are then
        written in place, and a step costs the same for any number of rows.

    Raises:
        ValueError: in the step, what `gather` and `lazy` refuse, and a `tx` whose state follows
            the rows of a table outside of `lazy`, such as that of `moco`.

    The parameters are those of the dense step with any aggregator that keeps nothing shaped as the
    parameters, if `lazy` says so of the rule; `graddrop` draws its noise on the rows read.

    Example:
        >>> import jax, jax.numpy as jnp, moo, optax
        >>> def objectives(params, batch):
        ...     rows = params["emb"][batch["item"]]
        ...     return jnp.stack([jnp.mean((rows - 1) ** 2), jnp.mean((rows + 1) ** 2)])
        >>> tx = moo.optimizer("mgda", moo.sparse.lazy(optax.sgd(0.5)), num_objectives=2)
        >>> step = jax.jit(moo.sparse.make_step(objectives, tx, tables={"emb": "item"}))
        >>> params = {"emb": jnp.full((1000, 1), 3.0)}
        >>> params, state, record = step(params, tx.init(params), {"item": jnp.array([7, 7])})
        >>> record.losses.tolist(), params["emb"][6:9].ravel().tolist()
        ([4.0, 16.0], [3.0, 1.0, 3.0])
    """
    dense = make_dense_step(objectives, tx, **options)

    def step(
        params: Params, state: PyTree, *args: Any, **extra: Any
    ) -> tuple[Params, PyTree, Record]:
        given = list(args)
        small, given[batch_argument], rows = gather(
            params, given[batch_argument], tables=tables, padding=padding
        )
        expect_rows_inside(tx.init, small, rows, LazyState)
        small, state, record = dense(small, state, *given, rows=rows, **extra)
        return merge(params, small, rows), state, record

    return step
