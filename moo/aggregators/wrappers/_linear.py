"""What wrappers of weights may wrap."""

from typing import Any

from moo.aggregators._base import Aggregator, SetAggregator


def expect_linear(aggregator: Any, wrapper: str) -> Aggregator:
    """Return the aggregator if its update is its Jacobian combined by its weights.

    Raises:
        TypeError: for a chain, an injected or any other plain optax transformation.
        ValueError: for an aggregator that is not linear, or returns a set of solutions.
    """
    if not isinstance(aggregator, Aggregator):
        raise TypeError(
            f"{wrapper} wraps a moo.Aggregator, got {type(aggregator).__name__}: put {wrapper} "
            "inside the chain or inside inject_hyperparams, directly around the aggregator"
        )
    if not aggregator.linear:
        raise ValueError(
            f"{wrapper} reuses weights, but this aggregator's update is not its Jacobian combined "
            "by its weights: wrap an aggregator with linear=True"
        )
    if isinstance(aggregator, SetAggregator):
        raise ValueError(
            f"{wrapper} reuses weights of one solution, but this method returns a set of them: "
            "wrap an aggregator that reads a moo.jacobian"
        )
    return aggregator
