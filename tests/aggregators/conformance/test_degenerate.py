"""What every method must stand: degenerate rows, inactive objectives, entries without a value."""

import numpy as np

from moo.aggregators._registry import METHODS
from tests.aggregators.conformance.run import at, methods, outcome
from tests.aggregators.conformance.stack import PLACES, PROBES, places


@methods
def test_finite(name):
    """Every matrix under every mask, at each of the steps."""
    for kind in ("base", "masked", "hidden", "permuted", "rotated", "row_scaled", "row_sums"):
        for case, place in places(kind).items():
            assert np.isfinite(outcome(name).v[place]).all(), (kind, case)


@methods
def test_random_rows_are_solved(name):
    for case in ("random 0", "random 3"):
        assert outcome(name).converged[PLACES["base", case]].all()


@methods
def test_inactive_objectives_have_no_weight(name):
    weights = outcome(name).weights
    if weights is not None:
        off = np.broadcast_to(~PROBES.active[:, None], weights.shape)
        np.testing.assert_array_equal(weights[off], 0)


@methods
def test_inactive_rows_do_not_matter(name):
    clean = outcome(name).v[PLACES["masked", "random 0, [1 0 1 1]"]]
    for case, place in places("hidden").items():
        np.testing.assert_array_equal(outcome(name).v[place], clean, err_msg=case)


@methods
def test_no_active_objective_gives_zero(name):
    np.testing.assert_array_equal(outcome(name).v[PLACES["none", "active"]], 0)


@methods
def test_what_is_not_finite_is_announced(name):
    for case, place in places("spoilt").items():
        spoilt = at(outcome(name), place)
        assert np.isnan(spoilt.v[0]).any(), case
        if METHODS[name].needs == "gram" and spoilt.weights is not None:
            assert not np.isfinite(spoilt.weights[0]).all(), case
