"""A manifold of models: a common one, and one low-rank change an objective."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian import check_params
from moo._types import Array, Objectives, Params, is_typed_key
from moo.aggregators._base import check_num_objectives
from moo.aggregators._checks import check_count, check_number


class LowRank(NamedTuple):
    """Parameters of a low-rank manifold.

    Attributes:
        base: the common model.
        left: $B_i$, one array (m, rows, rank) for each matrix of the base, in the order of its
            leaves.
        right: $A_i$, likewise (m, rank, columns).
    """

    base: Params
    left: tuple[Array, ...]
    right: tuple[Array, ...]


def low_rank_params(base: Params, num_objectives: int, rank: int, key: Array) -> LowRank:
    r"""Add to a model m changes of low rank, all of them 0 at first.

    Every leaf W of at least two axes, read as a matrix whose columns are its last axis, gets
    $B_i = 0$ and $A_i$ normal with variance 1 / columns; vectors and scalars stay common.

    Args:
        base: the model's parameters.
        num_objectives: the number m of objectives.
        rank: the rank of each change (64 in the paper; 8 is said to do), at least 1.
        key: a typed key.

    Returns:
        Parameters for `moo.low_rank_manifold`.

    Raises:
        TypeError: if the key is not typed, or a leaf of the base is not floating-point.
        ValueError: if the base holds no matrix.

    Example:
        >>> import jax, jax.numpy as jnp, moo
        >>> params = moo.low_rank_params({"w": jnp.ones((4, 3))}, 2, 1, jax.random.key(0))
        >>> params.left[0].shape, params.right[0].shape
        ((2, 4, 1), (2, 1, 3))

    Source: Chen and Kwok, ICML 2024, arXiv 2407.20734; that B starts at 0 is LoRA's habit.
    """
    m = check_num_objectives(num_objectives)
    check_count("rank", rank, low=1)
    if not is_typed_key(key):
        raise TypeError("key must be a typed key: build it with jax.random.key(seed)")
    check_params(base, "base")
    matrices = [leaf for leaf in jax.tree.leaves(base) if jnp.ndim(leaf) >= 2]
    if not matrices:
        raise ValueError("base holds no leaf of two axes or more: nothing to change by low rank")
    left = tuple(jnp.zeros((m, w.size // w.shape[-1], rank), w.dtype) for w in matrices)
    right = tuple(
        jax.random.normal(k, (m, rank, w.shape[-1]), w.dtype) / w.shape[-1] ** 0.5
        for k, w in zip(jax.random.split(key, len(matrices)), matrices, strict=True)
    )
    return LowRank(base, left, right)


def low_rank_manifold(objectives: Objectives, *, scale: ArrayLike = 1.0) -> Callable[..., Any]:
    r"""Turn objectives of one model into those of a common model with low-rank changes.

    $W(r) = W_0 + s \sum_i r_i B_i A_i$ for every matrix W of the model.

    Args:
        objectives: `objectives(params, *args) -> losses`, shape (m,).
        scale: $s > 0$ (0.1 to 1 is stable in the paper).

    Returns:
        `fn(params, ray, *args)` for `moo.ray_jacobian`, with `params` a `LowRank` as from
        `moo.low_rank_params`; it returns what `objectives` does.

    Raises:
        ValueError: if `scale` is not positive.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> fn = moo.low_rank_manifold(lambda w: w[0])
        >>> right = jnp.array([[[1.0, 2.0]], [[3.0, 0.0]]])
        >>> params = moo.aggregators.LowRank(
        ...     jnp.zeros((1, 2)), left=(jnp.ones((2, 1, 1)),), right=(right,))
        >>> fn(params, jnp.array([0.5, 0.5])).tolist()
        [2.0, 1.0]

    Source: Chen and Kwok, "Efficient Pareto Manifold Learning with Low-Rank Structure", ICML 2024,
    arXiv 2407.20734.
    """
    check_number("scale", scale, strict=True)

    def fn(params: LowRank, ray: Array, *args: Any) -> Any:
        return objectives(_at_ray(params, ray, scale), *args)

    return fn


def orthogonality(params: LowRank) -> Array:
    r"""Return $\sum_W \sum_{i \ne j} \langle B_i A_i, B_j A_j \rangle^2$, shape ().

    The products are taken between factors, $\mathrm{tr}(B_i^\top B_j A_j A_i^\top)$, so that no
    full matrix is formed.
    """
    terms = [_overlap(b, a) for b, a in zip(params.left, params.right, strict=True)]
    return jnp.sum(jnp.stack(terms))


def _overlap(left: Array, right: Array) -> Array:
    dtype = jnp.promote_types(left.dtype, jnp.float32)
    b, a = left.astype(dtype), right.astype(dtype)
    lefts = jnp.einsum("inr,jns->ijrs", b, b, precision=lax.Precision.HIGHEST)
    rights = jnp.einsum("irp,jsp->ijrs", a, a, precision=lax.Precision.HIGHEST)
    products = jnp.sum(lefts * rights, axis=(2, 3))
    return jnp.sum(jnp.where(jnp.eye(len(b), dtype=bool), 0, products) ** 2)


def _at_ray(params: LowRank, ray: Array, scale: ArrayLike) -> Params:
    leaves, tree = jax.tree.flatten(params.base)
    factors = iter(zip(params.left, params.right, strict=True))
    moved = [leaf + _change(leaf, *next(factors), ray, scale) if jnp.ndim(leaf) >= 2 else leaf
             for leaf in leaves]  # fmt: skip
    return jax.tree.unflatten(tree, moved)


def _change(leaf: Array, left: Array, right: Array, ray: Array, scale: ArrayLike) -> Array:
    weighted = (scale * ray)[:, None, None].astype(left.dtype) * left
    change = jnp.einsum("inr,irp->np", weighted, right, precision=lax.Precision.HIGHEST)
    return change.reshape(leaf.shape).astype(leaf.dtype)
