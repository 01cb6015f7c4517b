import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo

PROJECTING = [moo.upgrad, moo.dual_proj]


@pytest.mark.parametrize("factory", PROJECTING)
def test_without_conflict_the_weights_are_the_preference(factory):
    jac = moo.stacked_jacobian(jnp.array([[1.0, 0.5], [0.5, 1.0]]))
    tx = factory(2, preference=[0.7, 0.3])
    _, state = tx.update(jac, tx.init(jnp.zeros(2)))
    np.testing.assert_allclose(state.weights, [0.7, 0.3], rtol=1e-6)


@pytest.mark.parametrize("factory", PROJECTING)
def test_default_is_one_over_the_active_ones(factory):
    rows, active = jnp.eye(3), jnp.array([True, False, True])
    tx = factory(3)
    _, state = tx.update(moo.stacked_jacobian(rows, active=active), tx.init(jnp.zeros(3)))
    np.testing.assert_allclose(state.weights, [0.5, 0, 0.5], rtol=1e-6)


@pytest.mark.parametrize("factory", PROJECTING)
def test_wrong_shape(factory):
    with pytest.raises(ValueError, match=r"preference must have shape \(2,\), got \(3,\)"):
        factory(2, preference=[1, 1, 1])


@pytest.mark.parametrize("values", [[-1.0, 2.0], [np.nan, 1.0], [0.0, 0.0]])
@pytest.mark.parametrize("factory", [*PROJECTING, moo.aligned_mtl])
def test_wrong_values(factory, values):
    with pytest.raises(ValueError, match="preference must be non-negative and not all 0"):
        factory(2, preference=values)


@pytest.mark.parametrize("factory", [*PROJECTING, moo.aligned_mtl])
def test_an_extra_preference_takes_the_place_of_the_given_one(factory):
    jac = moo.stacked_jacobian(jnp.array([[1.0, 0.2, -0.5], [-0.8, 0.9, 0.1]]))
    own, plain, wanted = factory(2, preference=[0.9, 0.1]), factory(2), jnp.array([0.9, 0.1])
    expected, _ = own.update(jac, own.init(jnp.zeros(3)))
    found, _ = jax.jit(lambda p: plain.update(jac, plain.init(jnp.zeros(3)), preference=p))(wanted)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    with pytest.raises(ValueError, match=r"preference must have shape \(2,\), got \(3,\)"):
        plain.update(jac, plain.init(jnp.zeros(3)), preference=jnp.ones(3))


def test_preferences_are_mapped_over_starts():
    def objectives(x):
        return jnp.stack([jnp.sum((x - 1) ** 2), jnp.sum((x + 1) ** 2)])

    tx = moo.optimizer("upgrad", optax.sgd(0.1), num_objectives=2)
    starts, preferences = jnp.ones((2, 2)) * 3, jnp.array([[0.9, 0.1], [0.1, 0.9]])
    path = moo.run(objectives, tx, starts=starts, steps=3, mapped={"preference": preferences})
    assert np.abs(path.params[0, -1] - path.params[1, -1]).max() > 0.01


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: moo.uncertainty(2, learning_rate=-1.0), "learning_rate must be finite and above"),
        (lambda: moo.famo(2, optax.sgd(0.1), learning_rate=0.0), "learning_rate must be finite"),
        (lambda: moo.famo(2, optax.sgd(0.1), decay=-3.0), "decay must be finite and at least 0"),
        (lambda: moo.famo(2, optax.sgd(0.1), max_norm=-1.0), "max_norm must be finite and above"),
    ],
)
def test_numbers_out_of_range(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize(
    "build",
    [
        lambda: moo.famo(2, "adam"),
        lambda: moo.skip_nonfinite("adam"),
        lambda: moo.optimizer("mean", 0.1, num_objectives=2),
        lambda: moo.make_step(lambda x: x, "mgda"),
    ],
)
def test_what_is_no_transformation(build):
    with pytest.raises(TypeError, match=r"an optax transformation, got (str|float)"):
        build()


def test_an_unknown_hyperparameter_names_those_there_are():
    with pytest.raises(TypeError, match="cagrad has no hyper-parameter 'cc': it has c, rescale"):
        moo.aggregator("cagrad", num_objectives=2, cc=0.4)


def test_nothing_comes_after_what_holds_the_chain():
    built = moo.famo(2, optax.sgd(0.1))
    with pytest.raises(ValueError, match="holds the rest of the chain itself"):
        moo.optimizer(built, optax.sgd(0.1))


def test_a_chain_without_aggregator_is_named():
    step = moo.make_step(lambda x: jnp.stack([x.sum(), x.sum()]), optax.identity())
    with pytest.raises(TypeError, match="its first member must be an aggregator"):
        step(jnp.zeros(2), optax.identity().init(jnp.zeros(2)))


@pytest.mark.parametrize("method", ["mean", "sum", "uncertainty", "mgda", "pcgrad"])
def test_clipping_does_not_hide_an_infinite_gradient(method):
    def objectives(x):
        return jnp.stack([jnp.sqrt(x[0]), (x[0] - 1) ** 2 + x[1] ** 2])

    tx = moo.optimizer(method, optax.clip(1.0), optax.sgd(0.1), num_objectives=2)
    x = jnp.array([0.0, 1.0])
    _, _, record = moo.make_step(objectives, tx)(x, tx.init(x))
    assert not bool(record.finite)


def test_run_refuses_names_and_wrong_dimensions():
    tx = moo.optimizer("mean", optax.sgd(0.1), num_objectives=2)
    with pytest.raises(TypeError, match=r"give moo.problem\('two_task_toy'\)"):
        moo.run("two_task_toy", tx, steps=1)
    with pytest.raises(ValueError, match=r"starts must have shape \(starts, 2\) for this problem"):
        moo.run(moo.problem("two_task_toy"), tx, starts=jnp.ones((1, 3)), steps=1)


def test_inactive_objectives_keep_their_adam_whole():
    rows, losses = jnp.eye(2), jnp.array([1.0, 3.0])
    method = moo.uncertainty(2, learning_rate=0.1)
    state = method.init(jnp.zeros(2))
    for _ in range(3):
        first = moo.stacked_jacobian(rows, losses, active=jnp.array([True, False]))
        _, state = method.update(first, state)
    late, fresh = moo.stacked_jacobian(rows, losses), method.init(jnp.zeros(2))
    _, after = method.update(late, state)
    _, expected = method.update(late, fresh)
    assert float(after.inner.log_variances[1]) == float(expected.inner.log_variances[1])
