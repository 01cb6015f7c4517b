"""Noisy problems: the mean over keys is the loss without one, and gradients carry the noise."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo.problems

NAMES = [
    "two_task_toy_moco",
    "two_task_toy_sdmgrad",
    "two_task_toy_modo",
    "noisy_quadratics",
    "online_quadratics",
    "label_noise",
]


# Deviation of each entry of the gradients, where it is an option.
DEVIATIONS = {"two_task_toy_moco": 1.0, "two_task_toy_sdmgrad": 0.2, "noisy_quadratics": 1.0}


@pytest.mark.parametrize("name", NAMES)
def test_gradient_noise_averages_out_and_has_the_stated_deviation(name):
    problem = moo.problems.problem(name)
    x = jnp.asarray(problem.starts[1], jnp.float32)
    keys = jax.random.split(jax.random.key(0), 4000)
    rows = jax.jit(jax.vmap(jax.jacrev(problem.objectives), (None, 0)))(x, keys)
    expected = jax.jit(jax.jacrev(problem.objectives))(x)
    deviation = np.asarray(rows.std(axis=0))
    gap = np.abs(np.asarray(rows.mean(axis=0) - expected))
    assert (gap <= 4.5 * deviation / np.sqrt(len(keys)) + 1e-4).all()
    assert (deviation > 0.05).any()
    if name in DEVIATIONS:
        np.testing.assert_allclose(deviation, DEVIATIONS[name], rtol=0.06)


def test_settings_of_the_toy():
    scale = {"two_task_toy_cagrad": 1.0, "two_task_toy_moco": 2.0, "two_task_toy_sdmgrad": 1.0}
    x = jnp.array([3.0, 2.0])
    unit = moo.problems.two_task_toy(scale=1.0).objectives(x)
    for name, factor in scale.items():
        losses = moo.problems.problem(name).objectives(x)
        np.testing.assert_allclose(losses, unit * jnp.array([factor, 1.0]), rtol=1e-6)


def test_modo_has_the_slopes_of_the_toy_above_and_the_bowls_below():
    problem = moo.problems.two_task_toy_modo(samples=3)
    above = jnp.array([3.0, 2.0])
    toy = moo.problems.two_task_toy(scale=1.0)
    np.testing.assert_allclose(problem.objectives(above), toy.objectives(above), rtol=1e-6)
    z1, z2 = np.random.default_rng(0).normal(size=(3, 2)).mean(axis=0)
    a, b = 1.0, -4.0
    q = [((a - 3.5) ** 2 + 4.5) / 10 - 20, ((a + 3.5) ** 2 + 4.5) / 10 - 20]
    tilt = [-2 * z1 * a - 5.5 * z2 * b, 2 * z1 * a - 5.5 * z2 * b]
    expected = (np.array(q) + tilt) * np.tanh(2.0)
    np.testing.assert_allclose(problem.objectives(jnp.array([a, b])), expected, rtol=1e-5)


def test_label_noise_does_not_move_the_set():
    problem = moo.problems.label_noise(dim=3)
    ends = problem.pareto_set(2)
    gap = np.sum((ends[0] - ends[1]) ** 2)
    np.testing.assert_allclose(problem.pareto_front(2), [[9 + gap, 0.01], [9.0, 0.01 + gap]])


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("two_task_toy_moco", {"deviation": 0.0}, "deviation: must be positive and finite"),
        ("two_task_toy_modo", {"batch": 0}, "batch: must be at least 1, got 0"),
        ("noisy_quadratics", {"dim": 1}, "dim: must be at least 2, got 1"),
        ("noisy_quadratics", {"deviation": -1.0}, "deviation: must be positive and finite"),
        ("label_noise", {"dim": 0}, "dim: must be at least 1, got 0"),
    ],
)
def test_wrong_options_are_named(name, options, message):
    with pytest.raises(ValueError, match=message):
        moo.problems.problem(name, **options)
