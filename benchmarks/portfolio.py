"""Several aggregators in one compiled program, for cells that differ in nothing else."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

import moo


class PortfolioState(NamedTuple):
    """What the chosen aggregator used, and the states of all of them."""

    weights: Any  # (m,)
    gram: Any  # moo.Gram; None where none of them takes one
    inner: tuple[Any, ...]


def by_need(methods: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Group methods whose step costs the same: those that read losses, those that take rows."""
    groups: dict[str, dict[str, Any]] = {}
    for name, options in methods.items():
        groups.setdefault(moo.aggregators.METHODS[name].needs, {})[name] = options
    return list(groups.values())


def portfolio(
    methods: Mapping[str, dict[str, Any]], num_objectives: int
) -> optax.GradientTransformationExtraArgs:
    """Build the aggregators of one group, chosen by `update`'s extra argument `choice`.

    Each takes exactly the step that it takes alone. The forward and backward passes and the
    optimizer after them, nearly all of the program, compile once instead of once a method.
    """
    members = [
        moo.aggregator(name, num_objectives=num_objectives, **options)
        for name, options in methods.items()
    ]
    takes_rows = members[0].needs != "losses"

    def init(params: Any) -> PortfolioState:
        inner = tuple(member.init(params) for member in members)
        weights = jnp.zeros_like(inner[0].weights)
        return PortfolioState(weights, inner[0].gram if takes_rows else None, inner)

    def update(
        jac: moo.Jacobian, state: PortfolioState, params: Any = None, *, choice: Any, **extra: Any
    ) -> tuple[Any, PortfolioState]:
        jac = jac.materialize() if takes_rows else jac

        def advance(index: int) -> tuple[Any, PortfolioState]:
            updates, after = members[index].update(jac, state.inner[index], params, **extra)
            inner = (*state.inner[:index], after, *state.inner[index + 1 :])
            gram = after.gram if takes_rows else None
            return updates, PortfolioState(after.weights, gram, inner)

        branches = [lambda index=index: advance(index) for index in range(len(members))]
        return jax.lax.switch(choice, branches)

    return optax.GradientTransformationExtraArgs(init, update)
