"""Methods for losses that change from round to round."""

from moo.aggregators._registry._method import Method

ROWS: dict[str, Method] = {}
