"""Pareto navigation gradient descent."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import jax
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
from moo.aggregators._solvers._min_norm import min_norm
from moo.aggregators._solvers._navigated import navigated
from moo.aggregators._solvers._rows import Rows, dot, times
from moo.aggregators._solvers._solution import Solution
from moo.aggregators.preference._losses import expect_losses
from moo.aggregators.preference._ray import Offset

Criterion: TypeAlias = Callable[[Array], Array] | Literal["ray", "last"]


def png(
    num_objectives: int,
    *,
    criterion: Criterion = "ray",
    preference: Preference | None = None,
    alpha: ArrayLike = 0.5,
    threshold: ArrayLike = 0.1,
) -> Aggregator:
    r"""Lower every loss at a part of MGDA's rate, and a criterion as fast as that leaves room.

    With q the gradient of the criterion and $g^*$ the shortest vector in the hull of the rows:
    $v = \arg\min_v \tfrac12 \lVert v - q \rVert^2$ subject to $g_i^\top v \ge \alpha \lVert g^*
    \rVert^2$, so $v = q + J^\top \beta$ with $\beta \ge 0$. Where $\lVert g^* \rVert^2$ is at most
    the threshold times the mean of $\lVert g_i \rVert^2$, near the Pareto set, $v = q$.

    Args:
        num_objectives: the number m of objectives, with the criterion for `"last"`.
        criterion: `"ray"`, half the squared distance of the losses from the ray of the preference;
            a function of the losses, (m,) to (), whose inactive ones are 0; or `"last"`: the last
            objective is the criterion, any function of the parameters, and no loss of its own.
        preference: p, shape (m,), non-negative, for `"ray"`: the losses are to be proportional to
            it. By default equal. An extra argument `preference` of `update` takes its place.
        alpha: $\alpha \ge 0$; [0, 1] in the paper (0.5 in a port of the authors' solver).
        threshold: at least 0 (0.1 in the port).

    Returns:
        A linear aggregator without a state of its own, of the scale of q and of half of MGDA's. Its
        `residual` is that of the optimality conditions of v, and v decreases every loss while it is
        not q. m backward passes, the criterion's included.

    Raises:
        TypeError: if `criterion` is neither a name nor a function.
        ValueError: if it is an unknown name, something is out of range, or losses are missing.

    Example:
        >>> import jax, jax.numpy as jnp, moo
        >>> tx = moo.png(3, criterion="last")
        >>> jac = moo.stacked_jacobian(jnp.array([[2.0, 0, 0], [0, 2.0, 0], [0, 0, 1.0]]))
        >>> update, _ = jax.jit(lambda state: tx.update(jac, state))(tx.init(jnp.zeros(3)))
        >>> [round(float(entry), 3) for entry in update]
        [0.5, 0.5, 1.0]

    Source: Ye and Liu, "Pareto Navigation Gradient Descent: a First-Order Algorithm for
    Optimization in Pareto Set", UAI 2022, arXiv 2110.08713; threshold by a port of its code.
    Differs from the paper: both problems are solved to the end, where the port takes 30 and 200
    iterations; the criterion `"ray"` is ours, for a default.
    """
    _check_criterion(criterion)
    check_preference(preference, num_objectives)
    check_number("alpha", alpha)
    check_number("threshold", threshold)

    def weigh(
        gram: Gram,
        losses: Array | None,
        state: tuple[()],
        *,
        active: Array,
        preference: Preference | None = preference,
    ) -> tuple[Solution, tuple[()]]:
        check_preference(preference, num_objectives)
        if criterion == "last":
            last = jnp.arange(num_objectives) == num_objectives - 1
            pull, players = (active & last).astype(gram.norms.dtype), active & ~last
        else:
            losses = jnp.where(active, expect_losses(losses, "png"), 0)
            pull, players = _slopes(criterion, losses, preference, active), active
        return _navigate(gram, active, players, pull, alpha, threshold), state

    return from_gram(num_objectives, no_state, weigh)


def _check_criterion(criterion: object) -> None:
    if isinstance(criterion, str):
        if criterion not in ("ray", "last"):
            raise ValueError(
                f"criterion must be 'ray', 'last' or a function of the losses, got {criterion!r}"
            )
    elif not callable(criterion):
        raise TypeError(
            "criterion must be 'ray', 'last' or a function of the losses, got "
            f"{type(criterion).__name__}"
        )


def _slopes(
    criterion: Criterion, losses: Array, preference: Preference | None, active: Array
) -> Array:
    """Return the criterion's gradient in the losses, 0 where inactive."""
    if callable(criterion):
        return jnp.where(active, jax.grad(criterion)(losses), 0)
    offset = Offset.of(losses, preference_weights(preference, losses, active), active)
    return offset.distance * offset.direction


def _navigate(
    gram: Gram, active: Array, players: Array, pull: Array, alpha: ArrayLike, threshold: ArrayLike
) -> Solution:
    alpha, threshold = (jnp.asarray(number, pull.dtype) for number in (alpha, threshold))
    rows = Rows.of(gram, active)
    shortest = min_norm(gram, players)
    own = rows.length * shortest.weights
    square = jnp.maximum(dot(own, times(rows.cosines, own)), 0)
    number = jnp.maximum(jnp.sum(players), 1)
    mean = jnp.sum(jnp.where(players, rows.length, 0) ** 2) / number
    away = square > threshold * mean
    floors = jnp.where(away, alpha * square, 0) / jnp.where(rows.present, rows.length, 1)
    own = rows.length * pull
    units, residual = navigated(rows, own, floors, players & away)
    added = rows.per_length(units - own)
    return rows.solution(pull + added, residual)
