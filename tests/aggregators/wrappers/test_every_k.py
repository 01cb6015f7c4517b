import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.helpers.core import (
    batch,
    by_loss,
    counting,
    flat,
    mean,
    network,
    objectives,
    products,
    unit_rows,
)

POINT = jnp.ones(2)


def _jac(step):
    rows = jnp.array([[1.0, step], [0.0, 2.0]])
    return moo.stacked_jacobian(rows, losses=jnp.array([1.0, 1.0 + step]))


def _run(tx, steps):
    state, history = tx.init(POINT), []
    update_once = jax.jit(lambda step, state: tx.update(_jac(step), state))
    for step in range(steps):
        update, state = update_once(step, state)
        history.append((np.asarray(update), np.asarray(state.weights)))
    return history, state


def test_weights_are_computed_in_every_kth_step():
    history, state = _run(moo.every_k(counting(), 3), 7)
    assert [weights[0] for _, weights in history] == [1, 1, 1, 2, 2, 2, 3]
    assert state.inner.inner.calls == 3


def test_reused_weights_meet_the_new_jacobian():
    history, _ = _run(moo.every_k(by_loss(2), 2), 4)
    for step, (update, weights) in enumerate(history):
        renewed = 2 * (step // 2)
        expected = np.array([1, 1 + renewed]) / (2 + renewed)
        np.testing.assert_allclose(weights, expected, rtol=1e-6)
        np.testing.assert_allclose(update, expected @ np.array([[1, step], [0, 2]]), rtol=1e-6)


def test_every_step_is_the_aggregator_itself():
    for (one, _), (two, _) in zip(
        _run(moo.every_k(by_loss(2), 1), 3)[0], _run(by_loss(2), 3)[0], strict=True
    ):
        np.testing.assert_array_equal(one, two)


def test_clipping_after_it_is_kept_on_reused_steps():
    tx = optax.chain(moo.every_k(by_loss(2), 3), optax.clip_by_global_norm(0.1))
    state = tx.init(POINT)
    update_once = jax.jit(lambda step, state: tx.update(_jac(step), state))
    for step in range(3):
        update, state = update_once(step, state)
        np.testing.assert_allclose(jnp.linalg.norm(update), 0.1, rtol=1e-5)


def test_a_reused_step_costs_one_backward_pass():
    """Counted in matrix products; the branch that renews takes three passes and a Gramian."""
    tx = moo.every_k(unit_rows(), 4)
    params, data = network(), batch()

    def step(state):
        return tx.update(moo.jacobian(objectives, params, data, engine="unroll"), state)

    jaxpr = jax.make_jaxpr(step)(tx.init(params))
    (cond,) = [eqn for eqn in jaxpr.eqns if eqn.primitive.name == "cond"]
    reuse, renew = (products(branch.jaxpr) for branch in cond.params["branches"])
    forward = jax.make_jaxpr(objectives)(params, data)
    lazy = jax.make_jaxpr(lambda w: moo.jacobian(objectives, params, data).combine(w))(jnp.ones(3))
    once = products(lazy.jaxpr) - products(forward.jaxpr)
    leaves = len(jax.tree.leaves(params))
    assert reuse == once
    assert renew == 3 * once + 2 * leaves


def test_the_condition_survives_a_mapped_run():
    """`moo.run` keeps the counter unmapped, so a reused step stays a branch of its own."""
    calls = moo.every_k(counting(), 3)
    path = moo.run(
        lambda x: jnp.stack([x @ x, (x - 1) @ (x - 1)]),
        optax.chain(calls, optax.sgd(0.0)),
        starts=jnp.ones((2, 2)),
        steps=6,
    )
    np.testing.assert_array_equal(path.weights[:, :6, 0], [[1, 1, 1, 2, 2, 2]] * 2)


@pytest.mark.parametrize("wrap", [lambda a: moo.every_k(a, 2), moo.ema_weights,
                                  lambda a: moo.per_group(a, "all")],
                         ids=["every_k", "ema_weights", "per_group"])  # fmt: skip
def test_wrappers_of_weights_refuse_what_has_none(wrap):
    plain = moo.Aggregator(lambda p: (), lambda j, s, p=None: (j.combine(jnp.ones(2)), s),
                           num_objectives=2, linear=False)  # fmt: skip
    grouped = moo.per_group(mean(2), "all")
    for other in (plain, grouped):
        with pytest.raises(ValueError, match="wrap an aggregator with linear=True"):
            wrap(other)
    chained = optax.chain(mean(2), optax.clip(1.0))
    injected = moo.inject_hyperparams(lambda c: moo.ema_weights(mean(2), decay=c))(c=0.5)
    for other in (chained, injected, optax.sgd(0.1)):
        with pytest.raises(TypeError, match=r"wraps a moo.Aggregator, got GradientTransf.*inside"):
            wrap(other)
    with pytest.raises(TypeError, match=r"wraps a moo.Aggregator, got str"):
        wrap("mgda")


@pytest.mark.parametrize("k", [0, -1])
def test_periods_below_1_are_refused(k):
    with pytest.raises(ValueError, match=f"k must be at least 1, got {k}"):
        moo.every_k(mean(2), k)


@pytest.mark.parametrize("k", [2.0, True, None, "3"])
def test_periods_that_are_no_ints_are_refused(k):
    with pytest.raises(TypeError, match="k must be an int, got"):
        moo.every_k(mean(2), k)


def test_a_period_may_be_an_int_of_numpy():
    (_, first), (_, second) = _run(moo.every_k(counting(), np.int64(2)), 2)[0]
    np.testing.assert_array_equal(first, second)


def test_it_is_linear_and_of_its_aggregators_kind():
    agg = moo.every_k(unit_rows(2), 2)
    assert (agg.linear, agg.needs, agg.num_objectives) == (True, "gram", 2)
    assert flat(agg.init(POINT).weights).tolist() == [0, 0]


def test_a_method_of_sets_is_refused():
    with pytest.raises(ValueError, match="every_k reuses weights of one solution"):
        moo.every_k(moo.pmtl(2), 2)
