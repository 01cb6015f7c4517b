"""Regression generators: the data's statistics, the network against plain NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.problems import gradnorm_regression, mmoe_regression
from moo.problems._regression import _gradnorm_data, _mmoe_data

pytestmark = pytest.mark.usefixtures("unoptimised")

SMALL = {"inputs": 6, "outputs": 2, "hidden": 5, "layers": 2, "rows": 40, "batch": 8}


def test_label_correlation_increases_with_that_of_the_tasks():
    """Published generator, measured at p = 0, 1/4, 1/2, 3/4, 1: .001 .108 .221 .341 1."""
    measured = [
        np.corrcoef(_mmoe_data(p, 100, 20_000)[1].T)[0, 1] for p in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    assert (np.diff(measured) > 0.05).all()
    np.testing.assert_allclose(measured[:4], [0.001, 0.108, 0.221, 0.341], atol=0.03)
    assert measured[4] > 0.99


def test_gradnorm_labels_scale_with_sigma_and_do_not_saturate():
    sigma = np.array([1.0, 100.0])
    labels = _gradnorm_data(sigma, 250, 20, 200)[1] / sigma[:, None]
    deviations = labels.std(axis=(0, 2))
    np.testing.assert_allclose(deviations, deviations[0], rtol=0.05)
    assert (np.abs(labels) < 0.95).mean() > 0.8


def test_mmoe_network_by_hand():
    problem = mmoe_regression(inputs=4, hidden=3, rows=30)
    x = problem.starts[0]
    weights, bias, heads, shift = np.split(x, [12, 15, 21])
    features, labels = _mmoe_data(0.5, 4, 30)
    shared = np.maximum(features @ weights.reshape(3, 4).T + bias, 0)
    expected = np.mean((shared @ heads.reshape(2, 3).T + shift - labels) ** 2, axis=0)
    losses = problem.objectives(jnp.asarray(x))
    np.testing.assert_allclose(losses, expected, rtol=1e-4)


def test_zero_parameters_predict_zero():
    problem = gradnorm_regression((1.0, 10.0, 100.0), **SMALL)
    _, labels = _gradnorm_data(np.array([1.0, 10.0, 100.0]), 6, 2, 40)
    losses = problem.objectives(jnp.zeros(problem.dim))
    np.testing.assert_allclose(losses, np.mean(labels**2, axis=(0, 2)), rtol=1e-5)


@pytest.mark.parametrize("build", [mmoe_regression, lambda **sizes: gradnorm_regression(**sizes)])
def test_batches_average_to_the_loss_on_all_rows(build):
    sizes = {"inputs": 6, "hidden": 5, "rows": 40, "batch": 8}
    problem = build(**sizes)
    x = jnp.asarray(problem.starts[0], jnp.float32)
    keys = jax.random.split(jax.random.key(0), 2000)
    draws = np.asarray(jax.jit(jax.vmap(problem.objectives, (None, 0)))(x, keys))
    expected = np.asarray(problem.objectives(x))
    error = draws.std(axis=0) / np.sqrt(len(keys))
    assert (np.abs(draws.mean(axis=0) - expected) < 4.5 * error).all()


def test_wrong_options_are_named():
    with pytest.raises(ValueError, match=r"correlation: must be in \[0, 1\], got 2"):
        mmoe_regression(2.0)
    with pytest.raises(ValueError, match="inputs: must be at least 2, got 1"):
        mmoe_regression(inputs=1)
    with pytest.raises(ValueError, match="scales: must be two or more positive numbers"):
        gradnorm_regression((1.0,))
    with pytest.raises(ValueError, match="layers: must be at least 1, got 0"):
        gradnorm_regression(layers=0)
