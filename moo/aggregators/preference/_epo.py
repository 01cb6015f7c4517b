"""Exact Pareto optimal search."""

from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._checks import (
    Preference,
    check_number,
    check_preference,
    preference_weights,
)
from moo.aggregators._solvers._exact_pareto import exact_pareto
from moo.aggregators._solvers._solution import Solution
from moo.aggregators.preference._losses import expect_losses


def epo(
    num_objectives: int,
    *,
    preference: Preference | None = None,
    eps: ArrayLike = 1e-4,
    relax: bool = False,
) -> Aggregator:
    r"""Make the losses times their preferences equal, then lower them all.

    With $s = r \ell / \sum r \ell$, $\mu = \sum_i s_i \log(m s_i)$, $a = r (\log(m s) - \mu)$ and
    $C = J J^\top$, the weights solve a linear program over the simplex. While $\mu > \epsilon$ it
    balances: $\max_\alpha \alpha^\top C a$ subject to $(C \alpha)_i \ge 0$ for the largest
    $r_i \ell_i$ and $(C \alpha)_i \ge (C a)_i$ where $(C a)_i \le 0$ (to $C \alpha \ge 0$ where no
    $(C a)_i$ is positive); some losses may rise on purpose. Else it descends:
    $\max_\alpha \mathbf 1^\top C \alpha$ subject to $C \alpha \ge 0$ and
    $\alpha^\top C a \ge \min(0, \max C a)$.

    Args:
        num_objectives: the number m of objectives.
        preference: r, shape (m,), non-negative; it multiplies the losses, so that the target is the
            point of the front on the ray 1/r. By default equal. An extra argument `preference` of
            `update` (of step, run or fit) takes its place.
        eps: $\epsilon \ge 0$, the divergence that counts as balanced (1e-4 in the authors' code).
        relax: whether to drop the last constraint of the descent, as the authors' code can.

    Returns:
        An aggregator of `convex` scale, without a state; it needs losses above 0, and a loss that
        is not makes the step NaN. Its `residual` is the linear program's. Where no weights meet
        the constraints they are $r / \sum r$, with `converged` False. m backward passes.

    Raises:
        TypeError: if `eps` is no number.
        ValueError: if `preference` has the wrong shape, `eps` is negative, or losses are missing.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.epo(2)
        >>> jac = moo.stacked_jacobian(jnp.eye(2), losses=jnp.array([4.0, 1.0]))
        >>> update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> update.tolist()
        [1.0, 0.0]

    Source: Mahapatra and Rajan, "Multi-Task Learning with User Preferences: Gradient Descent with
    Controlled Ascent in Pareto Optimization", ICML 2020; extended in arXiv 2108.00597. Rule and
    defaults as in its code.
    Differs from the paper: the answer where the program has no solution, which the authors' code
    leaves to its solver. Its scripts multiply the weights by m, or the step by $\max(\mu, 0.1)$.
    """
    check_preference(preference, num_objectives)
    check_number("eps", eps)

    def weigh(
        gram: Gram,
        losses: Array | None,
        state: tuple[()],
        *,
        active: Array,
        preference: Preference | None = preference,
    ) -> tuple[Solution, tuple[()]]:
        losses = expect_losses(losses, "epo")
        check_preference(preference, num_objectives)
        factors = preference_weights(preference, losses, active)
        return exact_pareto(gram, losses, factors, active, eps, relax), state

    return from_gram(num_objectives, no_state, weigh)
