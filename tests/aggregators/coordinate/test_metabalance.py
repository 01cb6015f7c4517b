import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.follow import LATER, ROWS, as_tree, flat, follow, stepper

TX = moo.metabalance(2)


def metabalance(batches, relax=0.7, decay=0.9):
    """Follow the rule on one tensor, in float64."""
    norms, updates = np.zeros(len(batches[0])), []
    for J in batches:
        norms = decay * norms + (1 - decay) * np.linalg.norm(J, axis=1)
        updates.append((relax * norms[0] / norms + 1 - relax) @ J)
    return np.array(updates)


def test_worked_numbers():
    v, state = follow(TX, ROWS, LATER)
    np.testing.assert_allclose(v, metabalance([ROWS, LATER]), rtol=1e-5)
    expected = [[0.233611, 1.062187, -0.404201], [-0.171096, 0.845662, 0.023699]]
    np.testing.assert_allclose(v, expected, atol=2e-6)
    np.testing.assert_allclose(state.inner.norms, [0.156993, 0.246588], atol=1e-6)


def test_every_tensor_for_itself():
    v = flat(follow(TX, as_tree(ROWS), as_tree(LATER))[0])
    parts = [metabalance([J[:, k] for J in (ROWS, LATER)]) for k in (slice(1), slice(1, 3))]
    np.testing.assert_allclose(v, np.concatenate(parts, axis=1), rtol=1e-5)


def test_ends_of_relax():
    lengths = np.linalg.norm(ROWS, axis=1)
    equal = follow(moo.metabalance(2, relax=1.0), ROWS)[0][0]
    np.testing.assert_allclose(equal, ROWS[0] + lengths[0] / lengths[1] * ROWS[1], rtol=1e-5)
    np.testing.assert_allclose(
        follow(moo.metabalance(2, relax=0.0), ROWS)[0][0], ROWS.sum(axis=0), rtol=1e-5
    )


def test_target_is_the_objective_named():
    v = follow(moo.metabalance(2, target=1), ROWS[::-1])[0]
    np.testing.assert_allclose(v, follow(TX, ROWS)[0], rtol=1e-6)


@pytest.mark.parametrize(("rows", "expected"), [
    (ROWS * [[1], [0]], ROWS[0]),
    (ROWS * [[0], [1]], 0.3 * ROWS[1]),
    (ROWS * 0, 0 * ROWS[0]),
])  # fmt: skip
def test_zero_rows(rows, expected):
    np.testing.assert_allclose(follow(TX, rows)[0][0], expected, rtol=1e-5)


def test_inactive_target_lends_its_last_norm():
    state, step = TX.init(jnp.zeros(3)), stepper(TX)
    rows, losses = np.float32(ROWS), np.ones(2, np.float32)
    _, state = step(state, rows, losses, np.array([True, True]), {})
    v, after = step(state, rows, losses, np.array([False, True]), {})
    lengths = np.linalg.norm(ROWS, axis=1)
    factor = 0.7 * 0.1 * lengths[0] / (0.19 * lengths[1]) + 0.3
    np.testing.assert_allclose(v, factor * ROWS[1], rtol=1e-5)
    assert float(after.inner.norms[0]) == float(state.inner.norms[0])


def test_errors():
    with pytest.raises(ValueError, match="target must be below num_objectives=2, got 2"):
        moo.metabalance(2, target=2)
    with pytest.raises(ValueError, match=r"decay must lie in \[0, 1\), got 1"):
        moo.metabalance(2, decay=1)


def test_a_name_is_no_number_of_objectives():
    with pytest.raises(TypeError, match="num_objectives must be an int"):
        moo.metabalance("a")
