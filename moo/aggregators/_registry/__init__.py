"""What each method is, one row a method and one module a family; imports no jax."""

from moo._names import find_name
from moo.aggregators._registry import (
    _bilevel,
    _coordinate,
    _equalize,
    _losses,
    _matrix,
    _min_norm,
    _online,
    _preference,
    _project,
    _sets,
    _stochastic,
)
from moo.aggregators._registry._method import FAMILIES as FAMILIES
from moo.aggregators._registry._method import LAWS as LAWS
from moo.aggregators._registry._method import LEFT_OUT as LEFT_OUT
from moo.aggregators._registry._method import Law as Law
from moo.aggregators._registry._method import Method as Method

METHODS: dict[str, Method] = {
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

SETS: dict[str, Method] = _sets.ROWS


def lookup(name: str) -> Method:
    """Return the registry row of a method.

    Args:
        name: canonical name, a key of `METHODS` or `SETS`.

    Returns:
        Its row.

    Raises:
        ValueError: no method has that name; the message gives the nearest ones.

    Example:
        >>> lookup("mgda").scale
        'convex'
    """
    return find_name("method", name, METHODS | SETS)
