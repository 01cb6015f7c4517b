"""The bias of directions, and the covariance of weights and gradients that it comes from."""

import jax
import numpy as np
import pytest

import moo
from moo.diagnostics import theory

pytestmark = pytest.mark.usefixtures("unoptimised")

KEY = jax.random.key(7)
NOISY = moo.problem("noisy_instance")
QUADRATICS = moo.problem("noisy_quadratics")
BESIDE = (QUADRATICS.starts[0] + QUADRATICS.pareto_set(5)[1]) / 2


def test_the_bias_of_single_samples_is_the_closed_form_s():
    x, delta = 1.9, 0.9
    exact, mean = delta, (7 * delta - 3) / 12
    found = theory.direction_bias(NOISY, moo.mgda(2), [x], key=KEY, batch_sizes=(1,), draws=20_000)
    assert abs(found.bias[0] - (exact - mean)) < 4 * found.error[0]
    assert found.error[0] == pytest.approx(found.spread[0] / np.sqrt(20_000))


def test_a_method_whose_weights_are_fixed_has_none():
    found = theory.direction_bias(
        QUADRATICS, moo.mean(2), QUADRATICS.starts[0], key=KEY, batch_sizes=(2, 8), draws=2000
    )
    assert (found.bias <= 2.5 * found.error).all()
    # |E v - v*| is of noise alone, whose variance is d sigma^2 / (m n).
    expected = np.sqrt(QUADRATICS.dim / 2 / np.array([2, 8]) / 2000)
    np.testing.assert_allclose(found.error, expected, rtol=0.1)


def test_it_falls_with_the_size_of_the_batch():
    found = theory.direction_bias(
        QUADRATICS, moo.mgda(2), BESIDE, key=KEY, batch_sizes=(4, 32), draws=1000
    )
    assert (np.diff(found.bias) < 0).all()
    assert found.fit.low < found.fit.exponent < found.fit.high < 0


def test_another_method_may_say_what_is_right():
    point = QUADRATICS.starts[0]
    apart = theory.direction_bias(
        QUADRATICS, moo.mean(2), point, key=KEY, batch_sizes=(64,), draws=500, target=moo.mgda(2)
    )
    rows = np.asarray(jax.jacobian(QUADRATICS.objectives)(point))
    least, _ = moo.mgda(2).update(moo.stacked_jacobian(rows), moo.mgda(2).init(point), point)
    expected = np.linalg.norm(rows.mean(axis=0) - np.asarray(least))
    assert apart.bias[0] == pytest.approx(expected, abs=4 * apart.error[0])


def test_the_covariance_is_the_whole_bias_of_a_linear_method():
    point = QUADRATICS.starts[0]
    drawn = theory.weight_covariance(
        QUADRATICS, moo.mgda(2), point, key=KEY, batch_size=2, draws=2000
    )
    rows = np.asarray(jax.jacobian(QUADRATICS.objectives)(point))
    found = theory.direction_bias(
        QUADRATICS, moo.mgda(2), point, key=KEY, batch_sizes=(2,), draws=2000
    )
    least, _ = moo.mgda(2).update(moo.stacked_jacobian(rows), moo.mgda(2).init(point), point)
    whole = np.linalg.norm(drawn.same + drawn.weights @ rows - np.asarray(least))
    assert whole == pytest.approx(found.bias[0], abs=4 * found.error[0])


def test_a_second_batch_has_no_covariance():
    found = theory.weight_covariance(
        QUADRATICS, moo.mgda(2), QUADRATICS.starts[0], key=KEY, batch_size=2
    )
    assert np.linalg.norm(found.other) < 3 * np.linalg.norm(found.other_error)
    assert np.linalg.norm(found.same) > 10 * np.linalg.norm(found.error)


@pytest.mark.parametrize(("batches", "free"), [(3, True), (1, False)])
def test_weights_of_other_parts_of_the_batch_have_no_covariance(batches, free):
    method = moo.sdmgrad(2, lam=0.0, batches=batches)
    found = theory.weight_covariance(
        QUADRATICS, method, QUADRATICS.starts[0], key=KEY, batch_size=3, draws=2000
    )
    assert (np.linalg.norm(found.same) < 3 * np.linalg.norm(found.error)) == free


def test_tracked_gradients_lag():
    """After one step MoCo's are beta times the batch's, its multipliers still one half."""
    point = QUADRATICS.starts[0]
    found = theory.weight_covariance(
        QUADRATICS, moo.moco(2, beta=0.25, gamma=0.0), point, key=KEY, batch_size=2, draws=2000
    )
    mean = np.asarray(jax.jacobian(QUADRATICS.objectives)(point)).mean(axis=0)
    np.testing.assert_array_less(np.abs(found.same + 0.75 * mean), 4 * found.error + 1e-6)
    assert (found.error < 0.1).all()
    np.testing.assert_array_equal(found.weights, 0.5)


def test_the_error_of_the_covariance_is_its_spread_over_repetitions():
    calm = moo.problem("noisy_quadratics", dim=2, deviation=0.1)
    keys = jax.random.split(KEY, 24)
    found = [
        theory.weight_covariance(calm, moo.mgda(2), [1.5, -0.5], key=key, draws=64, batch_size=2)
        for key in keys
    ]
    spread = np.std([one.same for one in found], axis=0, ddof=1)
    error = np.mean([one.error for one in found], axis=0)
    np.testing.assert_allclose(spread, error, rtol=0.5)  # three errors of 24 repetitions


def test_what_does_not_fit_is_refused():
    plain = moo.problem("two_task_toy")
    with pytest.raises(ValueError, match="problem must be stochastic, got two_task_toy"):
        theory.direction_bias(plain, moo.mgda(2), plain.starts[0], key=KEY)
    with pytest.raises(ValueError, match="draws must be at least 10, got 3"):
        theory.direction_bias(NOISY, moo.mgda(2), [1.5], key=KEY, draws=3)
    with pytest.raises(ValueError, match="draws must be at least 2, got 1"):
        theory.weight_covariance(NOISY, moo.mgda(2), [1.5], key=KEY, draws=1)
    with pytest.raises(ValueError, match="method must report weights"):
        theory.weight_covariance(NOISY, moo.graddrop(2), [1.5], key=KEY, draws=10)
