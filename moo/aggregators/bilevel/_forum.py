"""FORUM: first-order bilevel descent that lowers all validation losses and the inner gap."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian import Jacobian, check_params
from moo._jacobian._gram import gram_of_rows
from moo._jacobian._stacked import combine_rows
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import (
    Aggregator,
    active_mask,
    check_num_objectives,
    combined,
    expect_jacobian,
)
from moo.aggregators._checks import check_count, check_number
from moo.aggregators._rowwise import cast_rows, unit_rows
from moo.aggregators._solvers._simplex import over_active
from moo.aggregators.bilevel._descent import upper_shares
from moo.aggregators.bilevel._validation import ahead, extra_jacobian, levels
from moo.aggregators.losses._masked import softmax
from moo.aggregators.stochastic._multipliers import stored


class ForumState(NamedTuple):
    """Steps taken, the logits of the lower weights, and the averaged upper shares."""

    steps: Array  # (), int32
    logits: Array  # (m,)
    multipliers: Array  # (m,)
    residual: Array  # ()
    converged: Array  # (), bool


def forum(
    num_objectives: int,
    *,
    phi: ArrayLike = 0.1,
    inner_steps: int = 5,
    inner_learning_rate: ArrayLike = 0.1,
    learning_rate: ArrayLike = 1e-3,
) -> Aggregator:
    r"""Lower every validation loss and the training gap together, to first order.

    The variable is $(a, \theta)$, with $f = w^\top \ell$, $w = \mathrm{softmax}(a)$. T steps of
    size $\alpha$ on f lead from $\theta$ to $\theta_T$;
    $q = (\nabla_a f(\theta) - \nabla_a f(\theta_T), J^\top w)$ is the gradient of the gap,
    $F_k = (0, \nabla \ell_k^{val} / \lVert \nabla \ell_k^{val} \rVert)$ and
    $\pi_k = \varphi - q^\top F_k / \lVert q \rVert^2$. Then
    $(\lambda, \nu) = \arg\min \lVert F^\top \lambda + \nu q \rVert^2 - \nu \varphi \lVert q
    \rVert^2$ over $\lambda \in \Delta$, $\nu \ge \max(0, \lambda^\top \pi)$;
    $\bar\lambda \leftarrow \bar\lambda + k^{-3/4} (\lambda - \bar\lambda)$ at step k,
    $\bar\nu = \max(0, \bar\lambda^\top \pi)$. The step follows $F^\top \bar\lambda + \bar\nu q$,
    its part in $\theta$ as v, its part in a at once.

    Args:
        num_objectives: the number m of objectives.
        phi: $\varphi > 0$ (0.1 in LibMTL).
        inner_steps: T >= 1 (5 in LibMTL).
        inner_learning_rate: $\alpha > 0$ (0.1 in LibMTL).
        learning_rate: step size on a (1e-3 in LibMTL).

    Returns:
        An aggregator that is not linear in J, of unit rows' scale plus what the gap needs, with a
        `ForumState`. T + m backward passes, and one more forward pass. `update` needs
        `params`, and takes `validation=`, a Jacobian on a validation batch at the same
        parameters; without it the halves of the batch stand for the two levels (`batched=` must
        be known). All leaves are treated alike. v does not depend on the scale of a validation
        loss; a zero row of theirs takes what share it is given and adds nothing. Inactive
        objectives keep their logit and share, and the active ones divide 1 as they did before.

    Raises:
        TypeError: if a hyper-parameter is no number, or `validation` no Jacobian.
        ValueError: if a hyper-parameter is out of range, `params` is missing, or there is neither
            `validation` nor a batch to split.

    Example:
        >>> import jax, jax.numpy as jnp, moo
        >>> x = jnp.zeros(2)  # the inner gap falls with the validation losses: no share for it
        >>> train = moo.jacobian(lambda x: jnp.stack([x[0], x[1]]), x)
        >>> held_out = moo.jacobian(lambda x: jnp.stack([3 * x[0], 5 * x[1]]), x)
        >>> tx = moo.forum(2)
        >>> step = jax.jit(lambda state: tx.update(train, state, x, validation=held_out))
        >>> v, state = step(tx.init(x))
        >>> v.round(3).tolist()
        [0.5, 0.5]

    Source: Ye, Lin, Cao, Zhang, Tsang, "A First-Order Multi-Gradient Algorithm for
    Multi-Objective Bi-Level Optimization", ECAI 2024, arXiv 2401.09257; as in LibMTL, by one of
    its authors.
    Differs from the paper: the subproblem is solved exactly; k counts steps, where LibMTL counts
    epochs; the step on a is plain descent.
    """
    m = check_num_objectives(num_objectives)
    for name, value in (("phi", phi), ("inner_learning_rate", inner_learning_rate),
                        ("learning_rate", learning_rate)):  # fmt: skip
        check_number(name, value, strict=True)
    check_count("inner_steps", inner_steps, low=1)

    def init(params: Params) -> ForumState:
        check_params(params)
        zeros = jnp.zeros(m, solver_dtype(params))
        certificate = jnp.zeros((), zeros.dtype), jnp.ones((), bool)
        even = jnp.full(m, 1 / m, zeros.dtype)
        return ForumState(jnp.zeros((), jnp.int32), zeros, even, *certificate)

    def update(
        jac: Jacobian, state: ForumState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, ForumState]:
        expect_jacobian(jac, m)
        train, held_out = levels(jac, extra_jacobian(extra), params, "forum")
        lower, upper, dtype = active_mask(train), active_mask(held_out), state.logits.dtype
        shares = softmax(state.logits, 1, lower)
        pull = combined(train, shares)
        end = _descended(train, params, pull, shares, inner_learning_rate, inner_steps)
        fall = jnp.where(lower, train.losses - train.losses_at(end), 0).astype(dtype)
        slope = shares * (fall - jnp.sum(shares * fall))
        rows = unit_rows(cast_rows(held_out.rows(), dtype))
        cosines, along, length = _angles(rows, pull, slope)
        found = upper_shares(cosines, along, jnp.asarray(phi * length, dtype), upper)
        rate = (state.steps + 1).astype(dtype) ** -0.75
        before = over_active(state.multipliers, upper)
        kept = (before + rate * (found.weights - before)).astype(dtype)
        multipliers = stored(kept, state.multipliers, upper)
        needs = phi - along / jnp.where(length > 0, length, jnp.inf)
        nu = jnp.maximum(jnp.sum(kept * needs), 0).astype(dtype)
        v = jax.tree.map(
            lambda row, q: (row + nu * q.astype(dtype)).astype(q.dtype),
            combine_rows(rows, kept), pull,
        )  # fmt: skip
        logits = jnp.where(lower, state.logits - learning_rate * nu * slope, state.logits)
        certificate = found.residual.astype(dtype), found.converged
        after = ForumState(state.steps + 1, logits.astype(dtype), multipliers, *certificate)
        return v, after

    return Aggregator(init, update, num_objectives=m, linear=False)


def _descended(
    train: Jacobian, params: Params, pull: PyTree, shares: Array, rate: ArrayLike, steps: int
) -> Params:
    """Return the parameters after T steps on the weighted training loss; the first is known."""

    def step(point: Params, _: None) -> tuple[Params, None]:
        return ahead(point, train.at(point).combine(shares), rate), None

    return lax.scan(step, ahead(params, pull, rate), length=steps - 1)[0]


def _angles(rows: PyTree, pull: PyTree, slope: Array) -> tuple[Array, Array, Array]:
    """Return the cosines among the upper rows (m, m), those with q (m,), and the length of q."""
    m = len(slope)
    joined = jax.tree.map(
        lambda row, q: jnp.concatenate([row, q[None].astype(row.dtype)]), rows, pull
    )
    below = jnp.concatenate([jnp.zeros((m, m), slope.dtype), slope[None]])
    gram = gram_of_rows((joined, below))
    return gram.cosines[:m, :m], gram.cosines[:m, m], gram.lengths[m]
