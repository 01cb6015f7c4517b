import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.follow import follow
from tests.aggregators.parts import FIRST


@pytest.fixture(scope="module")
def draws():
    """Weights of many steps on the worked rows with one of two objectives, lam 0.3."""
    tx = moo.sdmgrad_os(2, sample=1, lam=0.3)
    jac = moo.stacked_jacobian(jnp.asarray(FIRST, jnp.float32))

    def step(state, _):
        v, state = tx.update(jac, state)
        return state, (v, state.weights)

    run = jax.jit(lambda s: jax.lax.scan(step, s, length=3000)[1])
    v, weights = run(tx.init(jnp.zeros(3)))
    return np.asarray(v, np.float64), np.asarray(weights, np.float64)


def test_worked_number_of_a_lone_draw(draws):
    """Objective 1 alone: w = (0, 1), and lam/m (1 + lam) of its gradient is left, times m."""
    v, weights = draws
    alone = weights[:, 1] == 0
    np.testing.assert_allclose(weights[alone], [[0.3 / 1.3, 0]] * alone.sum(), rtol=1e-5)
    np.testing.assert_allclose(v[alone][0], [0.230769, 0.046154, -0.115385], atol=1e-6)


def test_draws_are_bernoulli_given_that_one_is_kept(draws):
    """With chance 1/2 each: {1}, {2} and {1, 2} with 1/3 each."""
    kept = draws[1] > 0
    assert kept.any(axis=1).all()
    for subset in ([1, 0], [0, 1], [1, 1]):
        assert abs((kept == subset).all(axis=1).mean() - 1 / 3) < 4 * np.sqrt(2 / 9 / 3000)


def test_all_objectives_are_sdmgrad_on_one_batch():
    v, _ = follow(moo.sdmgrad_os(2, lam=0.3), FIRST)
    u, _ = follow(moo.sdmgrad(2, batches=1), FIRST)
    np.testing.assert_allclose(v, u, atol=1e-6)


def test_inactive_objectives_are_never_drawn():
    active = [True, False, True]
    _, state = follow(moo.sdmgrad_os(3, sample=2), *[np.eye(3)] * 3, active=active)
    np.testing.assert_array_equal(np.asarray(state.weights) > 0, active)
    assert state.multipliers[1] == pytest.approx(1 / 3)


def test_only_drawn_rows_are_computed():
    """Each row's backward pass stands under a condition."""
    tx, x = moo.sdmgrad_os(3, sample=1), jnp.zeros(3)
    jaxpr = jax.make_jaxpr(
        lambda s: tx.update(moo.jacobian(lambda x: jnp.sin(jnp.eye(3) @ x), x), s)
    )(tx.init(x))
    (loop,) = [eqn for eqn in jaxpr.eqns if eqn.primitive.name == "scan"]
    body = loop.params["jaxpr"].jaxpr
    assert [eqn.primitive.name for eqn in body.eqns].count("cond") == 1
    assert "dot_general" not in [eqn.primitive.name for eqn in body.eqns]


def test_out_of_range():
    with pytest.raises(ValueError, match="sample must be at least 1, got 0"):
        moo.sdmgrad_os(2, sample=0)
