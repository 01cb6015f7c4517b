"""Methods that use the matrix shape of parameters."""

from moo.aggregators._registry._method import Method

ROWS: dict[str, Method] = {}
