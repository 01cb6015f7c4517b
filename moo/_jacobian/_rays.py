"""The Jacobians of one conditioned model at K rays."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian._checks import check_choice, check_params
from moo._jacobian._engines import each_row
from moo._jacobian._set import SetJacobian, losses_and_aux
from moo._jacobian._stacked import combine_rows
from moo._types import Array, Engine, Objectives, Params, PyTree


def ray_jacobian(
    fn: Objectives,
    params: Params,
    rays: ArrayLike,
    *args: Any,
    has_aux: bool = False,
    engine: Engine = "auto",
) -> "RayJacobian":
    r"""Take the lazy Jacobians $J_k = \partial \ell(\theta; r_k) / \partial \theta$ at K rays.

    One model learns a whole front: it is given a ray, the preference among the objectives, beside
    its input.

    Args:
        fn: `fn(params, ray, *args) -> losses`, shape (m,), of the model conditioned on one ray,
            at least float32; with `has_aux`, `(losses, aux)`.
        params: pytree of floating-point arrays, shared by all rays.
        rays: shape (K, m), non-negative, such as from `moo.sample_rays`; not differentiated.
        *args: further arguments of `fn`, the same for every ray, not differentiated.
        has_aux: whether `fn` returns auxiliary output, kept in `aux`.
        engine: how `rows` goes through the objectives, as in `moo.jacobian`.

    Returns:
        The Jacobians, with `rays`. `combine(weights)`, shape (K, m), returns
        $\tfrac1K \sum_k J_k^\top w_k$ as a pytree like the parameters: one backward pass.

    Raises:
        TypeError: if losses or a leaf of params have a wrong type.
        ValueError: if a shape or an option is wrong.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> fn = lambda x, ray: jnp.stack([ray[0] * x[0], x[1]])
        >>> rays = jnp.array([[1.0, 0.0], [0.5, 0.5]])
        >>> jac = moo.ray_jacobian(fn, jnp.array([2.0, 3.0]), rays)
        >>> jac.losses.tolist(), jac.combine(rays).tolist()
        ([[2.0, 3.0], [1.0, 3.0]], [0.625, 0.25])
    """
    check_choice("engine", engine, Engine)
    rays = jnp.asarray(rays)
    if jnp.issubdtype(rays.dtype, jnp.integer):
        rays = rays.astype(jnp.float32)
    if rays.ndim != 2 or 0 in rays.shape or not jnp.issubdtype(rays.dtype, jnp.floating):
        raise ValueError(
            f"rays must be a float array of shape (K, m), got {rays.dtype} of shape {rays.shape}: "
            "give one row a ray, as from moo.sample_rays"
        )
    return RayJacobian(fn, params, rays, args, has_aux, engine)


class RayJacobian(SetJacobian):
    """The Jacobians of one conditioned model at K rays, by one vector-Jacobian product.

    Attributes:
        rays: shape (K, m).
    """

    def __init__(
        self,
        fn: Objectives,
        params: Params,
        rays: Array,
        args: Sequence[Any],
        has_aux: bool,
        engine: Engine,
    ) -> None:
        check_params(params)
        self.rays, self._params, self._engine = rays, params, engine
        self._fn, self._args, self._has_aux = fn, args, has_aux

        def each(params: Params) -> tuple[Array, PyTree]:
            return jax.vmap(lambda ray: self._at(params, ray))(rays)

        self.losses, self._vjp, self.aux = jax.vjp(each, params, has_aux=True)
        self.num_solutions, self.num_objectives = self.losses.shape
        if rays.shape != self.losses.shape:
            raise ValueError(
                f"rays has shape {rays.shape}, but the objectives return {self.num_objectives} "
                "losses: a ray has one entry for each"
            )

    def _at(self, params: Params, ray: Array) -> tuple[Array, PyTree]:
        return losses_and_aux(self._fn, self._has_aux, params, ray, *self._args)

    def _pull(self, weights: Array) -> PyTree:
        return self._vjp(weights / self.num_solutions)[0]

    def _rows(self) -> PyTree:
        def one(ray: Array) -> PyTree:
            losses, pull = jax.vjp(lambda params: self._at(params, ray)[0], self._params)
            return each_row(lambda w: pull(w)[0], len(losses), losses.dtype, self._engine)

        return jax.vmap(one)(self.rays)

    def _combine_rows(self, rows: PyTree, weights: Array) -> PyTree:
        flat = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), rows)
        return combine_rows(flat, weights.ravel() / self.num_solutions)
