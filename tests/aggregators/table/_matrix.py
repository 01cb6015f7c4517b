"""Rows of the family `matrix`."""

from tests.aggregators.table._row import Row

ROWS: dict[str, Row] = {}
