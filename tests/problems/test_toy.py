"""The two-loss toy: the published facts, and the curve against an independent minimiser."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

from moo.problems import two_task_toy


@pytest.fixture(scope="module")
def toy():
    return two_task_toy(scale=1.0)


def jacobians(problem):
    batched = jax.jit(jax.vmap(jax.jacrev(problem.objectives)))
    return lambda x: np.asarray(batched(x))


def test_the_published_facts(toy):
    assert toy.facts["minimum"] == pytest.approx(-19.98942514, abs=5e-9)
    assert toy.facts["minimum_b"] == pytest.approx(-8.43445986, abs=5e-9)
    assert toy.facts["mean_minimiser_b"] == pytest.approx(-8.35510978, abs=5e-9)
    assert toy.facts["mean_minimum"] == pytest.approx(-15.09163845, abs=5e-9)


def test_the_published_points_of_the_curve(toy):
    a, b = toy.pareto_set(15).T
    np.testing.assert_array_equal(a, np.arange(-7.0, 8.0))
    expected = {0: -8.35510978, 3: -8.37052027, 5: -8.39694277, 7: -8.43445986}
    for at, value in expected.items():
        np.testing.assert_allclose(b[[7 - at, 7 + at]], value, atol=5e-9)


def test_weighted_sums_are_least_on_the_curve(toy, x64):
    """Against a general-purpose solver."""
    weighted = jax.jit(jax.value_and_grad(lambda x, w: toy.objectives(x) @ w))
    for w in (0.0, 0.3, 0.5, 0.8):
        weights = np.array([1 - w, w])
        found = minimize(weighted, np.array([0.0, -8.0]), weights, jac=True, tol=1e-12).x
        assert toy.distance_to_set(found) < 1e-6


def test_the_determinant_changes_sign_within_a_trillionth_of_the_curve(toy, x64):
    below, above = (jnp.asarray(toy.pareto_set(57) + np.array([0.0, d])) for d in (-1e-12, 1e-12))
    rows = jacobians(toy)(jnp.stack([below, above]).reshape(-1, 2))
    g1, g2 = rows[:, 0], rows[:, 1]
    signs = np.sign(g1[:, 0] * g2[:, 1] - g1[:, 1] * g2[:, 0]).reshape(2, -1)
    np.testing.assert_array_equal(signs[0], -signs[1])
    assert (signs != 0).all()


def test_gradient_cosines_at_the_starts(x64):
    cagrad, nash = two_task_toy(setting="cagrad"), two_task_toy(setting="nash_mtl")
    starts = np.concatenate([cagrad.starts[1:2], nash.starts])
    g1, g2 = np.moveaxis(jacobians(nash)(jnp.asarray(starts)), 1, 0)
    cosines = np.sum(g1 * g2, 1) / np.linalg.norm(g1, axis=1) / np.linalg.norm(g2, axis=1)
    expected = [0.679, 0.996, 1.0, 0.9998, -0.705, -0.831]
    np.testing.assert_allclose(cosines, expected, atol=5e-4)


def test_scale_multiplies_the_first_loss_only(toy):
    x = jnp.asarray([[1.0, 2.0], [3.0, -4.0]])
    plain = jax.vmap(toy.objectives)(x)
    scaled = jax.vmap(two_task_toy(scale=0.25).objectives)(x)
    np.testing.assert_allclose(scaled, plain * jnp.array([0.25, 1.0]), rtol=1e-6)
    np.testing.assert_array_equal(two_task_toy(0.25).pareto_set(9), toy.pareto_set(9))


def test_printed_sign_changes_the_second_slope_only():
    x = jnp.array([1.0, 2.0])
    code, printed = (two_task_toy(1.0, printed_sign=p).objectives(x) for p in (False, True))
    c1 = np.tanh(1.0)
    assert float(code[0]) == float(printed[0])
    for losses, sign in ((code, -1.0), (printed, 1.0)):
        expected = (np.log(abs(1.0 + sign * np.tanh(2.0) + 2)) + 6) * c1
        assert float(losses[1]) == pytest.approx(expected, rel=1e-6)


def test_ties_at_the_origin_halve_the_gradient_and_keep_its_direction(toy):
    rows = jacobians(toy)(jnp.zeros((1, 2)))[0]
    l1, q1 = np.log(3.5) + 6, (49 + 6.4) / 10 - 20
    np.testing.assert_allclose(rows[0], [0.0, 0.5 * (0.5 * l1 - 0.5 * q1)], rtol=1e-6)


def test_settings_carry_their_starts_and_scales():
    x = jnp.array([1.0, -9.0])
    scales = {"nash_mtl": (0.1, 5), "cagrad": (1.0, 3), "moco": (2.0, 5)}
    unit = float(two_task_toy(scale=1.0).objectives(x)[0])
    for setting, (scale, count) in scales.items():
        toy = two_task_toy(setting=setting)
        assert len(toy.starts) == count
        assert float(toy.objectives(x)[0]) == pytest.approx(scale * unit, rel=1e-6)


def test_wrong_options_are_named():
    with pytest.raises(ValueError, match=r"setting: must be one of .*got 'famous'"):
        two_task_toy(setting="famous")
    with pytest.raises(ValueError, match=r"scale: must be positive and finite, got -1\.0"):
        two_task_toy(scale=-1)
