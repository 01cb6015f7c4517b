import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.helpers.core import assert_identical, mean, unit_rows

POINT = jnp.array([1.0, -2.0])


def _objectives(x, bad):
    """Two quadratics; `bad` is added to the first loss and multiplied into the second."""
    return jnp.stack([x @ x + bad[0], (x @ x) * bad[1] + x.sum()])


FINE = jnp.array([0.0, 1.0])
BAD = {
    "nan loss": jnp.array([jnp.nan, 1.0]),
    "inf loss": jnp.array([jnp.inf, 1.0]),
    "nan gradient": jnp.array([0.0, jnp.nan]),
    "inf gradient": jnp.array([0.0, jnp.inf]),
}


@pytest.fixture(scope="module", params=[mean, unit_rows], ids=["losses", "gram"])
def guarded(request):
    tx = moo.skip_nonfinite(optax.chain(request.param(2), optax.adam(0.1)))
    return tx, jax.jit(moo.make_step(_objectives, tx))


@pytest.mark.parametrize("kind", BAD)
def test_momentum_does_not_move_the_parameters(guarded, kind):
    tx, step = guarded
    x, state, _ = step(POINT, tx.init(POINT), FINE)
    after, skipped, record = step(x, state, BAD[kind])
    np.testing.assert_array_equal(after, x)
    assert_identical(skipped.inner, state.inner)
    assert (skipped.skipped, skipped.last_finite) == (1, False)
    assert not record.finite


def test_training_goes_on_as_if_the_batch_had_not_come(guarded):
    tx, step = guarded
    x, state = POINT, tx.init(POINT)
    for bad in (FINE, BAD["nan loss"], BAD["nan gradient"], FINE):
        x, state, _ = step(x, state, bad)
    y, other = POINT, tx.init(POINT)
    for _ in range(2):
        y, other, _ = step(y, other, FINE)
    np.testing.assert_array_equal(x, y)
    assert_identical(state.inner, other.inner)
    assert (state.skipped, state.last_finite) == (2, True)
    assert moo.find(state, "skipped") == 2


def test_an_inactive_nan_loss_does_not_skip(guarded):
    tx, _ = guarded
    step = jax.jit(moo.make_step(_objectives, tx, active=jnp.array([False, True])))
    x, state, record = step(POINT, tx.init(POINT), BAD["nan loss"])
    assert state.skipped == 0
    assert record.finite
    assert (x != POINT).any()


def test_an_active_nan_loss_beside_an_inactive_one_skips(guarded):
    tx, _ = guarded
    step = jax.jit(moo.make_step(_objectives, tx, active=jnp.array([True, False])))
    x, state, _ = step(POINT, tx.init(POINT), BAD["nan loss"])
    assert state.skipped == 1
    np.testing.assert_array_equal(x, POINT)


def test_stacked_rows_need_no_losses():
    tx = moo.skip_nonfinite(optax.chain(unit_rows(2), optax.sgd(1.0)))
    rows = jnp.array([[1.0, 0.0], [0.0, 2.0]])
    update, state = tx.update(moo.stacked_jacobian(rows), tx.init(POINT), POINT)
    np.testing.assert_allclose(update, [-0.5, -0.5])
    bad = moo.stacked_jacobian(rows.at[0, 0].set(jnp.nan))
    update, state = tx.update(bad, state, POINT)
    np.testing.assert_array_equal(update, 0)
    assert state.skipped == 1


def test_infinities_that_cancel_in_the_sum_are_seen():
    tx = moo.skip_nonfinite(mean(2))
    rows = jnp.array([[jnp.inf], [-jnp.inf]])
    _, state = tx.update(moo.stacked_jacobian(rows, jnp.ones(2)), tx.init(jnp.zeros(1)))
    assert state.skipped == 1


def test_updates_of_another_dtype_than_the_gradients():
    """bfloat16 parameters whose optimizer computes in float32."""
    wide = optax.stateless(lambda g, p: jax.tree.map(lambda x: x.astype(jnp.float32), g))
    tx = moo.skip_nonfinite(optax.chain(mean(2), wide, optax.sgd(0.1)))
    point = POINT.astype(jnp.bfloat16)

    def fn(x, bad):
        return _objectives(x.astype(jnp.float32), bad)

    x, state, _ = jax.jit(moo.make_step(fn, tx))(point, tx.init(point), BAD["nan loss"])
    np.testing.assert_array_equal(x, point)
    assert x.dtype == jnp.bfloat16
    assert state.skipped == 1


def test_extras_pass_through():
    from tests.helpers.core import preferred

    tx = moo.skip_nonfinite(optax.chain(preferred(), optax.scale(1.0)))
    jac = moo.stacked_jacobian(jnp.eye(2), jnp.ones(2))
    update, _ = tx.update(jac, tx.init(POINT), POINT, preference=jnp.array([3.0, 4.0]))
    np.testing.assert_array_equal(update, [3, 4])


def test_gradients_are_no_jacobian():
    tx = optax.chain(mean(2), moo.skip_nonfinite(optax.sgd(0.1)))
    jac = moo.stacked_jacobian(jnp.eye(2), jnp.ones(2))
    with pytest.raises(TypeError, match=r"around the whole chain .* use optax.apply_if_finite"):
        tx.update(jac, tx.init(POINT), POINT)
