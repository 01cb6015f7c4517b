"""One row a method, one module a family: how to build it, its oracle, and where its laws hold."""

from tests.aggregators.table import (
    _bilevel,
    _coordinate,
    _equalize,
    _losses,
    _matrix,
    _min_norm,
    _online,
    _preference,
    _project,
    _stochastic,
)
from tests.aggregators.table._row import Row as Row
from tests.aggregators.table._row import units as units

TABLE: dict[str, Row] = {
    **_losses.ROWS,
    **_min_norm.ROWS,
    **_equalize.ROWS,
    **_project.ROWS,
    **_coordinate.ROWS,
    **_matrix.ROWS,
    **_stochastic.ROWS,
    **_online.ROWS,
    **_bilevel.ROWS,
    **_preference.ROWS,
}
