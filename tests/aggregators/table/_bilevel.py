"""Rows of the family `bilevel`."""

from tests.aggregators.table._row import Row

ROWS: dict[str, Row] = {}
