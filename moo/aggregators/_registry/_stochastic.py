"""Methods for noisy gradients, and those that spread their work over steps."""

from moo.aggregators._registry._method import Method

ROWS: dict[str, Method] = {}
