"""Builders of methods that return a set of solutions: a population, or one conditioned model."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp

from moo._jacobian import PopulationJacobian, RayJacobian, SetJacobian, check_params
from moo._jacobian._population import population_size
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import Aggregator, SetAggregator, check_num_objectives, combined
from moo.aggregators._checks import check_count
from moo.aggregators._solvers._solution import Solution


class SetState(NamedTuple):
    """State of a method on K solutions: what recorders want, and the method's own."""

    weights: Array  # (K, m)
    residual: Array  # (K,)
    converged: Array  # (K,), bool
    inner: PyTree


def from_population(
    num_objectives: int,
    init: Callable[..., PyTree],
    weigh: Callable[..., Any],
    *,
    needs: str = "losses",
) -> Aggregator:
    r"""Build a method that weighs the objectives of each solution of a population.

    $v_k = J_k^\top w_k$ for every solution k of K, with weights that may depend on all of them.

    Args:
        num_objectives: the number m of objectives.
        init: `init(num_solutions, dtype) -> state`, the method's own state.
        weigh: `weigh(jac, losses, state) -> (weights, state)`; `jac` is a population's Jacobian,
            `losses` and weights have shape (K, m). The weights may come as a `Solution` whose
            fields have a leading axis K.
        needs: `"losses"`, `"gram"` or `"jacobian"`, the largest statistic that `weigh` asks for.

    Returns:
        A linear aggregator with a `SetState`; its parameters are a population, a pytree with a
        leading axis K, and its update reads a `moo.population_jacobian`.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> own = moo.from_population(
        ...     2, lambda num_solutions, dtype: (),
        ...     lambda jac, losses, state: (jnp.eye(2), state))
        >>> population = jnp.array([[3.0, 0.0], [0.0, 5.0]])
        >>> jac = moo.population_jacobian(lambda x: x**2, population)
        >>> update, _ = own.update(jac, own.init(population))
        >>> update.tolist()
        [[6.0, 0.0], [0.0, 10.0]]
    """

    def initialise(population: Params) -> SetState:
        return first_state(population_size(population), num_objectives, population, init)

    return _on_sets(num_objectives, initialise, weigh, PopulationJacobian, needs)


def from_rays(
    num_objectives: int,
    num_rays: int,
    init: Callable[..., PyTree],
    weigh: Callable[..., Any],
    *,
    needs: str = "losses",
) -> Aggregator:
    r"""Build a method that weighs the objectives of one conditioned model at K rays.

    $v = \tfrac1K \sum_k J_k^\top w_k$.

    Args:
        num_objectives: the number m of objectives.
        num_rays: the number K of rays a step.
        init: `init(num_rays, dtype) -> state`, the method's own state.
        weigh: `weigh(jac, losses, state) -> (weights, state)`, as in `from_population`, with the
            rays, shape (K, m), in `jac.rays`.
        needs: `"losses"`, `"gram"` or `"jacobian"`, the largest statistic that `weigh` asks for.

    Returns:
        A linear aggregator with a `SetState`, whose update reads a `moo.ray_jacobian`.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> linear = moo.from_rays(
        ...     2, 1, lambda num_rays, dtype: (), lambda jac, losses, state: (jac.rays, state))
        >>> rays = jnp.array([[0.75, 0.25]])
        >>> jac = moo.ray_jacobian(lambda x, ray: x**2, jnp.array([2.0, 2.0]), rays)
        >>> update, _ = linear.update(jac, linear.init(jnp.zeros(2)))
        >>> update.tolist()
        [3.0, 1.0]
    """
    check_count("num_rays", num_rays, low=1)

    def initialise(params: Params) -> SetState:
        check_params(params)
        return first_state(num_rays, num_objectives, params, init)

    return _on_sets(num_objectives, initialise, weigh, RayJacobian, needs)


def no_own_state(number: int, dtype: Any) -> tuple[()]:
    """Return the empty state of a method that keeps none."""
    return ()


def first_state(
    number: int, num_objectives: int, params: Params, init: Callable[..., PyTree]
) -> SetState:
    """Return the state before the first step, for K solutions."""
    dtype = solver_dtype(params)
    zeros = jnp.zeros((number, num_objectives), dtype)
    return SetState(zeros, jnp.zeros(number, dtype), jnp.ones(number, bool), init(number, dtype))


def expect_set(jac: object, kind: type[SetJacobian], num_objectives: int, number: int) -> None:
    """Refuse what is no Jacobian of that kind, or one of another shape.

    Raises:
        TypeError: if another kind of Jacobian came, or none.
        ValueError: if the number of objectives or of solutions differs.
    """
    builder = "population_jacobian" if kind is PopulationJacobian else "ray_jacobian"
    if not isinstance(jac, kind):
        raise TypeError(
            f"updates must be a moo.{kind.__name__}, got {type(jac).__name__}: this method returns "
            f"a set of solutions; build the Jacobian with moo.{builder}"
        )
    if jac.num_objectives != num_objectives:
        raise ValueError(
            f"num_objectives is {num_objectives}, but the objectives return "
            f"{jac.num_objectives} losses: build the method with num_objectives="
            f"{jac.num_objectives}"
        )
    if jac.num_solutions != number:
        raise ValueError(
            f"the state was made for {number} solutions or rays, but the Jacobian has "
            f"{jac.num_solutions}: their number K is fixed at init"
        )


def _on_sets(
    num_objectives: int,
    initialise: Callable[[Params], SetState],
    weigh: Callable[..., Any],
    kind: type[SetJacobian],
    needs: str,
) -> Aggregator:
    m = check_num_objectives(num_objectives)

    def update(
        jac: SetJacobian, state: SetState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, SetState]:
        expect_set(jac, kind, m, len(state.weights))
        dtype = state.weights.dtype
        jac = jac if needs == "losses" else jac.materialize()
        answer, inner = weigh(jac, jac.losses.astype(dtype), state.inner)
        if not isinstance(answer, Solution):
            answer = Solution(
                answer, jnp.zeros_like(state.residual), jnp.ones_like(state.converged)
            )
        weights = jnp.asarray(answer.weights, dtype)
        if weights.shape != state.weights.shape:
            raise ValueError(
                f"weigh must return weights of shape {state.weights.shape}, got {weights.shape}"
            )
        converged = answer.converged & jnp.isfinite(weights).all(axis=1)
        residual = answer.residual.astype(dtype)
        return combined(jac, weights), SetState(weights, residual, converged, inner)

    return SetAggregator(initialise, update, num_objectives=m, linear=True, needs=needs)
