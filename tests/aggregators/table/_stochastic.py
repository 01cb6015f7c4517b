"""Rows of the family `stochastic`."""

from tests.aggregators.table._row import Row

ROWS: dict[str, Row] = {}
