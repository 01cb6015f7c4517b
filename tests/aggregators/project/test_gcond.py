import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators import gramian_oracles
from tests.aggregators.follow import LATER, ROWS, as_tree, flat, follow
from tests.helpers.core import signature

pytestmark = pytest.mark.usefixtures("unoptimised")


def test_worked_numbers():
    update, _ = follow(moo.gcond(2), ROWS, LATER)
    np.testing.assert_allclose(update[0], [0.352152, 1.616535, -0.613653], atol=5e-6)
    np.testing.assert_allclose(update[1], [0.213527, 1.53014, -0.347758], atol=5e-6)
    update, _ = follow(moo.gcond(2, momentum=0.0), ROWS, LATER)
    np.testing.assert_allclose(update[1], [0.088765, 1.452385, -0.108453], atol=5e-6)


def test_the_loop_on_four_rows_as_a_tree_under_a_mask():
    J = np.random.default_rng(0).normal(size=(5, 3)) * [[1], [2], [0.5], [1.5], [1]]
    update, state = follow(moo.gcond(5), as_tree(J), active=[True] * 4 + [False])
    np.testing.assert_allclose(flat(update)[0], gramian_oracles.gcond(J[:4]), atol=2e-4)
    assert float(state.inner.norms[4]) == 1
    assert all((leaf[4] == 0).all() for leaf in jax.tree.leaves(state.inner.previous))


def test_the_steadier_of_opposite_rows_wins():
    """Both have turned round but the first; lengths are as they were."""
    g = ROWS[0]
    update, _ = follow(moo.gcond(2, momentum=0.0), np.stack([g, g]), np.stack([g, -g]))
    np.testing.assert_allclose(update, [2 * g, g], atol=1e-6)


def test_no_winner_for_ever_within_a_window():
    g = ROWS[0]
    J = np.stack([g, -3 * g])
    update, state = follow(moo.gcond(2, momentum=0.0, window=2), J, J, J)
    np.testing.assert_allclose(update, [-3 * g, -3 * g, g], atol=1e-5)
    np.testing.assert_array_equal(state.inner.winners, [1, 0])


def test_zero_rows_are_passed_over():
    g = ROWS[0]
    update, _ = follow(moo.gcond(2, momentum=0.0), np.stack([g, 0 * g]), np.stack([0 * g, 0 * g]))
    np.testing.assert_allclose(update, [g, 0 * g], atol=1e-6)


def test_wrong_options():
    for bad in ((-0.5, -0.8, 0.0), (-0.8, -0.5), (-2.0, 0.0, 1.0), 0.5):
        with pytest.raises(ValueError, match=r"thresholds must be 3 ascending numbers"):
            moo.gcond(2, thresholds=bad)
    with pytest.raises(TypeError, match="window must be an int"):
        moo.gcond(2, window=1.0)


def test_double_hyper_parameters_on_single_rows(x64):
    """A number of numpy is double under x64; the rounds of the loop stay single."""
    names = ("power", "stability", "norm_decay", "momentum")
    tx = moo.gcond(2, **{name: np.float64(0.5) for name in names})
    before = tx.init(jnp.zeros(3, jnp.float32))
    v, after = tx.update(moo.stacked_jacobian(jnp.asarray(ROWS, jnp.float32)), before)
    assert v.dtype == jnp.float32
    assert signature(after) == signature(before)
