import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.helpers.core import by_loss, compiled, mean, min_norm, unit_rows

FIRST = np.array([[1.0, 0.2, -0.5], [-0.8, 0.9, 0.1]])
SECOND = np.array([[0.8, 0.1, -0.4], [-0.9, 1.0, 0.3]])
POINT = jnp.zeros(3)


def _min_norm(rows):
    """min |w g1 + (1 - w) g2| over [0, 1], by the formula for two gradients."""
    one, two = rows
    share = np.clip(two @ (two - one) / ((one - two) @ (one - two)), 0, 1)
    return np.array([share, 1 - share])


def _steps(tx, jacobians):
    """The weights of each step, where the law of linear held in all."""

    def run():
        state, weights, pairs = tx.init(POINT), [], []
        for jac in jacobians:
            update, state = tx.update(jac, state)
            pairs.append((update, jac.combine(state.weights)))
            weights.append(state.weights)
        return jnp.stack(weights), state, pairs

    weights, state, pairs = compiled(run)
    for update, combined in pairs:
        np.testing.assert_allclose(update, combined, rtol=1e-5, atol=1e-6)
    return np.asarray(weights), state


@pytest.mark.parametrize(
    ("decay", "second"),
    [(0.9, 0.9), (0.0, 0.0), (lambda step: 1 - jnp.array([0.1, 0.05])[step] / 0.1, 0.5)],
    ids=["constant", "none", "schedule"],
)
def test_two_steps_around_min_norm(decay, second):
    weights, _ = _steps(
        moo.ema_weights(min_norm(), decay),
        [moo.stacked_jacobian(jnp.asarray(rows, jnp.float32)) for rows in (FIRST, SECOND)],
    )
    one, two = _min_norm(FIRST), _min_norm(SECOND)
    np.testing.assert_allclose(weights[0], one, rtol=1e-5)
    np.testing.assert_allclose(weights[1], second * one + (1 - second) * two, rtol=1e-5)


def test_the_worked_numbers_of_the_rule():
    """The published worked example: 0.520782, then 0.531711 at decay 0.9."""
    np.testing.assert_allclose(_min_norm(FIRST)[0], 0.520782, atol=5e-7)
    both = 0.9 * _min_norm(FIRST) + 0.1 * _min_norm(SECOND)
    np.testing.assert_allclose(both[0], 0.531711, atol=5e-7)


def test_an_inactive_objective_keeps_its_average():
    def jac(losses, active):
        rows = jnp.eye(3)
        return moo.stacked_jacobian(rows, jnp.array(losses), active=jnp.array(active))

    weights, state = _steps(
        moo.ema_weights(by_loss(3), 0.5),
        [
            jac([1.0, 1.0, 2.0], [True, True, False]),
            jac([1.0, 3.0, 1.0], [True, False, True]),
            jac([1.0, 1.0, 2.0], [True, True, True]),
        ],
    )
    np.testing.assert_allclose(weights[0], [0.5, 0.5, 0.0])
    np.testing.assert_allclose(weights[1], [0.5, 0.0, 0.5])
    np.testing.assert_allclose(weights[2], [0.375, 0.375, 0.5])
    np.testing.assert_allclose(state.average, [0.375, 0.375, 0.5])
    assert state.steps == 3


def test_a_never_active_objective_has_no_average():
    jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([5.0, 5.0]), active=jnp.array([True, False]))
    weights, state = _steps(moo.ema_weights(by_loss(2), 0.9), [jac, jac])
    np.testing.assert_array_equal(weights, [[1, 0], [1, 0]])
    np.testing.assert_array_equal(state.seen, [True, False])


@pytest.mark.parametrize("decay", [1.0, -0.1, 2, 1])
def test_other_decays_are_refused(decay):
    with pytest.raises(
        ValueError, match=r"decay must (lie in \[0, 1\)|be finite and at least 0), got"
    ):
        moo.ema_weights(mean(2), decay)


def test_decays_that_are_no_python_numbers_are_checked():
    with pytest.raises(ValueError, match=r"decay must lie in \[0, 1\)"):
        moo.ema_weights(mean(2), np.float32(1.5))
    with pytest.raises(TypeError, match="decay must be a number"):
        moo.ema_weights(mean(2), "a")


def test_a_method_of_sets_is_refused():
    with pytest.raises(ValueError, match="ema_weights reuses weights of one solution"):
        moo.ema_weights(moo.pmtl(2))


def test_the_decay_can_be_tied_while_tracing():
    def decay_at(step, rate):
        own = moo.tied_decay(optax.linear_schedule(0.1, 0.05, 10))
        given = moo.tied_decay(optax.linear_schedule(rate, 0.05, 10))
        return own(step), given(step)

    own, given = jax.jit(decay_at)(5, 0.1)
    np.testing.assert_allclose([own, given], 0.25, rtol=1e-5)


def test_it_is_linear_and_of_its_aggregators_kind():
    for base, needs in ((mean(2), "losses"), (unit_rows(2), "gram")):
        agg = moo.ema_weights(base)
        assert (agg.linear, agg.needs, agg.num_objectives) == (True, needs, 2)


def test_another_number_of_objectives_is_refused():
    agg = moo.ema_weights(mean(3))
    with pytest.raises(ValueError, match="num_objectives is 3, but the objectives return 2"):
        agg.update(moo.stacked_jacobian(jnp.eye(2)), agg.init(POINT))
