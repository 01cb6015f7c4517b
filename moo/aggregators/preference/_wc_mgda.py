"""MGDA joined with weighted Chebyshev scalarization."""

import jax.numpy as jnp
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
from moo.aggregators._solvers._hull import hull_norm
from moo.aggregators._solvers._rows import Rows
from moo.aggregators._solvers._solution import Solution
from moo.aggregators.losses._tchebycheff import Point, check_point
from moo.aggregators.preference._losses import expect_losses


def wc_mgda(
    num_objectives: int,
    *,
    preference: Preference | None = None,
    baseline: Point = 0.0,
    u: ArrayLike = 0.1,
) -> Aggregator:
    r"""Weigh the largest weighted losses, as far as their rows do not cancel.

    $\alpha = \arg\max_{\alpha \in \Delta} \alpha^\top r (\ell - b) - \tfrac{u}{k} \lVert
    \sum_i \alpha_i r_i g_i \rVert$ with k the largest singular value of $\mathrm{diag}(r) J$, and
    $v = \sum_i \alpha_i r_i g_i$. $u \to 0$ is the gradient of the weighted Chebyshev scalarization
    $\max_i r_i (\ell_i - b_i)$, $u \to \infty$ is MGDA on the rows $r_i g_i$.

    Args:
        num_objectives: the number m of objectives.
        preference: r, shape (m,), non-negative; it multiplies losses and rows, so that the target
            is the point of the front on the ray 1/r. By default equal. An extra argument
            `preference` of `update` (of step, run or fit) takes its place.
        baseline: b, a number or shape (m,); the losses of a model to be beaten.
        u: $u > 0$, in units of the weighted losses (0.1 is the low end of the published range;
            the solver's own default is 0.01).

    Returns:
        A linear aggregator without a state of its own; the weights are $\alpha_i r_i$, of sum at
        most $\max_i r_i$, and 1/m at most by default. Its `residual` is the relative duality gap.
        m backward passes.

    Raises:
        TypeError: if `u` is no number.
        ValueError: if a shape is wrong, `u` is not above 0, or losses are missing.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.wc_mgda(2, preference=(1.0, 1.0))
        >>> jac = moo.stacked_jacobian(jnp.eye(2), losses=jnp.array([3.0, 1.0]))
        >>> update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> update.tolist()
        [1.0, 0.0]

    Source: Momma, Dong and Liu, "A Multi-objective / Multi-task Learning Framework Induced by
    Pareto Stationarity", ICML 2022.
    Differs from the paper: as in a public solver of it, read beside the abstract; u is fixed, where
    the paper's second program tunes it to the last step's value, and rows are weighed by r, which
    the stationarity of the weighted Chebyshev problem asks for.
    """
    check_preference(preference, num_objectives)
    check_point("baseline", baseline, num_objectives)
    check_number("u", u, strict=True)

    def weigh(
        gram: Gram,
        losses: Array | None,
        state: tuple[()],
        *,
        active: Array,
        preference: Preference | None = preference,
    ) -> tuple[Solution, tuple[()]]:
        losses = expect_losses(losses, "wc_mgda")
        check_preference(preference, num_objectives)
        factors = preference_weights(preference, losses, active)
        margins = factors * jnp.where(active, losses - jnp.asarray(baseline, losses.dtype), 0)
        weighted = _weighted(gram, factors)
        solution = hull_norm(weighted, active, -margins, u / _spectral_norm(weighted, active))
        weights = jnp.where(jnp.isfinite(margins).all(), solution.weights * factors, jnp.nan)
        return solution._replace(weights=weights), state

    return from_gram(num_objectives, no_state, weigh)


def _weighted(gram: Gram, factors: Array) -> Gram:
    """Return the Gramian of the rows times their factors."""
    mantissas, exponents = jnp.frexp(factors)
    norms = gram.norms * mantissas.astype(gram.norms.dtype)
    return gram._replace(norms=norms, exponents=gram.exponents + exponents.astype(jnp.int32))


def _spectral_norm(gram: Gram, active: Array) -> Array:
    """Return the largest singular value in units of the longest row; 1 where all are zero."""
    rows = Rows.of(gram, active)
    relative = rows.length[:, None] * rows.cosines * rows.length[None, :]
    # The eigenvalues of what is not finite are a solver's failure; its NaN comes by another way.
    sound = jnp.isfinite(relative).all()
    largest = jnp.linalg.eigvalsh(jnp.where(sound, relative, 0))[-1]
    return jnp.sqrt(jnp.where(largest > 0, largest, 1))
