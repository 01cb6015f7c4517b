"""Methods that choose weights by a validation batch."""

from moo.aggregators._registry._method import Method

ROWS: dict[str, Method] = {}
