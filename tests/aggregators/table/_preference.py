"""Rows of the family `preference`."""

from tests.aggregators.table._row import Row

ROWS: dict[str, Row] = {}
