"""Rows of the family `online`."""

from tests.aggregators.table._row import Row

ROWS: dict[str, Row] = {}
