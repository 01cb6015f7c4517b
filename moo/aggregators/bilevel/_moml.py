"""MOML: loss weights by the min-norm direction of all validation losses in weight space."""

from typing import Any, Literal, NamedTuple

import jax.numpy as jnp
import optax
from jax.typing import ArrayLike

from moo._jacobian import Jacobian, check_params
from moo._jacobian._checks import check_choice
from moo._jacobian._gram import gram_of_rows, times_power_of_two
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import (
    Aggregator,
    active_mask,
    check_num_objectives,
    combined,
    expect_jacobian,
)
from moo.aggregators._checks import check_number
from moo.aggregators._rowwise import unit_rows
from moo.aggregators._solvers._min_norm import min_norm
from moo.aggregators._solvers._rows import tolerance
from moo.aggregators._solvers._solution import Solution
from moo.aggregators.bilevel._validation import ahead, extra_jacobian, levels
from moo.aggregators.losses._masked import softmax
from moo.aggregators.losses._masked_adam import init_each, step_each
from moo.aggregators.stochastic._multipliers import scaled_products

Normalise = Literal["l2", "loss", "none"]


class MomlState(NamedTuple):
    """The weights used, their logits with Adam, and the certificate of the upper level."""

    weights: Array  # (m,)
    logits: Array  # (m,)
    adam: PyTree
    residual: Array  # ()
    converged: Array  # (), bool


def moml(
    num_objectives: int,
    *,
    inner_learning_rate: ArrayLike = 0.1,
    learning_rate: ArrayLike = 1e-3,
    normalise: Normalise = "l2",
) -> Aggregator:
    r"""Learn softmax weights along the min-norm direction of the validation losses.

    With $w = \mathrm{softmax}(a)$ and $\theta' = \theta - \alpha J^\top w$, each validation loss
    has the gradient $r_k = -\alpha\,(\mathrm{diag}\,w - w w^\top)\, J \nabla \ell_k^{val}(\theta')$
    in a. Adam moves a along $\sum_k \gamma_k r_k$, $\gamma$ the min-norm weights of the normalised
    $r_k$; then $v = J^\top w$ with the new w. Every $r_k$ sums to 0, so for m = 2 they are
    collinear: as soon as two validation losses disagree, a stays where it is.

    Args:
        num_objectives: the number m of objectives.
        inner_learning_rate: $\alpha > 0$ (0.1 in LibMTL; 1e-4 in the authors' NYUv2 setting).
        learning_rate: Adam's step size on a (1e-3 in LibMTL; 1e-4 in the authors' code).
        normalise: `"l2"` divides $r_k$ by its norm, as in LibMTL; `"loss"` by $\ell_k^{val}$, as
            in the authors' code; `"none"`. For the last two the entries of $r_k$ must be numbers
            of the dtype, which products of gradients above 1e19 are not in float32.

    Returns:
        A linear aggregator of convex scale with a `MomlState`. 2m + 1 backward passes. `update`
        needs `params`, and takes `validation=`, a Jacobian on a validation batch at the same
        parameters; without it the halves of the batch stand for the two levels (`batched=` must
        be known) and v is taken on the whole. An inactive objective keeps its logit.

    Raises:
        TypeError: if a hyper-parameter is no number, or `validation` no Jacobian.
        ValueError: if a hyper-parameter is out of range, `params` is missing, or there is neither
            `validation` nor a batch to split.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> x = jnp.zeros(1)  # both validation losses gain by the second training loss
        >>> train = moo.jacobian(lambda x: jnp.stack([-x[0], x[0]]), x)
        >>> held_out = moo.jacobian(lambda x: jnp.stack([x[0], x[0]]), x)
        >>> tx = moo.moml(2, learning_rate=1.0)
        >>> v, state = tx.update(train, tx.init(x), x, validation=held_out)
        >>> [round(float(logit), 4) for logit in state.logits]
        [-1.0, 1.0]

    Source: Ye, Lin, Yue, Guo, Xiao, Zhang, "Multi-Objective Meta Learning", NeurIPS 2021, arXiv
    2102.07121.
    Differs from the paper: one inner step; the gradient in a is exact.
    """
    m = check_num_objectives(num_objectives)
    check_number("inner_learning_rate", inner_learning_rate, strict=True)
    check_number("learning_rate", learning_rate, strict=True)
    check_choice("normalise", normalise, Normalise)
    adam = optax.adam(learning_rate)

    def init(params: Params) -> MomlState:
        check_params(params)
        zeros = jnp.zeros(m, solver_dtype(params))
        certificate = jnp.zeros((), zeros.dtype), jnp.ones((), bool)
        return MomlState(zeros, jnp.copy(zeros), init_each(adam, zeros), *certificate)

    def update(
        jac: Jacobian, state: MomlState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, MomlState]:
        expect_jacobian(jac, m)
        train, held_out = levels(jac, extra_jacobian(extra), params, "moml")
        active, dtype = active_mask(train), state.logits.dtype
        train = train.materialize()
        shares = softmax(state.logits, 1, active)
        inner = combined(train, shares)
        upper = held_out.at(ahead(params, inner, inner_learning_rate))
        matrix, exponent = scaled_products(upper.gram(train))
        if normalise == "loss":
            matrix = matrix / upper.losses[:, None]
        if normalise != "l2":
            rate = jnp.asarray(inner_learning_rate, dtype)
            matrix = times_power_of_two(rate * matrix, exponent)
        slope, answer = _slope(matrix.astype(dtype), shares, active_mask(upper), normalise)
        logits, moments = step_each(adam, slope, state.adam, state.logits, active)
        logits = logits.astype(dtype)
        weights = softmax(logits, 1, active_mask(jac))
        residual = answer.residual.astype(dtype)
        return combined(jac, weights), MomlState(
            weights, logits, moments, residual, answer.converged
        )

    return Aggregator(init, update, num_objectives=m, linear=True)


def _slope(
    products: Array, shares: Array, active: Array, normalise: Normalise
) -> tuple[Array, Solution]:
    """Return the min-norm direction in the logits, 0 where it is below the solver's accuracy."""
    mean = jnp.sum(products * shares, axis=1, keepdims=True)
    rows = jnp.where(active[:, None], -(products - mean) * shares, 0)
    if normalise == "l2":
        (rows,) = unit_rows([rows])
    answer = min_norm(gram_of_rows([rows]), active)
    terms = answer.weights[:, None] * rows
    total = jnp.sum(terms, axis=0)
    mass = jnp.max(jnp.sum(jnp.abs(terms), axis=0))
    # Adam would make a full step of what is left of a sum that is 0 to the solver's accuracy.
    return jnp.where(jnp.abs(total) <= tolerance(rows.dtype) * mass, 0, total), answer
