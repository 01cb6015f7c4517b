"""The Jacobians of a population: K solutions, each with parameters of its own."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from moo._jacobian._checks import check_choice, check_params
from moo._jacobian._engines import each_row
from moo._jacobian._set import SetJacobian, losses_and_aux
from moo._jacobian._stacked import combine_rows
from moo._types import Array, Engine, Objectives, Params, PyTree


def population_jacobian(
    fn: Objectives,
    population: Params,
    *args: Any,
    has_aux: bool = False,
    engine: Engine = "auto",
) -> "PopulationJacobian":
    r"""Take the lazy Jacobians $J_k = \partial \ell(\theta_k) / \partial \theta_k$ of K solutions.

    Args:
        fn: `fn(params, *args) -> losses`, shape (m,), of one solution, at least float32; with
            `has_aux`, `(losses, aux)`.
        population: pytree of floating-point arrays, each with a leading axis K.
        *args: further arguments of `fn`, the same for every solution, not differentiated.
        has_aux: whether `fn` returns auxiliary output, kept in `aux`.
        engine: how `rows` goes through the objectives, as in `moo.jacobian`.

    Returns:
        The Jacobians. `combine(weights)`, shape (K, m), returns $J_k^\top w_k$ for every k as a
        pytree like the population.

    Raises:
        TypeError: if losses or a leaf have a wrong type.
        ValueError: if the leaves do not share one leading axis, or an option is wrong.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> population = jnp.array([[1.0, 2.0], [3.0, 4.0]])
        >>> jac = moo.population_jacobian(lambda x: jnp.stack([x[0] ** 2, x[0] * x[1]]), population)
        >>> jac.losses.tolist()
        [[1.0, 2.0], [9.0, 12.0]]
        >>> jac.combine(jnp.array([[1.0, 0.0], [0.0, 1.0]])).tolist()
        [[2.0, 0.0], [4.0, 3.0]]
    """
    check_choice("engine", engine, Engine)
    return PopulationJacobian(fn, population, args, has_aux, engine)


class PopulationJacobian(SetJacobian):
    """The Jacobians of K solutions, by one batched vector-Jacobian product."""

    def __init__(
        self,
        fn: Objectives,
        population: Params,
        args: Sequence[Any],
        has_aux: bool,
        engine: Engine,
    ) -> None:
        number = population_size(population)

        def each(population: Params) -> tuple[Array, PyTree]:
            return jax.vmap(lambda params: losses_and_aux(fn, has_aux, params, *args))(population)

        self._engine = engine
        self.losses, self._vjp, self.aux = jax.vjp(each, population, has_aux=True)
        self.num_solutions, self.num_objectives = number, self.losses.shape[1]

    def _pull(self, weights: Array) -> PyTree:
        return self._vjp(weights)[0]

    def _rows(self) -> PyTree:
        def pull(weights: Array) -> PyTree:
            return self._pull(jnp.broadcast_to(weights, self.losses.shape))

        rows = each_row(pull, self.num_objectives, self.losses.dtype, self._engine)
        return jax.tree.map(lambda leaf: jnp.moveaxis(leaf, 0, 1), rows)

    def _combine_rows(self, rows: PyTree, weights: Array) -> PyTree:
        return jax.vmap(combine_rows)(rows, weights)


def population_size(population: Params) -> int:
    """Return the number K of solutions, the leading axis of every leaf.

    Raises:
        TypeError: if a leaf is not floating-point.
        ValueError: if the leading axes differ, or one is missing.
    """
    check_params(population, "population")
    sizes = {jnp.shape(leaf)[:1] for leaf in jax.tree.leaves(population)}
    if len(sizes) != 1 or () in sizes or (0,) in sizes:
        raise ValueError(
            "population must hold one leading axis K >= 1 in every leaf, got leading axes "
            f"{sorted(sizes)}: stack K parameter trees leaf by leaf"
        )
    (size,) = sizes.pop()
    return int(size)
