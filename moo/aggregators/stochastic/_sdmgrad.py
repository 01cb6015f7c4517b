"""SDMGrad: min-norm weights, leaned towards the mean gradient, from independent batches."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import Jacobian, check_params
from moo._jacobian._checks import check_choice
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import Aggregator, check_num_objectives, combined, expect_jacobian
from moo.aggregators._checks import check_count, check_number
from moo.aggregators._solvers._simplex import over_active
from moo.aggregators.stochastic._direction_oriented import Inner, leaned, solve
from moo.aggregators.stochastic._multipliers import labelled, stored


class SdmgradState(NamedTuple):
    """The weights of the batch, those of the part that takes the step, w, the certificate."""

    weights: Array | None  # (m,); None with three batches, of which the last alone takes the step
    multipliers: Array  # (m,), (w + lam / m) / (1 + lam)
    shares: Array  # (m,), w
    residual: Array  # ()
    converged: Array  # (), bool


def sdmgrad(
    num_objectives: int, *, lam: ArrayLike = 0.3, inner: Inner = "exact", batches: int = 3
) -> Aggregator:
    r"""Find the shortest direction among those leaned towards the mean gradient.

    $w = \arg\min_{w \in \Delta} \tfrac12 w^\top A w + \lambda w^\top A \tilde w$ with
    $A = J_1 J_2^\top$ and $\tilde w = 1/m$, and
    $v = J_3^\top (w + \lambda \tilde w) / (1 + \lambda)$, the three Jacobians on the parts of
    `Jacobian.split`. $\lambda = 0$ is MGDA, $\lambda \to \infty$ the mean.

    Args:
        num_objectives: the number m of objectives.
        lam: $\lambda \ge 0$ (0.3 in the authors' NYUv2 and Cityscapes scripts, 0.6 in MT10's).
        inner: `"exact"` minimises with the positive part of $\tfrac12 (A + A^\top)$;
            `"published"` is the authors' loop of 20 projected momentum steps of size 10 on A
            divided by its mean length squared, from the last step's w. That loop jumps between
            vertices with period 2 and does not converge.
        batches: 3, or 1 to take all three Jacobians on the whole batch, as the authors' code does
            (in its supervised part by a slip).

    Returns:
        An aggregator of convex scale, linear with one batch, with an `SdmgradState`. 2m + 1
        backward passes on thirds of the batch, or m + 1 on the whole. With one batch, `"exact"`
        and $\lambda = 0$ it decreases every loss. A zero row takes all of w and leaves v the share
        $\lambda / (1 + \lambda)$ of the mean. With three batches the Jacobian must know its batch
        axes (`batched=`), and an objective counts as active if every part has labels for it.

    Raises:
        TypeError: if `lam` is no number, or `batches` no int.
        ValueError: if an argument is out of range, or the Jacobian cannot be split.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.sdmgrad(2, lam=1.0, batches=1)
        >>> jac = moo.stacked_jacobian(jnp.array([[3.0, 0.0], [0.0, 1.0]]))
        >>> v, state = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> state.weights.round(4).tolist()  # w = (0, 1): v is as near to (.3, .9) as it can be
        [0.25, 0.75]

    Source: Xiao, Ban, Ji, "Direction-oriented Multi-objective Learning: Simple and Provable
    Stochastic Algorithms", NeurIPS 2023, arXiv 2305.18409.
    Differs from the paper: the subproblem is solved, on one pair of batches, where the paper takes
    stochastic steps on it with fresh ones; the runners' factor m and clipping are left out.
    """
    m = check_num_objectives(num_objectives)
    check_number("lam", lam)
    check_choice("inner", inner, Inner)
    check_count("batches", batches)
    if batches not in (1, 3):
        raise ValueError(f"batches must be 1 or 3, got {batches!r}")

    def init(params: Params) -> SdmgradState:
        check_params(params)
        even = jnp.full(m, 1 / m, solver_dtype(params))
        weights = jnp.zeros_like(even) if batches == 1 else None
        return SdmgradState(weights, even, even, jnp.zeros((), even.dtype), jnp.ones((), bool))

    def update(
        jac: Jacobian, state: SdmgradState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, SdmgradState]:
        expect_jacobian(jac, m)
        parts = jac.split(3) if batches == 3 else [jac.materialize()]
        active, dtype = labelled(parts), state.shares.dtype
        gram = parts[0].gram(parts[1] if batches == 3 else None)
        before = over_active(state.shares, active)
        answer = solve(gram, before, active, lam, inner)
        weights = leaned(answer.weights, active, lam).astype(dtype)
        after = SdmgradState(
            weights if batches == 1 else None,
            weights,
            stored(answer.weights.astype(dtype), state.shares, active),
            answer.residual.astype(dtype),
            answer.converged,
        )
        return combined(parts[-1], weights), after

    return Aggregator(init, update, num_objectives=m, linear=batches == 1)
