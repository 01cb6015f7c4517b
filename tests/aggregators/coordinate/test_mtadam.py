import numpy as np
import pytest

import moo
from tests.aggregators.follow import LATER, ROWS, as_tree, flat, follow

TX = moo.mtadam(2)


def mtadam(batches, b1=0.9, b2=0.999, b3=0.9, eps=1e-8):
    """Follow the rule on one tensor, in float64, for rows that are never zero."""
    norms = np.linalg.norm(batches[0], axis=1)
    first, second, updates = 0.0, 0.0, []
    for t, J in enumerate(batches, 1):
        norms = b3 * norms + (1 - b3) * np.linalg.norm(J, axis=1)
        rows = norms[0] / norms[:, None] * J
        first = b1 * first + (1 - b1) * rows
        second = b2 * second + (1 - b2) * rows**2
        largest = np.max(np.sqrt(second / (1 - b2**t)) + eps, axis=0)
        updates.append(first.sum(axis=0) / (1 - b1**t) / largest)
    return np.array(updates), norms


def test_worked_numbers():
    v, state = follow(TX, ROWS, LATER)
    expected, norms = mtadam([ROWS, LATER])
    np.testing.assert_allclose(v, expected, atol=1e-5)
    known = [[0.248016, 1.236412, -0.812004], [-0.045164, 1.17165, -0.417105]]
    np.testing.assert_allclose(v, known, atol=1e-5)
    np.testing.assert_allclose(state.inner.norms, norms, rtol=1e-6)
    np.testing.assert_allclose(norms, [1.076976, 1.225315], atol=1e-6)


def test_every_tensor_for_itself():
    v = flat(follow(TX, as_tree(ROWS), as_tree(LATER))[0])
    parts = [mtadam([J[:, k] for J in (ROWS, LATER)])[0] for k in (slice(1), slice(1, 3))]
    np.testing.assert_allclose(v, np.concatenate(parts, axis=1), atol=1e-5)


def test_scales_of_the_objectives_do_not_matter():
    v = follow(TX, ROWS, LATER)[0]
    scaled = follow(TX, [[7.0], [300]] * ROWS, [[7.0], [300]] * LATER)[0]
    np.testing.assert_allclose(scaled, v, atol=1e-5)


@pytest.mark.parametrize("zero", [0, 1])
def test_a_zero_row_is_no_anchor_and_adds_nothing(zero):
    rows = ROWS * np.where(np.arange(2) == zero, 0, 1)[:, None]
    v = follow(moo.mtadam(2, eps=0.0), rows)[0][0]
    np.testing.assert_allclose(v, np.sign(ROWS[1 - zero]), rtol=1e-5)


def test_inactive_rows_stay_out():
    v, state = follow(TX, ROWS, LATER, active=[False, True])
    np.testing.assert_allclose(v, mtadam([ROWS[1:], LATER[1:]])[0], atol=1e-5)
    np.testing.assert_array_equal(state.inner.moments.steps, [0, 2])


def test_errors():
    with pytest.raises(ValueError, match=r"b3 must lie in \[0, 1\)"):
        moo.mtadam(2, b3=1.0)


def test_gradients_whose_squares_overflow():
    v = follow(TX, ROWS, LATER)[0]
    np.testing.assert_allclose(follow(TX, ROWS * 2.0**100, LATER * 2.0**100)[0], v, atol=1e-5)
