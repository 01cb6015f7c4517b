"""UMOD: preferences that move until the solutions lie evenly on the front."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from moo._types import Array, as_typed_key
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import check_count
from moo.aggregators._ties import shared
from moo.aggregators.sets._base import from_population
from moo.aggregators.sets._directions import unit_preferences
from moo.aggregators.sets._front_model import FrontModel, spread

# A preference of 0 would divide a loss by 0; the value of the code's uniform preferences.
_LEAST_SHARE = 0.01
# Adam's learning rate of both the network and the angles in the code.
_RATE = 1e-3


class UmodState(NamedTuple):
    """Preferences as angles, the model of the front, and the pairs it is fitted on."""

    steps: Array  # (), int32
    angles: Array  # (K, m - 1)
    model: FrontModel
    past_angles: Array  # (rounds, K, m - 1)
    past_losses: Array  # (rounds, K, m)
    rounds: Array  # (), int32


def umod(
    num_objectives: int,
    *,
    preferences: ArrayLike | None = None,
    period: int = 2000,
    inner_steps: int = 2000,
    memory: int = 16,
    key: int | Array = 0,
) -> Aggregator:
    r"""Descend each solution's worst loss over its preference, and spread the preferences.

    $\max_i \ell_i(\theta_k) / p_{ki}$, so that $w_{ki} = 1 / p_{ki}$ for the largest ratio alone.
    Every `period` steps a network $h$ from the angles of p to the losses is fitted on the pairs
    met so far, and the angles ascend $\min_{k \ne l} \lVert h(p_k) - h(p_l) \rVert$.

    Args:
        num_objectives: the number m of objectives, at least 2.
        preferences: the first ones, one a solution, shape (K, m), non-negative, in the space of
            the losses. None, for two objectives: K directions at equal angles.
        period: steps of the solutions between two moves of the preferences (2000 in the code).
        inner_steps: steps of Adam, both for the network and for the angles (2000 in the code).
        memory: the last rounds of pairs, on which the network is fitted; 16 is ours, the code keeps
            all of them.
        key: seed or typed key of the network.

    Returns:
        An aggregator for `moo.population_jacobian`, with a `SetState` that holds the preferences'
        angles in its inner state. One backward pass a solution, and every `period` steps twice
        `inner_steps` of a small network, by `lax.cond`: under vmap that runs in every step.
        Losses should be positive. A share below 0.01 counts as 0.01.

    Raises:
        TypeError: if a count is no int, or the key is not typed.
        ValueError: if an argument is out of range, or the preferences are missing.

    Example:
        >>> import jax, jax.numpy as jnp, moo
        >>> tx = moo.umod(2, preferences=[[0.6, 0.8]])
        >>> population = jnp.array([[3.0, 3.0]])
        >>> jac = moo.population_jacobian(lambda x: x, population)
        >>> _, state = jax.jit(lambda state: tx.update(jac, state))(tx.init(population))
        >>> [round(float(weight), 3) for weight in state.weights[0]]
        [1.667, 0.0]

    Source: Zhang, Li, Lin, Zhang, Chen, Zhang, "Gliding over the Pareto Front with Uniform
    Designs", NeurIPS 2024; rule and numbers as in the authors' libmoon.
    Differs from the paper: the network is fitted on the last `memory` rounds, where the code keeps
    all of them; how the code treats shares of 0 with moved preferences is not known.
    """
    check_count("num_objectives", num_objectives, low=2)
    counts = {"period": period, "inner_steps": inner_steps, "memory": memory}
    for name, count in counts.items():
        check_count(name, count, low=1)
    directions, typed = unit_preferences(num_objectives, preferences), as_typed_key(key)

    def init(number: int, dtype: Any) -> UmodState:
        angles = jnp.asarray(angles_of(directions(number)), dtype)
        zero = jnp.zeros((), jnp.int32)
        past = jnp.zeros((memory, *angles.shape), dtype)
        losses = jnp.zeros((memory, number, num_objectives), dtype)
        model = FrontModel.init(typed, num_objectives, dtype, _RATE)
        return UmodState(zero, angles, model, past, losses, jnp.copy(zero))

    def weigh(jac: Any, losses: Array, state: UmodState) -> tuple[Array, UmodState]:
        shares = jnp.maximum(directions_of(state.angles), _LEAST_SHARE)
        ratios = losses / shares
        worst = ratios == jnp.max(ratios, axis=1, keepdims=True)
        weights = shared(worst, 1) / shares
        due = (state.steps > 0) & (state.steps % period == 0) & jnp.isfinite(losses).all()
        state = lax.cond(due, lambda: _moved(state, losses, inner_steps), lambda: state)
        return weights, state._replace(steps=state.steps + 1)

    return from_population(num_objectives, init, weigh)


def directions_of(angles: Array) -> Array:
    """Return the unit vectors of spherical angles, shapes (K, m - 1) to (K, m)."""
    ones = jnp.ones_like(angles[:, :1])
    sines = jnp.cumprod(jnp.concatenate([ones, jnp.sin(angles)], axis=1), axis=1)
    return sines * jnp.concatenate([jnp.cos(angles), ones], axis=1)


def angles_of(directions: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the spherical angles of unit vectors, shapes (K, m) to (K, m - 1)."""
    rest = np.sqrt(np.cumsum(directions[:, ::-1] ** 2, axis=1))[:, ::-1]
    return np.arctan2(rest[:, 1:], directions[:, :-1])


def _moved(state: UmodState, losses: Array, inner_steps: int) -> UmodState:
    """Note the pairs met, fit the network on all noted ones, and spread the angles."""
    memory = len(state.past_angles)
    slot = state.rounds % memory
    angles = state.past_angles.at[slot].set(state.angles)
    values = state.past_losses.at[slot].set(losses)
    known = jnp.repeat(jnp.arange(memory) <= state.rounds, losses.shape[0])
    flat = angles.reshape(-1, angles.shape[2]), values.reshape(-1, values.shape[2])
    model = state.model.fit(*flat, known, inner_steps, _RATE)
    moved = spread(model.layers, state.angles, inner_steps, _RATE)
    return jax.tree.map(
        lambda new, old: new.astype(old.dtype),
        UmodState(state.steps, moved, model, angles, values, state.rounds + 1), state,
    )  # fmt: skip
