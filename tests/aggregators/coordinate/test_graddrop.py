import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.follow import ROWS, as_tree, flat, follow

TX = moo.graddrop(2)


def test_every_entry_keeps_one_sign():
    v = flat(follow(TX, as_tree(ROWS))[0])[0]
    for k in range(3):
        positive, negative = np.maximum(ROWS[:, k], 0).sum(), np.minimum(ROWS[:, k], 0).sum()
        assert np.isclose(v[k], positive) or np.isclose(v[k], negative)


def test_expectation_is_the_sum():
    """20,000 copies of one column: the mean is Σg to a few of its standard errors."""
    column = np.array([[2.0], [-1.0], [0.5]])
    v = follow(moo.graddrop(3, key=4), np.tile(column, 20_000))[0][0]
    share = (1 + 1.5 / 3.5) / 2
    np.testing.assert_allclose(np.mean(v == 2.5), share, atol=0.015)
    np.testing.assert_allclose(v.mean(), 1.5, atol=0.05)


def test_leak_and_its_ends():
    """A leak of 1 is the sum; in between, the dropped sign keeps its share."""
    np.testing.assert_allclose(
        follow(moo.graddrop(2, leak=1.0), ROWS)[0][0], ROWS.sum(axis=0), atol=1e-6
    )
    rows = np.tile([[1.0], [-1.0]], 64)
    v = follow(moo.graddrop(2, leak=0.25), rows)[0][0]
    assert set(v.tolist()) == {0.75, -0.75}


def test_steps_draw_anew_and_seeds_differ():
    rows = np.tile([[1.0], [-1.0]], 64)
    v = follow(moo.graddrop(2, key=1), rows, rows)[0]
    assert (v[0] != v[1]).any()
    assert (v[0] != follow(moo.graddrop(2, key=2), rows)[0][0]).any()


@pytest.mark.parametrize("exponent", [-100, 100])
def test_scale_changes_no_digit(exponent):
    v = follow(TX, ROWS)[0]
    scaled = follow(TX, np.ldexp(np.float32(ROWS), exponent))[0]
    np.testing.assert_array_equal(scaled, np.ldexp(v, exponent))


def test_wrong_leak():
    with pytest.raises(ValueError, match=r"leak must lie in \[0, 1\], got 1.5"):
        moo.graddrop(2, leak=1.5)
    with pytest.raises(TypeError, match="key must be an int or a typed key"):
        moo.graddrop(2, key=jnp.zeros(2))
