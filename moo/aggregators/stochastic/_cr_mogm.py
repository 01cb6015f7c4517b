"""CR-MOGM: weights averaged over the steps, so that they forget the noise that they weigh."""

from collections.abc import Callable

from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import expect_factory
from moo.aggregators.min_norm._mgda import mgda
from moo.aggregators.wrappers._ema_weights import Initial, ema_weights


def cr_mogm(
    num_objectives: int,
    *,
    base: Callable[[int], Aggregator] = mgda,
    decay: float | Array | Callable[[Array], Array] = 0.9,
    initial: Initial = "first",
) -> Aggregator:
    r"""Average the weights of a base method exponentially over the steps.

    $\lambda_k = \alpha_k \lambda_{k-1} + (1 - \alpha_k)\, w(J_k)$ and $v_k = J_k^\top \lambda_k$.
    Weights computed from the very gradients that they weigh are correlated with their noise, so
    $\mathbb{E}[J^\top w] \ne \mathbb{E}[J]^\top \mathbb{E}[w]$, and a method that is right for
    exact gradients settles beside the Pareto set; averaging cuts the correlation by
    $1 - \alpha_k$. Opposite rows get v = 0 only as far as the average agrees with the base.

    Args:
        num_objectives: the number m of objectives.
        base: `base(m) -> aggregator`, linear; the paper's are MGDA, PCGrad and CAGrad. Its weights
            are averaged as they come, on the simplex or not.
        decay: $\alpha$ in [0, 1), or a schedule of the step count such as `moo.tied_decay` of the
            learning rate. 0 is the base itself; 0.9 is TorchJD's default.
        initial: $\lambda_0$: `"first"` is $w(J_1)$, so that the first step is the base's, as in
            TorchJD; `"uniform"` is 1 over the number of active objectives.

    Returns:
        `moo.ema_weights` of the base: a linear aggregator of its cost (m backward passes), with an
        `EmaState`, and of its scale while the same objectives are active: an inactive objective
        keeps its average, and the others are not scaled up. The base's laws of descent do not
        carry over.

    Raises:
        TypeError: if the base builds no `moo.Aggregator`.
        ValueError: if the base is not linear, or `decay` or `initial` is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.cr_mogm(2, decay=0.5, initial="uniform")
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [3.0, 4.0]]))  # MGDA: w = (1, 0)
        >>> _, state = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> state.weights.tolist()
        [0.75, 0.25]

    Source: Zhou, Zhang, Jiang, Zhong, Gu, Zhu, "On the Convergence of Stochastic Multi-Objective
    Gradient Manipulation and Beyond", NeurIPS 2022.
    Differs from the paper: its own formula of $\alpha_k$ could not be confirmed; the recursion is
    as TorchJD documents it, and $\alpha_k$ is left to `decay`.
    """
    expect_factory("base", base)
    return ema_weights(base(num_objectives), decay, initial=initial)
