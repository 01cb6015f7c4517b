"""AdaTask: an Adam step for every objective, added up."""

from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array, Params, PyTree
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import check_number, check_share
from moo.aggregators._from_rows import from_rows
from moo.aggregators._moments import (
    Moments,
    corrected,
    moved,
    quotient,
    zero_moments,
)
from moo.aggregators._rowwise import column


def adatask(
    num_objectives: int, *, b1: ArrayLike = 0.9, b2: ArrayLike = 0.999, eps: ArrayLike = 1e-8
) -> Aggregator:
    r"""Give every objective an Adam of its own on all parameters, and add their steps up.

    $v = \sum_i \hat m_i / (\sqrt{\hat v_i} + \epsilon)$ with the bias-corrected moments of
    $g_i$. An objective of large gradients then cannot own the step size of an entry.

    Args:
        num_objectives: the number m of objectives.
        b1: decay of the first moments, in [0, 1); 0.9 as in Adam and the authors' code.
        b2: decay of the second moments, in [0, 1); 0.999 likewise.
        eps: $\epsilon \ge 0$, in units of the gradients; 1e-8 likewise.

    Returns:
        An aggregator of m backward passes whose update is a step of Adam's size, up to about m
        an entry: follow it by `optax.scale_by_learning_rate`, not by Adam. Its state is `Moments`
        of 2 m d numbers. One objective gives Adam itself; a zero row adds nothing; exactly
        opposite rows cancel at the first step, whatever their lengths.

    Raises:
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.2], [0.0, 90.0]]))
        >>> method = moo.adatask(num_objectives=2)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].round(4).tolist()
        [1.0, 2.0]

    Source: Yang, Pan, Wang, Yu, Shen, Chen, Xiao, Jiang, Guo, "AdaTask: A Task-Aware Adaptive
    Learning Rate Approach to Multi-Task Learning", AAAI 2023, arXiv 2211.15055; its Adam version,
    defaults as in its code.
    Differs from the paper: its AdaGrad and RMSProp versions are left out. Leaves that are not
    shared receive plain gradients, no Adam step: give them an optimizer of their own.
    """
    check_share("b1", b1)
    check_share("b2", b2)
    check_number("eps", eps)

    def init(params: Params, dtype: Any) -> Moments:
        return zero_moments(params, num_objectives, dtype)

    def aggregate(
        rows: PyTree, losses: Array | None, state: Moments, *, active: Array
    ) -> tuple[PyTree, Moments]:
        state = moved(state, rows, active, b1, b2)

        def step(first: Array, root: Array) -> Array:
            steps = quotient(first, root + eps)
            return jnp.sum(jnp.where(column(active, steps), steps, 0), axis=0)

        return jax.tree.map(step, *corrected(state, b1, b2)), state

    return from_rows(num_objectives, init, aggregate)
