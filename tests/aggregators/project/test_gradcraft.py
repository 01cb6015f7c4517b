import numpy as np
import pytest

import moo
from tests.aggregators import gramian_oracles
from tests.aggregators.follow import LATER, ROWS, follow


@pytest.mark.parametrize(
    ("options", "first", "later"),
    [
        ({}, [0.178149, 0.810402, -0.30835], [0.06775, 0.750175, -0.064555]),
        (
            {"relaxation": 0.5, "margin": 0.1},
            [0.200624, 0.872519, -0.335895],
            [0.191977, 0.893478, -0.12027],
        ),
        (
            {"relaxation": 0.5, "margin": 0.1, "decay": 0.9},
            [0.200624, 0.872519, -0.335895],
            [0.128121, 0.809403, -0.091102],
        ),
    ],
)
def test_worked_numbers(options, first, later):
    update, _ = follow(moo.gradcraft(2, **options), ROWS, LATER)
    np.testing.assert_allclose(update, [first, later], atol=5e-6)


def test_dependent_opposite_and_zero_rows():
    g, h = ROWS
    stacks = [[g, g, h], [g, h, -g - h], [g, 0 * g, h]]
    tx = moo.gradcraft(3, relaxation=0.5, margin=0.1)
    update, _ = follow(tx, *map(np.stack, stacks))
    expected = [gramian_oracles.gradcraft(np.stack(J), 0.5, 0.1) for J in stacks]
    np.testing.assert_allclose(update[[0, 2]], np.stack(expected)[[0, 2]], atol=2e-3)
    assert np.isfinite(update).all()
    update, _ = follow(moo.gradcraft(2, relaxation=0.5, margin=0.1), np.stack([g, -2 * g]))
    np.testing.assert_allclose(update[0], [0.025, 0.005, -0.0125], atol=1e-5)


def test_wrong_options():
    with pytest.raises(ValueError, match=r"relaxation must lie in \[0, 1\], got 2"):
        moo.gradcraft(2, relaxation=2.0)
    with pytest.raises(ValueError, match="margin must be finite and at least 0"):
        moo.gradcraft(2, margin=-0.1)
