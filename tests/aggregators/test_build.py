import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo.aggregators import METHODS
from tests.helpers.core import assert_close, by_loss, mean, signature

ROWS = jnp.array([[1.0, 0.2, -0.5], [-0.8, 0.9, 0.1]])
JAC = moo.stacked_jacobian(ROWS, losses=jnp.array([1.0, 2.0]))
POINT = jnp.zeros(3)
FIRST = sorted(name for name, method in METHODS.items() if method.placement == "first")
WRAPS = sorted(name for name, method in METHODS.items() if method.placement == "wraps")


def _quadratic(x):
    return jnp.stack([((x - 1) ** 2).sum(), ((x + 1) ** 2).sum()])


def _noisy_quadratic(x, noise):
    return _quadratic(x) + x[0] * noise.mean()


@pytest.mark.parametrize("name", FIRST)
def test_every_name_builds_its_aggregator(name):
    agg = moo.aggregator(name, num_objectives=2)
    assert isinstance(agg, moo.Aggregator)
    assert agg.num_objectives == 2
    assert agg.linear == METHODS[name].linear


@pytest.mark.parametrize("name", WRAPS)
def test_what_wraps_is_no_aggregator_and_names_the_way(name):
    with pytest.raises(ValueError, match=rf"{name} needs .*moo.optimizer\('{name}', optax.adam"):
        moo.aggregator(name, num_objectives=2)
    with pytest.raises(ValueError, match=f"'{name}' wraps an optimizer: give one after the name"):
        moo.optimizer(name, num_objectives=2)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_optimizer_takes_a_step(name):
    tx = moo.optimizer(name, optax.sgd(0.1), num_objectives=2)
    point, batch = jnp.array([2.0, 0.5]), jnp.zeros(6)
    step = moo.make_step(_noisy_quadratic, tx, batched=(True,))
    state = tx.init(point)
    known = {"variance": jnp.ones((2, 1)), "preference": jnp.array([0.5, 0.5])}
    extra = {key: known[key] for key in METHODS[name].extras if key in known}
    after, new, record = jax.eval_shape(step, point, state, batch, **extra)
    assert signature(new) == signature(jax.eval_shape(lambda: state))
    assert after.shape == point.shape
    assert record.losses.shape == (2,)


def test_hyperparameters_reach_the_method():
    with pytest.raises(TypeError, match="temperature"):
        moo.aggregator("cagrad", num_objectives=2, temperature=1.0)
    one, two = (moo.aggregator("cagrad", num_objectives=2, c=c) for c in (0.0, 0.9))
    assert (one.update(JAC, one.init(POINT))[0] != two.update(JAC, two.init(POINT))[0]).any()


@pytest.mark.parametrize("build", [moo.aggregator, moo.optimizer])
@pytest.mark.parametrize(
    ("name", "near"), [("mgad", "mgda"), ("CAGrad", "cagrad"), ("nash", "nash_mtl")]
)
def test_unknown_names_are_answered_by_the_nearest(build, name, near):
    with pytest.raises(ValueError, match=rf"{name}.*{near}"):
        build(name, num_objectives=2)


def test_an_aggregator_and_what_comes_after():
    tx = moo.optimizer(mean(2), optax.scale(-2.0))
    update, _ = tx.update(JAC, tx.init(POINT), POINT)
    np.testing.assert_allclose(update, -ROWS.sum(axis=0), rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "message"),
    [
        (("mgda",), {}, ValueError, "num_objectives is missing: 'mgda' needs num_objectives="),
        (
            ("mgda", 0.5),
            {"num_objectives": 2},
            TypeError,
            "an optax transformation, got float",
        ),
        ((0.5,), {}, TypeError, "an optax transformation, got float"),
        ((None,), {}, TypeError, "an optax transformation, got NoneType"),
        ((moo.from_losses,), {}, TypeError, "an optax transformation, got function"),
        ((mean(2),), {"c": 0.4}, ValueError, "c came with a built aggregator"),
        ((mean(2),), {"num_objectives": 3}, ValueError, "num_objectives=3, but .* built for 2"),
        (("mgda",), {"num_objectives": 2.0}, TypeError, "num_objectives must be an int, got float"),
    ],
)
def test_arguments_out_of_place_are_refused(arguments, keywords, error, message):
    with pytest.raises(error, match=message):
        moo.optimizer(*arguments, **keywords)


def test_a_matching_number_may_come_with_an_aggregator():
    assert moo.optimizer(mean(2), optax.sgd(0.1), num_objectives=2).init(POINT)


def _tilted(num_objectives: int, c: float = 0.5) -> moo.Aggregator:
    """The mean plus c times the first gradient."""

    def weigh(losses, state, *, active):
        return (1 / num_objectives + c * jnp.eye(num_objectives)[0]).astype(losses.dtype), state

    return moo.from_losses(num_objectives, lambda params, dtype: (), weigh)


def test_a_schedule_stands_for_a_hyperparameter_under_jit():
    scheduled = moo.inject_hyperparams(_tilted)
    tx = optax.chain(scheduled(2, c=optax.linear_schedule(0.0, 1.0, 2)), optax.scale(1.0))
    state, updates = tx.init(POINT), []
    update = jax.jit(lambda state: tx.update(JAC, state, POINT))
    for _ in range(3):
        out, state = update(state)
        updates.append(out)
    for out, c in zip(updates, (0.0, 0.5, 1.0), strict=True):
        np.testing.assert_allclose(out, ROWS.mean(axis=0) + c * ROWS[0], rtol=1e-6)
    assert update._cache_size() == 1


def test_a_scheduled_method_of_the_package():
    scheduled = moo.inject_hyperparams(moo.cagrad)(2, c=optax.linear_schedule(0.9, 0.1, 5))
    fixed = moo.cagrad(2, c=0.9)
    update, state = jax.jit(lambda s: scheduled.update(JAC, s, POINT))(scheduled.init(POINT))
    assert_close(update, fixed.update(JAC, fixed.init(POINT))[0], rtol=1e-4)
    assert moo.find(state, "weights").shape == (2,)


def test_injection_inside_a_wrapper():
    def smooth(decay):
        return moo.ema_weights(by_loss(2), decay=decay)

    tx = moo.inject_hyperparams(smooth)(decay=optax.constant_schedule(0.5))
    state = tx.init(POINT)
    _, state = tx.update(JAC, state, POINT)
    other = moo.stacked_jacobian(ROWS, losses=jnp.array([3.0, 1.0]))
    _, state = tx.update(other, state, POINT)
    expected = 0.5 * np.array([1 / 3, 2 / 3]) + 0.5 * np.array([0.75, 0.25])
    np.testing.assert_allclose(moo.find(state, "weights"), expected, rtol=1e-6)


def test_functions_that_are_no_schedules_are_left_alone():
    tx = moo.inject_hyperparams(moo.png)(2, criterion=lambda losses: losses[0])
    plain = moo.png(2, criterion=lambda losses: losses[0])
    found, expected = (one.update(JAC, one.init(POINT), POINT)[0] for one in (tx, plain))
    np.testing.assert_array_equal(found, expected)


def test_injection_keeps_the_factorys_name():
    assert moo.inject_hyperparams(_tilted).__name__ == "_tilted"


def test_a_method_given_as_an_argument_is_no_schedule():
    tx = moo.inject_hyperparams(moo.vargrad)(2, base=moo.sum, gamma=lambda step: 1.0 / (1 + step))
    jac = moo.stacked_jacobian(jnp.eye(2), jnp.ones(2))
    update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
    np.testing.assert_allclose(update, [1, 1], rtol=1e-6)
