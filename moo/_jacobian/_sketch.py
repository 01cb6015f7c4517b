"""A Gramian estimated by random forward passes, at a cost that does not grow with m."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from moo._jacobian._gram import Gram, gram_of_rows
from moo._types import Array, Params, PyTree, as_typed_key


class Sketch(NamedTuple):
    """A Gramian estimated from random tangents, with its standard errors.

    Attributes:
        gram: the estimate.
        probes: shape (), int32; the number s of tangents.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.jacobian(lambda x: jnp.stack([x.sum(), x[0] - x[1]]), jnp.ones(2))
        >>> sketch = jac.sketched_gram(0, probes=400)
        >>> bool((abs(sketch.gram.matrix - 2 * jnp.eye(2)) < 4 * sketch.errors).all())
        True
    """

    gram: Gram
    probes: Array

    @property
    def errors(self) -> Array:
        r"""Standard errors $\sqrt{(G_{ii} G_{jj} + G_{ij}^2) / s}$ of `gram.matrix`, (m, m)."""
        share = jnp.sqrt((1 + self.gram.cosines**2) / self.probes)
        return self.gram._replace(cosines=share).matrix

    @property
    def cosine_errors(self) -> Array:
        r"""Standard errors $(1 - C_{ij}^2) / \sqrt{s}$ of the cosines, for many probes, (m, m)."""
        return (1 - self.gram.cosines**2) / jnp.sqrt(self.probes)


def sketch(
    losses_at: Callable[[Params], Array],
    params: Params,
    shared: PyTree,
    active: Array | None,
    key: Any,
    probes: int,
) -> Sketch:
    """Push random tangents of the shared leaves through the losses, one after another.

    Args:
        losses_at: the losses as a function of the parameters.
        params: the parameters.
        shared: one bool a leaf of them.
        active: (m,) mask of objectives, or None.
        key: an int or a typed key.
        probes: the number of tangents.
    """
    _check(params, shared, probes)
    push = jax.linearize(losses_at, params)[1]
    leaves, tree = jax.tree.flatten(params)
    masks = jax.tree.leaves(shared)

    def one(key: Array) -> Array:
        keys = jax.random.split(key, len(leaves))
        tangents = [
            jax.random.normal(key, jnp.shape(leaf), jnp.result_type(leaf))
            if is_shared
            else jnp.zeros_like(leaf)
            for key, leaf, is_shared in zip(keys, leaves, masks, strict=True)
        ]
        pushed = push(jax.tree.unflatten(tree, tangents))
        return pushed if active is None else jnp.where(active, pushed, 0)

    pushed = lax.map(one, jax.random.split(as_typed_key(key), probes))
    return Sketch(gram_of_rows(pushed.T / np.sqrt(probes)), jnp.asarray(probes, jnp.int32))


def _check(params: Params, shared: PyTree, probes: Any) -> None:
    if isinstance(probes, bool) or not isinstance(probes, int | np.integer) or probes < 1:
        raise ValueError(f"probes must be an int of at least 1, got {probes!r}")
    pairs = zip(jax.tree.leaves(params), jax.tree.leaves(shared), strict=True)
    for leaf, is_shared in pairs:
        if is_shared and jnp.finfo(jnp.result_type(leaf)).bits < 32:
            raise TypeError(
                f"a sketch pushes tangents of the parameters' dtype, got {jnp.result_type(leaf)}: "
                "use gram() with parameters below float32"
            )
