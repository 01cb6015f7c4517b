"""PiKE: weights that grow with a gradient's length and shrink with its noise."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian import Jacobian, check_params
from moo._jacobian._gram import times_power_of_two
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import (
    Aggregator,
    active_mask,
    check_num_objectives,
    combined,
    expect_jacobian,
)
from moo.aggregators._checks import check_count, check_number
from moo.aggregators.losses._masked import softmax
from moo.aggregators.stochastic._multipliers import labelled, scaled_products

# An exponent of 2**60 has put all the weight on one objective in every dtype.
_LARGEST = 60


class PikeState(NamedTuple):
    """Steps since the weights changed, the weights used, and the logarithms of all weights."""

    steps: Array  # (), int32
    weights: Array  # (m,), 0 where inactive
    logits: Array  # (m,)


def pike(
    num_objectives: int,
    *,
    zeta1: ArrayLike = 0.1,
    zeta2: ArrayLike = 0.5,
    period: int = 1,
) -> Aggregator:
    r"""Mix the objectives by exponentiated weights, for gradients that hardly conflict.

    Every $T_0$ steps $w_k \propto w_k \exp(\zeta_1 \lVert g_k \rVert^2 - \tfrac{\zeta_2}{2b}
    \sigma_k^2)$, and $v = J^\top w$ always; w = 1/m at first. The two statistics come from the
    halves $J_1, J_2$ of the batch: $\lVert g_k \rVert^2 \approx g_{1k}^\top g_{2k}$, without bias,
    and $\sigma_k^2 / b \approx \lVert g_{1k} - g_{2k} \rVert^2 / 4$ for a batch of b samples.

    Args:
        num_objectives: the number m of objectives.
        zeta1: $\zeta_1 \ge 0$ in units of one over a squared gradient. The paper tunes both; its
            values were not found, and the defaults are ours.
        zeta2: $\zeta_2 \ge 0$ in the same units.
        period: $T_0 \ge 1$ (1 is ours).

    Returns:
        A linear aggregator of convex scale with a `PikeState`. One backward pass a step, and m on
        each half in every $T_0$-th one; the Jacobian must know its batch axes (`batched=`). It
        looks at no angle: opposite rows of one length and one noise have w = 1/2. A zero row
        loses weight to others. An objective without labels in a half keeps its weight.

    Raises:
        TypeError: if a hyper-parameter is no number.
        ValueError: if a hyper-parameter is out of range, or the Jacobian cannot be split.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx, x = moo.pike(2, zeta1=jnp.log(3.0), zeta2=0.0), jnp.zeros(1)
        >>> rows = jnp.array([[[1.0], [0.0]], [[1.0], [0.0]]])  # two samples, no noise
        >>> losses = lambda x, rows: (rows @ x).mean(axis=0)
        >>> v, state = tx.update(moo.jacobian(losses, x, rows, batched=(True,)), tx.init(x))
        >>> [round(float(weight), 4) for weight in state.weights]
        [0.75, 0.25]

    Source: Li, Deng, Zhong, Razaviyayn, Mirrokni, "PiKE: Adaptive Data Mixing for Large-Scale
    Multi-Task Learning Under Low Gradient Conflicts", NeurIPS 2025, arXiv 2502.06244.
    Differs from the paper: w weighs the losses, where the paper draws that share of a batch from
    each task, which is the same in expectation; the estimates from two halves are ours.
    """
    m = check_num_objectives(num_objectives)
    check_number("zeta1", zeta1)
    check_number("zeta2", zeta2)
    check_count("period", period, low=1)

    def init(params: Params) -> PikeState:
        check_params(params)
        zeros = jnp.zeros(m, solver_dtype(params))
        return PikeState(jnp.zeros((), jnp.int32), zeros, jnp.copy(zeros))

    def update(
        jac: Jacobian, state: PikeState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, PikeState]:
        expect_jacobian(jac, m)
        halves, active = jac.split(2), active_mask(jac)

        def renew() -> Array:
            square, noise, exponent = _statistics(halves[0], halves[1])
            growth = jnp.asarray(zeta1 * square - zeta2 / 8 * noise, state.logits.dtype)
            growth = times_power_of_two(growth, jnp.minimum(exponent, _LARGEST))
            return _grown(state.logits, growth, labelled(halves))

        logits = lax.cond(state.steps == 0, renew, lambda: state.logits)
        weights = softmax(logits, 1, active)
        after = PikeState((state.steps + 1) % period, weights, logits)
        return combined(jac, weights), after

    return Aggregator(init, update, num_objectives=m, linear=True)


def _grown(logits: Array, growth: Array, labelled: Array) -> Array:
    """Add the growth, and keep the sum of these weights, so that the logits stay bounded."""
    before = jax.nn.logsumexp(logits, where=labelled)
    grown = logits + growth
    after = grown - jax.nn.logsumexp(grown, where=labelled) + before
    return jnp.where(labelled, after, logits)


def _statistics(one: Jacobian, two: Jacobian) -> tuple[Array, Array, Array]:
    """Return the products and the squared differences of two halves' rows, over 2**exponent."""
    one, two = one.materialize(), two.materialize()
    squares = [scaled_products(gram) for gram in (one.gram(), two.gram(), one.gram(two))]
    top = jnp.max(jnp.stack([exponent for _, exponent in squares]))
    first, second, cross = (
        times_power_of_two(jnp.diagonal(matrix), exponent - top) for matrix, exponent in squares
    )
    return cross, jnp.maximum(first + second - 2 * cross, 0), top
