"""The multiple-gradient descent algorithm."""

from typing import Literal, TypeAlias

import jax.numpy as jnp

from moo._jacobian import Gram
from moo._jacobian._checks import check_choice
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._rescale import divided_rows, over_lengths, unit_rows
from moo.aggregators._solvers._min_norm import min_norm
from moo.aggregators._solvers._solution import Solution
from moo.aggregators.losses._masked import positive

Normalization: TypeAlias = Literal["none", "l2", "loss", "loss+"]
Apply: TypeAlias = Literal["gradients", "losses"]


def mgda(
    num_objectives: int, *, normalization: Normalization = "none", apply: Apply = "gradients"
) -> Aggregator:
    r"""Take the shortest vector in the convex hull of the gradients.

    $w = \arg\min_{w \in \Delta} \lVert J^\top w \rVert^2$. Then $g_i^\top v \ge \lVert v \rVert^2$
    for every i: v is 0 at a Pareto-stationary point, elsewhere it decreases every loss. A zero row
    makes v = 0.

    With a normalisation, $\lambda = \arg\min_{\lambda \in \Delta} \lVert \sum_i \lambda_i g_i / c_i
    \rVert^2$ and $w_i = \lambda_i / c_i$, or $w_i = \lambda_i$ where it is applied to the losses.

    Args:
        num_objectives: the number m of objectives.
        normalization: $c_i$ is 1 (`"none"`), $\lVert g_i \rVert$ (`"l2"`), $\ell_i$ (`"loss"`) or
            $\ell_i \lVert g_i \rVert$ (`"loss+"`); the last two need positive losses, and one that
            is not makes the step NaN.
        apply: `"gradients"` weighs the normalised gradients, as the definition reads; `"losses"`
            puts the weights on the losses as they are, as Sener and Koltun's code does: then v may
            conflict.

    Returns:
        An aggregator of `convex` scale (of the normalised rows), without state, for m backward
        passes. Its `residual` is the duality gap $(\lVert v \rVert^2 - \min_i g_i^\top v) / \lVert
        v \rVert^2$ of the normalised rows. An objective of weight 0 leaves its task head untrained:
        use `heads="plain"`.

    Raises:
        ValueError: if an option is unknown, or the losses that it needs are missing.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.mgda(2)
        >>> jac = moo.stacked_jacobian(jnp.array([[2.0, 0.0], [0.0, 1.0]]))
        >>> update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(entry), 3) for entry in update]
        [0.4, 0.8]

    Source: Désidéri, "Multiple-gradient descent algorithm (MGDA) for multiobjective optimization",
    Comptes Rendus Mathématique 2012; for networks, with the normalisations, Sener and Koltun,
    NeurIPS 2018, arXiv 1810.04650.
    Differs from the paper: the minimum is exact, where Sener and Koltun's Frank-Wolfe stops early
    and their two-row rule returns 0.999 and 0.001 in place of 1 and 0.
    """
    check_choice("normalization", normalization, Normalization)
    check_choice("apply", apply, Apply)
    by_length, by_loss = normalization in ("l2", "loss+"), normalization in ("loss", "loss+")

    def weigh(
        gram: Gram, losses: Array | None, state: tuple[()], *, active: Array
    ) -> tuple[Solution, tuple[()]]:
        scaled = unit_rows(gram) if by_length else gram
        divisors = _divisors(losses, active) if by_loss else jnp.ones_like(gram.norms)
        solution = min_norm(divided_rows(scaled, divisors) if by_loss else scaled, active)
        if apply == "losses":
            return solution, state
        weights = over_lengths(solution.weights, gram) if by_length else solution.weights
        return solution._replace(weights=weights / divisors), state

    return from_gram(num_objectives, no_state, weigh)


def _divisors(losses: Array | None, active: Array) -> Array:
    if losses is None:
        raise ValueError("losses are missing: this normalization of mgda divides by them")
    return positive(losses, active)
