import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.follow import as_tree, flat, follow
from tests.aggregators.parts import FIRST, SECOND, simplex_of_pair


def by_hand(batches, beta, gamma, factor=1.0, rho=0.0, power=0.5, project=simplex_of_pair):
    """Follow the rule in float64; return multipliers and directions."""
    Y, weights, rows = np.zeros((2, 3)), np.full(2, 0.5), []
    for k, J in enumerate(batches, start=1):
        Y = Y - beta / k**power * (Y - J)
        slope = Y @ Y.T @ weights + rho * weights
        weights = project(weights - gamma / k**power * factor * slope)
        rows.append((weights, weights @ Y))
    return map(np.array, zip(*rows, strict=True))


@pytest.mark.parametrize(
    ("options", "published"),
    [
        ({"beta": 0.5}, [(0.501062, 0.506259), (0.022049, 0.368819, -0.085085)]),
        ({"factor": 2.0}, [(0.500085, 0.500622), (0.005936, 0.089922, -0.022187)]),
    ],
    ids=["paper", "code"],
)
def test_worked_numbers(options, published):
    weights, directions = by_hand([FIRST, SECOND], **({"beta": 0.1, "gamma": 0.1} | options))
    np.testing.assert_allclose(weights[:, 0], published[0], atol=1e-6)
    np.testing.assert_allclose(directions[1], published[1], atol=1e-6)
    v, state = follow(moo.moco(2, **options), FIRST, SECOND)
    np.testing.assert_allclose(v, directions, atol=1e-6)
    np.testing.assert_allclose(state.inner.multipliers, weights[1], atol=1e-6)


def test_ridge_and_constant_rates_on_a_tree_of_leaves():
    rule = {"beta": 0.9, "gamma": 0.3, "rho": 2.0}
    _, expected = by_hand([FIRST, SECOND], power=0, **rule)
    tx = moo.moco(2, beta_decay=0, gamma_decay=0, **rule)
    v, _ = follow(tx, as_tree(FIRST), as_tree(SECOND))
    np.testing.assert_allclose(flat(v), expected, atol=1e-6)


def test_softmax_in_place_of_the_projection():
    def softmax(x):
        return np.exp(x) / np.exp(x).sum()

    _, expected = by_hand([FIRST, SECOND], 0.1, 0.1, project=softmax)
    v, _ = follow(moo.moco(2, projection="softmax"), FIRST, SECOND)
    np.testing.assert_allclose(v, expected, atol=1e-6)


def test_opposite_rows_tend_to_the_min_norm_ratio():
    tx = moo.moco(2, beta=1.0, gamma=0.05, beta_decay=0, gamma_decay=0)
    v, state = follow(tx, *[np.array([[1.0, 0], [-3.0, 0]])] * 40)
    np.testing.assert_allclose(state.inner.multipliers, [0.75, 0.25], atol=1e-4)
    np.testing.assert_allclose(v[-1], 0, atol=1e-3)


def test_huge_gradients_put_everything_on_the_shorter_row():
    tx = moo.moco(2, beta=1.0)
    v, state = follow(tx, np.diag([2.0**100, 2.0**90]))
    np.testing.assert_array_equal(state.inner.multipliers, [0, 1])
    np.testing.assert_array_equal(v[0], [0, 2.0**90])


def test_inactive_objectives_keep_track_and_multiplier():
    tx = moo.moco(3, beta=0.5)
    jac = moo.stacked_jacobian(jnp.eye(3), active=jnp.array([True, False, True]))
    before = tx.init(jnp.zeros(3))
    v, after = jax.jit(lambda: tx.update(jac, before))()
    np.testing.assert_array_equal(after.inner.tracked[1], 0)
    assert after.inner.multipliers[1] == before.inner.multipliers[1]
    np.testing.assert_allclose(v, [0.25, 0, 0.25], rtol=1e-6)


def test_out_of_range():
    with pytest.raises(ValueError, match="beta must be finite and above 0"):
        moo.moco(2, beta=0.0)
    with pytest.raises(ValueError, match="beta must lie in"):
        moo.moco(2, beta=1.5)
    with pytest.raises(ValueError, match="projection must be one of simplex, softmax"):
        moo.moco(2, projection="ball")
