"""MOON: one orthogonal step a matrix, with weights that follow what the step does to each loss."""

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array, Params, PyTree
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import check_count, check_number, check_share
from moo.aggregators._from_rows import from_rows
from moo.aggregators._rowwise import cast_rows, column, row_lengths, row_products, unit_rows
from moo.aggregators._solvers._polar import MUON, Quintic, polar
from moo.aggregators.losses._masked import softmax


class MOONState(NamedTuple):
    """Logits of the weights, shape (m,), and the momentum, a pytree like the parameters."""

    logits: Array
    momentum: PyTree


def moon(
    num_objectives: int,
    *,
    momentum: ArrayLike = 0.95,
    learning_rate: ArrayLike = 1e-4,
    decay: ArrayLike = 1e-3,
    steps: int = 5,
    coefficients: Quintic = MUON,
) -> Aggregator:
    r"""Step along the polar factor of the weighted momentum; lower the weights of what it serves.

    With $z = \mathrm{softmax}(\xi)$ and $M \leftarrow (1 - \mu) M + \mu \sum_i z_i G_i$ for each
    matrix, $v = U V^\top$ of $M = U S V^\top$ by Newton-Schulz iterations. Then
    $\xi \leftarrow \xi - \beta (\delta + \gamma \xi)$ with $\delta_i = \langle G_i, v \rangle$
    summed over all matrices: $\xi_i$ falls where v already decreases loss i. The weights
    that it tracks minimise the nuclear norm of $\sum_i z_i G_i$ over the simplex.

    A leaf of two axes is one matrix; of more, $(\ldots, n)$ with all axes but the last taken
    together, as Flax lays kernels out; a vector or a number is a matrix of one row, so its polar
    factor is its unit vector, or its sign.

    Args:
        num_objectives: the number m of objectives.
        momentum: $1 - \mu$ in [0, 1); 0.95 as in Muon, since the paper states no value.
        learning_rate: $\beta \ge 0$, for $\delta$ in units of the losses; 1e-4, the best of the
            paper's study on MultiMNIST.
        decay: $\gamma \ge 0$; 1e-3 likewise.
        steps: Newton-Schulz iterations, >= 1; 5 as in Muon.
        coefficients: of the quintic; Muon's, fast and within a third of 1. (1.875, -1.25, 0.375)
            converges to the exact factor, in about 15 steps.

    Returns:
        An aggregator of m backward passes, and of 3 products a matrix and iteration, whose update
        has spectral norm about 1 in each matrix, so `optax.scale_by_learning_rate` follows. Its
        `MOONState` starts at 0. One objective gives Muon without Nesterov momentum; a zero row
        has $\delta_i = 0$; of exactly opposite rows the longer one leads at first.

    Raises:
        TypeError: if `steps` is no int, or a hyper-parameter no number.
        ValueError: if a hyper-parameter is out of range, or there are not 3 coefficients.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> rows = {"kernel": jnp.array([[[2.0, 0.0], [0.0, 0.1]], [[0.0, 0.0], [0.0, 1.0]]])}
        >>> method = moo.moon(2, steps=15, coefficients=(1.875, -1.25, 0.375))
        >>> state = method.init({"kernel": jnp.zeros((2, 2))})
        >>> update, _ = method.update(moo.stacked_jacobian(rows), state)
        >>> update["kernel"].round(4).tolist()
        [[1.0, 0.0], [0.0, 1.0]]

    Source: Zhou, Lyu, Zhang, Wang, Sun, "MOON: Multi-Objective OrthoNormalized Updates for
    Multitask Learning", 2026, arXiv 2608.11749, Algorithm 1.
    Differs from the paper: it treats one matrix, and several blockwise; here the weights are
    common to all leaves, so $\delta$ is summed over them. What is done with leaves that are no
    matrices is this package's choice. Its code could not be compared.
    """
    check_share("momentum", momentum)
    check_number("learning_rate", learning_rate)
    check_number("decay", decay)
    check_count("steps", steps, low=1)
    if np.shape(coefficients) != (3,):
        raise ValueError(f"coefficients must be 3 numbers, got {coefficients!r}")
    for i, coefficient in enumerate(coefficients):
        check_number(f"coefficients[{i}]", coefficient, low=-math.inf)

    def init(params: Params, dtype: Any) -> MOONState:
        zeros = jax.tree.map(lambda leaf: jnp.zeros(jnp.shape(leaf), dtype), params)
        return MOONState(jnp.zeros(num_objectives, dtype), zeros)

    def aggregate(
        rows: PyTree, losses: Array | None, state: MOONState, *, active: Array
    ) -> tuple[PyTree, MOONState]:
        dtype = state.logits.dtype
        rows = cast_rows(rows, dtype)
        shares = softmax(state.logits, 1, active)

        def averaged(old: Array, leaf: Array) -> Array:
            mixed = jnp.sum(column(shares, leaf) * leaf, axis=0)
            return jnp.asarray(momentum, dtype) * old + jnp.asarray(1 - momentum, dtype) * mixed

        average = jax.tree.map(averaged, state.momentum, rows)
        update = jax.tree.map(lambda leaf: _orthogonal(leaf, steps, coefficients), average)
        slope = row_products(rows, update) + decay * state.logits
        logits = state.logits - jnp.where(active, learning_rate * slope, 0).astype(dtype)
        return update, MOONState(logits, average)

    return from_rows(num_objectives, init, aggregate)


def _orthogonal(leaf: Array, steps: int, coefficients: Quintic) -> Array:
    """Return the polar factor of a leaf, the unit vector of one with fewer than two axes."""
    if leaf.ndim < 2:
        return unit_rows(leaf[None], row_lengths(leaf[None]))[0]
    matrix = leaf.reshape(-1, leaf.shape[-1])
    return polar(matrix, steps, coefficients).reshape(leaf.shape)
