"""GradNorm: learned weights that make the objectives train at like rates."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import optax
from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._types import Array, Params, PyTree
from moo.aggregators._base import Aggregator, from_gram
from moo.aggregators._checks import check_number, expect_transformation
from moo.aggregators._solvers._rows import Rows, nonzero
from moo.aggregators._solvers._solution import Solution
from moo.aggregators.losses._masked_adam import init_each, step_each


class GradNormState(NamedTuple):
    """The weights of the next step, their optimizer's state, and each one's first loss."""

    multipliers: Array  # (m,)
    optimizer: PyTree
    first_losses: Array  # (m,), 0 until it is known


def gradnorm(
    num_objectives: int,
    *,
    alpha: ArrayLike = 1.5,
    learning_rate: ArrayLike = 0.025,
    optimizer: optax.GradientTransformation | None = None,
    first_losses: Sequence[float] | None = None,
    floor: ArrayLike = 1e-3,
) -> Aggregator:
    r"""Learn weights under which slower objectives have the longer gradients.

    With $N_i = w_i \lVert g_i \rVert$, relative losses $\tilde \ell_i = \ell_i / \ell_i(0)$, $r_i =
    \tilde \ell_i / \mathrm{mean}\, \tilde \ell$ and constant targets $T_i = \mathrm{mean}(N)\,
    r_i^\alpha$: w follows the gradient of $\sum_i |N_i - T_i|$, which is $\mathrm{sign}(N_i - T_i)
    \lVert g_i \rVert$, and is rescaled so that $\sum_i w_i = m$; $v = \sum_i w_i g_i$ with the
    weights from before that. The norms are over the shared leaves: for the paper's choice let
    `shared` be the last shared layer alone. The weight of a zero row changes by the rescaling only.

    Args:
        num_objectives: the number m of objectives.
        alpha: strength of the pull to like rates, at least 0 (1.5 in the paper's NYUv2 runs, 0.12
            in its toy).
        learning_rate: step size of Adam on the weights, > 0 (0.025 in the paper).
        optimizer: an optax transformation of one weight, in Adam's place; it is given the weight
            as `params`.
        first_losses: $\ell(0)$, m positive numbers, such as the logarithm of the number of classes;
            by default the losses of the first step in which an objective is active.
        floor: least value of a weight, > 0, before they are rescaled; ours.

    Returns:
        A linear aggregator of `sum` scale for m backward passes, with a `GradNormState`. Losses
        must be positive: one below 0 makes the step NaN. Where gradients are not far above Adam's
        epsilon (1e-8), the weights move more slowly, and below it hardly: give an `optimizer` with
        a smaller one then.

    Raises:
        TypeError: if `optimizer` is no optax transformation, or a hyper-parameter no number.
        ValueError: if a hyper-parameter is out of range, or the losses are missing.

    Example:
        >>> import jax.numpy as jnp, moo, optax
        >>> tx = moo.gradnorm(2, optimizer=optax.sgd(0.1))
        >>> jac = moo.stacked_jacobian(jnp.array([[3.0, 0.0], [0.0, 1.0]]), jnp.array([1.0, 2.0]))
        >>> update, state = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> update.tolist(), [round(float(w), 3) for w in state.inner.multipliers]
        ([3.0, 1.0], [0.778, 1.222])

    Source: Chen, Badrinarayanan, Lee and Rabinovich, "GradNorm: Gradient Normalization for Adaptive
    Loss Balancing in Deep Multitask Networks", ICML 2018, arXiv 1711.02257.
    Differs from the paper: the floor, without which a weight can become negative.
    """
    check_number("alpha", alpha)
    check_number("learning_rate", learning_rate, strict=True)
    check_number("floor", floor, strict=True)
    if optimizer is not None:
        expect_transformation(optimizer, "optimizer")
    inner = optax.adam(learning_rate) if optimizer is None else optimizer
    given = _checked(first_losses, num_objectives)

    def init(params: Params, dtype: Any) -> GradNormState:
        ones = jnp.ones(num_objectives, dtype)
        return GradNormState(ones, init_each(inner, ones), jnp.asarray(given, dtype))

    def weigh(
        gram: Gram, losses: Array | None, state: GradNormState, *, active: Array
    ) -> tuple[Solution, GradNormState]:
        if losses is None:
            raise ValueError("losses are missing: gradnorm compares them with the first ones")
        rows, used = Rows.of(gram, active), state.multipliers
        first = jnp.where(active & (state.first_losses == 0), losses, state.first_losses)
        slope = _pull(rows, used, losses / nonzero(first), alpha) * gram.lengths
        stepped, moments = step_each(inner, slope, state.optimizer, used, active)
        stepped = jnp.where(active, jnp.maximum(stepped, floor), 0)
        share = rows.number / nonzero(jnp.sum(stepped))
        multipliers = jnp.where(active, stepped * share, used).astype(used.dtype)
        sound = jnp.where(active, jnp.isfinite(slope), True).all()
        solution = rows.solution(jnp.where(sound, used, jnp.nan), jnp.zeros((), used.dtype))
        return solution, GradNormState(multipliers, moments, first)

    return from_gram(num_objectives, init, weigh)


def _pull(rows: Rows, weights: Array, relative: Array, alpha: ArrayLike) -> Array:
    """Return the sign of $N_i - T_i$, which takes no scale of the rows; NaN below a loss of 0."""
    relative = jnp.where(rows.active, relative, 0)
    rates = relative / nonzero(jnp.sum(relative) / rows.number)
    norms = jnp.where(rows.active, weights * rows.length, 0)
    targets = jnp.sum(norms) / rows.number * jnp.where(rates >= 0, rates, jnp.nan) ** alpha
    return jnp.sign(norms - targets)


def _checked(first_losses: Sequence[float] | None, num_objectives: int) -> Sequence[float]:
    if first_losses is None:
        return [0.0] * num_objectives
    if np.shape(first_losses) != (num_objectives,):
        raise ValueError(f"first_losses must be {num_objectives} numbers, got {first_losses!r}")
    for value in first_losses:
        check_number("first_losses", value, strict=True)
    return first_losses
