"""A guard around a whole optimizer: a non-finite step changes nothing and is counted."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import lax

from moo._jacobian import Jacobian, SetJacobian
from moo._types import Array, Params, PyTree
from moo.aggregators._base import active_mask
from moo.aggregators._checks import expect_transformation


class SkipState(NamedTuple):
    """How many steps were skipped, whether the last one was, and the wrapped state."""

    skipped: Array  # (), int32
    last_finite: Array  # (), bool
    inner: PyTree


def skip_nonfinite(
    optimizer: optax.GradientTransformation,
) -> optax.GradientTransformationExtraArgs:
    r"""Skip the steps in which a loss or a gradient is NaN or infinite.

    The update is zero and the whole state stays as it was, momentum included; `skipped` counts.
    The gradients are checked on $J^\top 1$ over the active objectives, which is finite only if
    every row is: one more backward pass, none where the rows are already materialized. Finite
    rows whose sum overflows are skipped too.

    Args:
        optimizer: the *whole* chain, aggregator first. Around the aggregator alone, momentum
            after it would still move the parameters.

    Returns:
        A transformation that receives a `moo.Jacobian`, with a `SkipState`.

    Example:
        >>> import jax.numpy as jnp, moo, optax
        >>> guarded = moo.skip_nonfinite(optax.chain(moo.mean(num_objectives=2), optax.sgd(1.0)))
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0], [jnp.nan]]), losses=jnp.ones(2))
        >>> update, state = guarded.update(jac, guarded.init(jnp.zeros(1)), jnp.zeros(1))
        >>> update.tolist(), int(state.skipped)
        ([0.0], 1)
    """
    expect_transformation(optimizer, "optimizer")
    inner_optimizer = optax.with_extra_args_support(optimizer)

    def init(params: Params) -> SkipState:
        return SkipState(jnp.zeros((), jnp.int32), jnp.ones((), bool), optimizer.init(params))

    def update(
        jac: Jacobian | SetJacobian, state: SkipState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, SkipState]:
        if not isinstance(jac, Jacobian | SetJacobian):
            raise TypeError(
                f"skip_nonfinite goes around the whole chain and receives a moo.Jacobian, got "
                f"{type(jac).__name__}: use optax.apply_if_finite after an aggregator"
            )
        finite = _sound(jac)

        def advance() -> tuple[PyTree, PyTree]:
            return inner_optimizer.update(jac, state.inner, params, **extra)

        def stay() -> tuple[PyTree, PyTree]:
            shapes, _ = jax.eval_shape(advance)
            return jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes), state.inner

        updates, inner = lax.cond(finite, advance, stay)
        skipped = state.skipped + (~finite).astype(jnp.int32)
        return updates, SkipState(skipped, finite, inner)

    return optax.GradientTransformationExtraArgs(init, update)


def _sound(jac: Jacobian | SetJacobian) -> Array:
    """Say whether every active loss and gradient is finite, shape ()."""
    if isinstance(jac, SetJacobian):
        everywhere = jnp.ones(jac.losses.shape, jnp.float32)
        return _all_finite(jac.combine(everywhere)) & jnp.isfinite(jac.losses).all()
    active = active_mask(jac)
    finite = _all_finite(jac.combine(active.astype(jnp.float32)))
    return finite & (jnp.isfinite(jac.losses) | ~active).all() if jac.has_losses else finite


def _all_finite(tree: PyTree) -> Array:
    return jnp.stack([jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(tree)]).all()
