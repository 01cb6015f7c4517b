"""The published verdicts on the two-task toy: which starts reach the front.

The expected shares are those of an independent implementation; only certain cells (0 or 1) are
asserted, because shares in between depend on the draw of the jitter.
"""

import numpy as np
import pytest

from benchmarks.verdicts import final_points, on_front

CERTAIN = {
    "mean": (None, 1, 0, 1, 1),
    "mgda": (1, 1, 1, 1, 1),
    "pcgrad": (1, 1, 0, 1, 1),
    "cagrad": (None, 1, 0, 1, 1),
    "nash_mtl": (1, 1, 1, 1, 1),
    "imtl_g": (None, 1, 1, 1, 1),
    "aligned_mtl": (None, 1, 1, 1, 1),
    "dual_proj": (1, 1, 0, 1, 1),
    "famo": (1, 1, 1, 1, 1),
}


@pytest.mark.conformance
@pytest.mark.parametrize("method", CERTAIN)
def test_the_certain_cells_of_the_verdict_table(method):
    share = on_front(final_points(method)).mean(axis=1)
    expected = np.array([np.nan if cell is None else cell for cell in CERTAIN[method]])
    certain = np.isfinite(expected)
    np.testing.assert_array_equal(share[certain], expected[certain])


@pytest.mark.conformance
def test_famo_ends_balanced():
    ends = final_points("famo")
    assert np.abs(ends[..., 0]).max() < 2
