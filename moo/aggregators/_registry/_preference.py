"""Methods that aim at one point of the Pareto front."""

from moo.aggregators._registry._method import Method

ROWS: dict[str, Method] = {}
