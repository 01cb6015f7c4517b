"""The opponent of the min-max methods: it raises the multipliers of large losses."""

from dataclasses import dataclass
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import Jacobian
from moo._types import Array, Params, PyTree
from moo.aggregators._base import active_mask
from moo.aggregators._solvers._simplex import over_active, project_simplex
from moo.aggregators.losses._masked import softmax

Mirror = Literal["eg", "gd"]


@dataclass(frozen=True)
class Adversary:
    r"""Online mirror ascent on the simplex of multipliers.

    Its state is the mirrored point: $\log \lambda$ for the entropy (`"eg"`), whose small entries
    never round to 0, or $\lambda$ itself for the Euclidean norm (`"gd"`). Only the active entries
    move, and share what they had together; so within them it is the same play on fewer objectives.

    Attributes:
        num_objectives: the number m.
        mirror: `"eg"` or `"gd"`.
        eta: the step size.
    """

    num_objectives: int
    mirror: Mirror
    eta: ArrayLike

    def start(self, dtype: Any) -> Array:
        """Return the mirrored uniform point."""
        even = jnp.full(self.num_objectives, 1 / self.num_objectives, dtype)
        return jnp.log(even) if self.mirror == "eg" else even

    def multipliers(self, point: Array, active: Array) -> Array:
        """Return the multipliers of the active objectives, adding up to 1."""
        if self.mirror == "eg":
            return softmax(point, 1, active)
        return over_active(point, active)

    def respond(self, point: Array, losses: Array, active: Array) -> Array:
        """Step up along the losses of the active objectives."""
        move = _entropic if self.mirror == "eg" else _euclidean
        gains = jnp.where(active, jnp.asarray(self.eta * losses, point.dtype), 0)
        return jnp.where(active, move(point, gains, active), point)


def _entropic(point: Array, gains: Array, active: Array) -> Array:
    raised = point + gains
    return raised - _log_mass(raised, active) + _log_mass(point, active)


def _log_mass(point: Array, active: Array) -> Array:
    mass: Array = jax.nn.logsumexp(jnp.where(active, point, -jnp.inf))
    return mass


def _euclidean(point: Array, gains: Array, active: Array) -> Array:
    mass = jnp.sum(jnp.where(active, point, 0))
    return mass * project_simplex(over_active(point, active) + gains, active)


def observed(jac: Jacobian, dtype: Any) -> tuple[Array, Array]:
    """Return the losses, 0 where inactive, and the mask."""
    active = active_mask(jac)
    return jnp.where(active, jac.losses.astype(dtype), 0), active


def zeros_like(params: Params) -> PyTree:
    """Return zeros of the parameters' shapes and dtypes, never weakly typed."""
    return jax.tree.map(lambda x: jnp.zeros(jnp.shape(x), jnp.result_type(x)), params)


def expect_params(params: Params, name: str) -> None:
    """Refuse a step without the point at which it is taken.

    Raises:
        ValueError: if it is missing.
    """
    if params is None:
        raise ValueError(
            f"params is missing: {name} needs the point itself; call update(..., state, params)"
        )
