import numpy as np
import pytest

import moo
from benchmarks.speed.trades import SMALL, WAYS, _measured, _problem, trades

pytestmark = pytest.mark.usefixtures("unoptimised")


def test_the_exact_way_is_no_distance_away_and_stale_weights_are():
    start, batches = _problem(SMALL)
    base = moo.mgda(SMALL.m)
    exact, stale = (_measured(WAYS[way], base, start, batches, 6) for way in ("exact", "every 4"))
    np.testing.assert_allclose(exact[:2], [[0] * 6, [1] * 6], atol=1e-5)
    np.testing.assert_allclose(stale[0, [0, 4]], 0, atol=1e-5)  # where weights are new
    assert (stale[0, [1, 2, 3, 5]] > 1e-4).any()


def test_every_way_has_a_row():
    found, sketched = trades(small=True)["tables"]
    shape = "3×8, batch 32, m = 2"
    assert [row[0] for row in sketched["rows"]] == [
        f"{way}, {shape}" for way in ("exact", "4 probes", "16 probes")
    ]
    assert [row[0] for row in found["rows"][: len(WAYS)]] == [f"mgda, {way}" for way in WAYS]
