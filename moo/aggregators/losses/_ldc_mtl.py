"""Weights from a trained router, which keeps the weighted losses close to each other."""

from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax.typing import ArrayLike

from moo._jacobian._checks import check_choice
from moo._types import Array, Params, PyTree
from moo.aggregators._base import Aggregator, from_losses
from moo.aggregators._checks import check_number
from moo.aggregators.losses._masked_adam import init_each, step_each

Pairs = Literal["chain", "all"]


class LdcMtlState(NamedTuple):
    """The router's logits, shape (m,), and the state of their Adam."""

    router: Array
    adam: PyTree


def ldc_mtl(
    num_objectives: int,
    *,
    learning_rate: ArrayLike = 1e-3,
    penalty: ArrayLike = 0.01,
    pairs: Pairs = "chain",
) -> Aggregator:
    r"""Train the weights to close the gaps between the weighted losses.

    With $\sigma = \mathrm{sigmoid}(W)$, $\theta$ and W descend together on
    $\frac{1}{S} \sum_i \sigma_i \ell_i
    + \lambda \sum_{i<m} |\sigma_i \ell_i - \sigma_{i+1} \ell_{i+1}|$, where $S = \sum_i \sigma_i$
    is a constant to the gradient. So $w_i = \sigma_i (1/S + \lambda (s_i - s_{i-1}))$ with $s_i$
    the sign of gap i, and W follows $(1 - \sigma_i)\, w_i \ell_i$.

    Args:
        num_objectives: the number m of objectives.
        learning_rate: step size of Adam on W, > 0; the model's own usual one suits, 1e-3 is ours.
        penalty: $\lambda \ge 0$ (0.01 in the authors' CelebA runs; 0.05 or 0.1 in the others). A
            large one makes weights negative.
        pairs: which gaps are closed: `"chain"`, of each active objective and the next one, as in
            the paper; or `"all"`, of every two, for which their order does not matter.

    Returns:
        A linear aggregator of one backward pass with an `LdcMtlState` that starts at W = 1;
        weights are used before they are updated, and an inactive objective's W stays.

    Raises:
        ValueError: if a hyper-parameter is out of range, or `pairs` is unknown.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([1.0, 2.0]))
        >>> method = moo.ldc_mtl(num_objectives=2)
        >>> update, _ = method.update(jac, method.init(jnp.zeros(2)))
        >>> [round(float(entry), 3) for entry in update]
        [0.493, 0.507]

    Source: Xiao, Dong, Zou, Ji, "LDC-MTL: Balancing Multi-Task Learning through Scalable Loss
    Discrepancy Control", 2025, arXiv 2502.08585; rule as in its CelebA code.
    Differs from the paper: W is trained by an Adam of its own, not by the model's optimizer;
    `"all"` is ours. Dividing losses by their first values, or taking their logarithm, as its other
    runs do, is left to the objectives.
    """
    check_number("learning_rate", learning_rate, strict=True)
    check_number("penalty", penalty)
    check_choice("pairs", pairs, Pairs)
    adam = optax.adam(learning_rate)

    def init(params: Params, dtype: Any) -> LdcMtlState:
        start = jnp.ones(num_objectives, dtype)
        return LdcMtlState(start, init_each(adam, start))

    def weigh(losses: Array, state: LdcMtlState, *, active: Array) -> tuple[Array, LdcMtlState]:
        losses = jnp.where(active, losses, 0)
        shares = jnp.where(active, jax.nn.sigmoid(state.router), 0)
        signs = _signs(shares * losses, _neighbours(active, pairs))
        weights = shares * (1 / jnp.sum(shares) + penalty * signs)
        slope = (1 - shares) * weights * losses
        return weights, LdcMtlState(*step_each(adam, slope, state.adam, state.router, active))

    return from_losses(num_objectives, init, weigh)


def _neighbours(active: Array, pairs: Pairs) -> Array:
    """Say which two active objectives have a gap to close, shape (m, m)."""
    both = active[:, None] & active[None, :]
    if pairs == "all":
        return both
    place = jnp.cumsum(active)
    return both & (jnp.abs(place[:, None] - place[None, :]) == 1)


def _signs(values: Array, neighbours: Array) -> Array:
    """Add up the signs of each value's differences from its neighbours."""
    signs = jnp.sign(values[:, None] - values[None, :])
    return jnp.sum(jnp.where(neighbours, signs, 0), axis=1)
