"""Methods that work entry by entry, or row by row, on the whole Jacobian."""

from moo.aggregators._registry._method import Method

ROWS: dict[str, Method] = {}
