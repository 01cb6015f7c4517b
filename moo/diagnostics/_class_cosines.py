"""Conflict by class of sample, which a batch cosine hides."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import jacobian
from moo._types import Array, Objectives, Params
from moo.diagnostics._cosines import LayerCosines, cosines_of_rows


class ClassCosines(NamedTuple):
    """Cosines of the objectives' gradients by class of sample.

    Attributes:
        counts: (C,) int32, rows in each class.
        layers: path of a group of leaves -> cosines (C, m, m) and norms (C, m); NaN for
            classes without rows, cosine 0 where a gradient is 0.
    """

    counts: Array
    layers: dict[str, LayerCosines]


def class_cosines(
    objectives: Objectives,
    params: Params,
    *args: Any,
    classes: ArrayLike,
    has_aux: bool = False,
    depth: int | None = 1,
    only: Callable[[str], bool] | None = None,
) -> ClassCosines:
    r"""Cosines of the objectives' gradients on each class of samples by itself.

    For class c the gradients are those of the losses averaged over its rows alone,
    $g_i^{(c)} = \nabla \ell_i(\theta; \mathrm{where} = c)$. In an entire-space model the click
    without conversion pulls the CTR tower in opposite directions, while the other classes
    agree; the cosine of the batch is a mixture and is often positive. With one row a class,
    `classes=jnp.eye(n, dtype=bool)`, the result is sample by sample.

    Args:
        objectives: `objectives(params, *args, where=mask) -> losses (m,)`, means over the rows
            of the (n,) boolean mask, finite when it is empty; with `has_aux`, `(losses, aux)`.
        params: pytree of floating leaves.
        *args: further arguments, such as the batch.
        classes: (C, n) boolean, the rows of each class; see `esmm_classes`.
        has_aux: whether `objectives` also returns auxiliary output, which is dropped.
        depth: how many parts of a leaf's path name its group, see `layer_cosines`; 1 groups by
            the top-level parts of `params`, None takes each leaf, 0 all together.
        only: keeps the leaves whose full path it accepts.

    Returns:
        Counts of the classes and, by group of leaves, cosines (C, m, m) and norms (C, m).

    Raises:
        TypeError: if `classes` is not boolean.
        ValueError: if `classes` is not a matrix or no leaf is kept.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> x = jnp.array([1.0, 2.0, -1.0])
        >>> def objectives(slope, where):
        ...     return jnp.stack([moo.masked_mean(x * slope, where), slope])
        >>> classes = jnp.array([[True, True, False], [False, False, True]])
        >>> found = class_cosines(objectives, jnp.array(1.0), classes=classes)
        >>> found.counts.tolist(), found.layers[""].cosines[:, 0, 1].tolist()
        ([2, 1], [1.0, -1.0])

    Source: own, with the derivation of the complete conflict.
    """
    masks = jnp.asarray(classes)
    if masks.dtype != jnp.bool_:
        raise TypeError(f"classes must be boolean, got {masks.dtype}")
    if masks.ndim != 2:
        raise ValueError(f"classes must have shape (C, n), got {masks.shape}")

    def of_class(where: Array) -> dict[str, LayerCosines]:
        def losses(params: Params) -> Any:
            return objectives(params, *args, where=where)

        layers = cosines_of_rows(jacobian(losses, params, has_aux=has_aux).rows(), depth, only)
        return jax.tree.map(lambda value: jnp.where(where.any(), value, jnp.nan), layers)

    # One class at a time: only its rows of the Jacobian are alive.
    layers: dict[str, LayerCosines] = jax.lax.map(of_class, masks)
    return ClassCosines(jnp.sum(masks, axis=1, dtype=jnp.int32), layers)
