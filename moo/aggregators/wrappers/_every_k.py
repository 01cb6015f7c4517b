"""Weights computed once in k steps."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import lax

from moo._jacobian import Jacobian
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import Aggregator, active_mask, combined, expect_jacobian
from moo.aggregators._checks import check_count
from moo.aggregators.wrappers._linear import expect_linear


class EveryKState(NamedTuple):
    """Steps taken, the weights in use, and the wrapped aggregator's state."""

    steps: Array  # (), int32
    weights: Array  # (m,)
    inner: PyTree


def every_k(aggregator: Aggregator, k: int) -> Aggregator:
    r"""Compute weights in every k-th step and reuse them in between.

    $w_t = w(J_{k \lfloor t/k \rfloor})$, $v_t = J_t^\top w_t$: k - 1 of k steps cost one backward
    pass. An objective that was inactive when the weights were computed has weight 0 until they
    are computed again.

    Args:
        aggregator: a linear aggregator.
        k: the period, at least 1.

    Returns:
        A linear aggregator. Keep its counter out of `vmap` (as `moo.run` does): mapped, the
        condition becomes a select and nothing is saved. On a CPU it does not pay for convolutions
        either: XLA takes their kernels' gradients about 50 times slower inside a condition.

    Raises:
        TypeError: if `aggregator` is a chain or another plain optax transformation, or k no int.
        ValueError: if it is not linear or returns a set, or k < 1.

    Example:
        >>> import moo
        >>> moo.every_k(moo.mgda(num_objectives=2), k=10).linear
        True

    Source: the `update_weights_every` option of Nash-MTL (Navon et al., ICML 2022,
    arXiv 2202.01017), here for any linear aggregator.
    """
    aggregator = expect_linear(aggregator, "every_k")
    check_count("k", k, low=1)

    def init(params: Params) -> EveryKState:
        weights = jnp.zeros(aggregator.num_objectives, solver_dtype(params))
        return EveryKState(jnp.zeros((), jnp.int32), weights, aggregator.init(params))

    def update(
        jac: Jacobian, state: EveryKState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, EveryKState]:
        expect_jacobian(jac, aggregator.num_objectives)

        def renew() -> tuple[PyTree, Array, PyTree]:
            updates, inner = aggregator.update(jac, state.inner, params, **extra)
            return updates, inner.weights, inner

        def reuse() -> tuple[PyTree, Array, PyTree]:
            # The inner weights are those of the last renewal, whoever was active since.
            weights = jnp.where(active_mask(jac), state.inner.weights, 0)
            return combined(jac, weights), weights, state.inner

        updates, weights, inner = lax.cond(state.steps == 0, renew, reuse)
        return updates, EveryKState((state.steps + 1) % k, weights, inner)

    return Aggregator(
        init,
        update,
        num_objectives=aggregator.num_objectives,
        linear=True,
        needs=aggregator.needs,
    )
