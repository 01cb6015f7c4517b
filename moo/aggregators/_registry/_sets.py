"""Methods that return several solutions: a population, or one model conditioned on a ray."""

from moo.aggregators._registry._method import Method

ROWS: dict[str, Method] = {}
