"""PCGrad: each gradient gives up its part against the others."""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from moo._jacobian import Gram
from moo._jacobian._gram import times_power_of_two
from moo._types import Array, Params, as_typed_key
from moo.aggregators._base import Aggregator, from_gram


class PCGradState(NamedTuple):
    """The typed random key of the next step's order."""

    key: Array


def pcgrad(num_objectives: int, *, key: int | Array = 0) -> Aggregator:
    r"""Project every gradient off those that it conflicts with, in random order, and add up.

    For each i: $p = g_i$; for the other j in random order, if $p^\top g_j < 0$:
    $p \leftarrow p - \frac{p^\top g_j}{\lVert g_j \rVert^2} g_j$. Then $v = \sum_i p_i$. The test
    uses the current p, the projection the original $g_j$. All of it runs on coefficients of the
    rows, so the update is linear in the Jacobian given the Gramian. A zero row conflicts with
    none: its weight is 1.

    Args:
        num_objectives: the number m of objectives.
        key: seed or typed random key of the orders.

    Returns:
        A linear aggregator of m backward passes, sum scale, with a `PCGradState`. For m = 2 it is
        deterministic and free of conflict; beyond, neither.

    Raises:
        TypeError: if the key is a raw one.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [-3.0, 4.0]]))
        >>> method = moo.pcgrad(num_objectives=2)
        >>> update, _ = method.update(jac, method.init(jnp.zeros(2)))
        >>> [round(float(entry), 2) for entry in update]
        [0.64, 4.48]

    Source: Yu et al., "Gradient Surgery for Multi-Task Learning", NeurIPS 2020, arXiv 2001.06782.
    Differs from the paper: none; some ports also test a gradient against itself.
    """
    start = as_typed_key(key)

    def init(params: Params, dtype: Any) -> PCGradState:
        return PCGradState(jnp.copy(start))

    def weigh(
        gram: Gram, losses: Array | None, state: PCGradState, *, active: Array
    ) -> tuple[Array, PCGradState]:
        key, draw = jax.random.split(state.key)
        units = _surgery(gram.cosines, active, _orders(draw, num_objectives))
        # Unit row j stands for g_j / d_j, so its coefficient in p_i is one of g_j times d_i / d_j,
        # a ratio that may overflow where nothing is to be multiplied by it.
        terms = jnp.where(units == 0, 0, units * _relative_lengths(gram))
        weights = jnp.sum(terms, axis=0, where=active[:, None])
        return jnp.where(gram.norms == 0, 1, weights), PCGradState(key)

    return from_gram(num_objectives, init, weigh)


def _relative_lengths(gram: Gram) -> Array:
    """Return d_i / d_j, shape (m, m); 0 for a zero row i."""
    norms = jnp.where(gram.norms == 0, 1, gram.norms)
    powers = gram.exponents[:, None] - gram.exponents[None, :]
    return times_power_of_two(gram.norms[:, None] / norms[None, :], powers)


@functools.partial(jax.jit, static_argnames="m")
def _orders(key: Array, m: int) -> Array:
    """Draw for each row an order of all rows, shape (m, m)."""
    if m == 2:
        return jnp.array([[0, 1], [0, 1]])
    return jax.vmap(lambda k: jax.random.permutation(k, m))(jax.random.split(key, m))


@jax.jit
def _surgery(cosines: Array, active: Array, orders: Array) -> Array:
    """Return the coefficients of the unit rows in every projected unit row, shape (m, m)."""
    m = len(active)

    def project(i: Array, order: Array) -> Array:
        def visit(step: int, p: Array) -> Array:
            j = order[step]
            along = jnp.sum(p * cosines[:, j])
            conflict = (along < 0) & (j != i) & active[j]
            return p.at[j].add(-jnp.where(conflict, along, 0))

        return lax.fori_loop(0, m, visit, jnp.eye(m, dtype=cosines.dtype)[i], unroll=m <= 4)

    return jax.vmap(project)(jnp.arange(m), orders)
