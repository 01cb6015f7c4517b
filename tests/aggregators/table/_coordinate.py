"""Rows of the family `coordinate`."""

from tests.aggregators.table._row import Row

ROWS: dict[str, Row] = {}
