"""Mirror maps: what takes the place of a plain gradient step where parameters are constrained."""

from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax.typing import ArrayLike

from moo._types import Array, Params, PyTree
from moo.aggregators._checks import check_number
from moo.aggregators._rowwise import row_lengths, unit_rows
from moo.aggregators.online._adversary import expect_params


def project_ball(radius: ArrayLike) -> optax.GradientTransformationExtraArgs:
    r"""Keep the parameters in a ball: the mirror step of the Euclidean norm, projected.

    $x^+ = \Pi(x + u)$ with u the update so far and $\Pi$ the projection onto
    $\lVert x \rVert \le R$, over all leaves. Put it last, after `optax.sgd`.

    Args:
        radius: R > 0.

    Returns:
        An optax transformation whose `update` needs `params`.

    Raises:
        ValueError: if the radius is not positive, or `params` is missing.

    Example:
        >>> import jax.numpy as jnp, optax
        >>> tx, x = optax.chain(optax.sgd(1.0), project_ball(5.0)), jnp.zeros(2)
        >>> updates, _ = tx.update(jnp.array([-6.0, -8.0]), tx.init(x), x)
        >>> updates.tolist()
        [3.0, 4.0]

    Source: Zinkevich, "Online Convex Programming and Generalized Infinitesimal Gradient Ascent",
    ICML 2003.
    """
    check_number("radius", radius, strict=True)

    def update(
        updates: PyTree, state: optax.EmptyState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, optax.EmptyState]:
        expect_params(params, "project_ball")
        after = optax.apply_updates(params, updates)
        row = jax.tree.map(
            lambda y: jnp.asarray(y, jnp.promote_types(jnp.float32, y.dtype))[None], after
        )
        lengths = row_lengths(row)
        outside = lengths.plain[0] > radius

        def moved(y: Array, unit: Array, x: Array) -> Array:
            return jnp.where(outside, radius * unit[0], y).astype(y.dtype) - x

        return jax.tree.map(moved, after, unit_rows(row, lengths), params), state

    return optax.GradientTransformationExtraArgs(_nothing, update)


def exponentiated(learning_rate: ArrayLike) -> optax.GradientTransformationExtraArgs:
    r"""Step by exponentiated gradients: the mirror step of the negative entropy.

    $x^+ \propto x \circ e^{-\eta v}$ along the last axis of each leaf, on which the entries are
    non-negative and add up to 1. It takes the place of `optax.sgd`.

    Args:
        learning_rate: $\eta > 0$.

    Returns:
        An optax transformation whose `update` needs `params`. An entry of 0 stays 0.

    Raises:
        ValueError: if the learning rate is not positive, or `params` is missing.

    Example:
        >>> import jax.numpy as jnp
        >>> tx, x = exponentiated(1.0), jnp.array([0.5, 0.5])
        >>> updates, _ = tx.update(jnp.log(jnp.array([1.0, 3.0])), tx.init(x), x)
        >>> [round(float(entry), 3) for entry in x + updates]
        [0.75, 0.25]

    Source: Kivinen and Warmuth, "Exponentiated Gradient versus Gradient Descent for Linear
    Predictors", Information and Computation 1997.
    """
    check_number("learning_rate", learning_rate, strict=True)

    def moved(direction: Array, x: Array) -> Array:
        after = jax.nn.softmax(jnp.log(x) - learning_rate * direction, axis=-1)
        return after.astype(x.dtype) - x

    def update(
        updates: PyTree, state: optax.EmptyState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, optax.EmptyState]:
        expect_params(params, "exponentiated")
        return jax.tree.map(moved, updates, params), state

    return optax.GradientTransformationExtraArgs(_nothing, update)


def _nothing(params: Params) -> optax.EmptyState:
    return optax.EmptyState()
