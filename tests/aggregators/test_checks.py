import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo.aggregators._checks import check_count, check_number, check_share

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
        (lambda: moo.famo(2, optax.sgd(0.1), max_norm=-1.0), "max_norm must be above"),
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


@pytest.mark.parametrize(("value", "closed"), [(1.0, False), (1.1, True), (-0.1, True)])
def test_shares(value, closed):
    check_share("rate", 0.0, closed=closed)
    check_share("rate", 1.0, closed=True)
    with pytest.raises(ValueError, match="rate must"):
        check_share("rate", value, closed=closed)


@pytest.mark.parametrize(("value", "error"), [(2, ValueError), (3.0, TypeError), (True, TypeError)])
def test_counts(value, error):
    check_count("number", np.int64(3), low=3)
    with pytest.raises(error, match="number must be"):
        check_count("number", value, low=3)


@pytest.mark.parametrize(
    "infinity", [np.inf, float("inf"), jnp.asarray(jnp.inf), np.float64("inf")]
)
def test_infinity_is_a_number_where_it_is_allowed(infinity):
    check_number("bound", infinity, strict=True, finite=False)
    with pytest.raises(ValueError, match="bound must be finite and at least 0"):
        check_number("bound", infinity)
    with pytest.raises(ValueError, match="bound must be above 0, got nan"):
        check_number("bound", float("nan"), strict=True, finite=False)


@pytest.mark.parametrize("factory", [moo.fairgrad, moo.nash_mtl, moo.pcd])
def test_bounds_that_are_infinite_can_be_schedules(factory):
    jac, params = moo.stacked_jacobian(jnp.eye(2)), jnp.zeros(2)
    bound = "max_stretch" if factory is moo.pcd else "max_norm"
    plain = factory(2, **{bound: jnp.inf})
    expected, _ = plain.update(jac, plain.init(params))
    for tx in (
        moo.inject_hyperparams(factory)(2, **{bound: jnp.inf}),
        moo.inject_hyperparams(factory)(2, **{bound: optax.constant_schedule(np.inf)}),
    ):
        np.testing.assert_allclose(tx.update(jac, tx.init(params))[0], expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: moo.cagrad(2, c=1j), "c must be a number, got complex"),
        (lambda: moo.scale_invariant(2, preference=["a", "b"]), "preference must consist of real"),
        (lambda: moo.tch(2, ideal="a"), "ideal must consist of real numbers, got 'a'"),
        (lambda: moo.rlw(2, key="a"), "key must be an int or a typed key, got str"),
        (lambda: moo.famo(2, optax.sgd(0.1), lower_bounds="a"), "lower_bounds must consist of"),
        (lambda: moo.gcond(2, thresholds=("a", "b", "c")), "thresholds must be 3 ascending"),
        (lambda: moo.gradnorm(2, first_losses=["a", "b"]), "first_losses must be a number"),
        (lambda: moo.uw_so(2, normalize="yes"), "normalize must be True or False, got 'yes'"),
    ],
)
def test_what_is_no_number(build, says):
    with pytest.raises(TypeError, match=says):
        build()


@pytest.mark.parametrize("value", [jnp.bfloat16(0.5), np.float16(0.5), np.int32(1), 1])
def test_numbers_of_every_real_dtype_pass(value):
    assert moo.cagrad(2, c=value).num_objectives == 2


def test_a_preference_without_mass_on_the_active_ones_is_none():
    active = jnp.array([True, True, False])
    jac = moo.stacked_jacobian(jnp.eye(3), active=active)
    for tx in (moo.upgrad(3, preference=[0, 0, 1]), moo.dual_proj(3, preference=[0, 0, 1]),
               moo.dr_ommd(3, prior=[0, 0, 1], alpha=9.0)):  # fmt: skip
        _, state = tx.update(jac, tx.init(jnp.zeros(3)))
        np.testing.assert_allclose(state.weights, [0.5, 0.5, 0], atol=1e-6)
