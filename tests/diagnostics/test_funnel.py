"""The conflict of a funnel against the gradients of its losses and against its formula."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.diagnostics import esmm_classes, funnel_classes, funnel_opposition, opposition_ratio
from moo.models import funnel_losses

pytestmark = pytest.mark.usefixtures("unoptimised")

STEPS = 4
RNG = np.random.default_rng(0)
LOGITS = jnp.asarray(RNG.normal(size=(30, STEPS)), jnp.float32)
LABELS = (np.arange(STEPS) < RNG.integers(0, STEPS + 1, (30, 1))).astype(int)
WEIGHTS = (1.0, 0.5, 2.0, 0.25)


def by_formula(logits, labels, weights):
    """Down-votes beyond the depth over up-votes from j to the depth."""
    rates = np.cumprod(1 / (1 + np.exp(-np.asarray(logits, np.float64))), axis=1)
    found = np.zeros(labels.shape)
    for row, pi in enumerate(rates):
        d = labels[row].sum()
        down = sum(weights[k] * pi[k] / (1 - pi[k]) for k in range(d, STEPS))
        for j in range(d):
            found[row, j] = down / sum(weights[j:d])
    return found


def test_ratio_is_that_of_the_votes_in_the_losses_gradients():
    gradients = jax.jit(
        jax.jacrev(lambda a: 30 * funnel_losses(a, LABELS, weights=jnp.array(WEIGHTS)))
    )
    votes = np.asarray(gradients(LOGITS), np.float64)  # (K losses, n, K logits)
    up, down = -votes.clip(max=0).sum(axis=0), votes.clip(min=0).sum(axis=0)
    expected = np.where(LABELS == 1, down / np.where(up > 0, up, 1), 0)
    found = jax.jit(funnel_opposition)(LOGITS, LABELS, weights=jnp.array(WEIGHTS))
    np.testing.assert_allclose(found, expected, rtol=2e-4)
    np.testing.assert_allclose(found, by_formula(LOGITS, LABELS, WEIGHTS), rtol=1e-5)


def test_it_is_largest_at_the_last_step_passed():
    rho = np.asarray(funnel_opposition(LOGITS, LABELS))
    for row, depth in enumerate(LABELS.sum(axis=1)):
        assert (np.diff(rho[row, :depth]) >= 0).all()
        assert (rho[row, depth:] == 0).all()


def test_without_labels_each_row_stops_behind_each_step():
    found = np.asarray(funnel_opposition(LOGITS, weights=WEIGHTS))
    for j in range(STEPS):
        labels = np.tile(np.arange(STEPS) <= j, (30, 1)).astype(int)
        expected = funnel_opposition(LOGITS, labels, weights=WEIGHTS)[:, j]
        np.testing.assert_allclose(found[:, j], expected, rtol=1e-6)


def test_two_steps_are_click_and_conversion():
    a, b = LOGITS[:, 0], LOGITS[:, 1]
    found = funnel_opposition(LOGITS[:, :2], weights=(1.0, 3.0))
    np.testing.assert_allclose(found[:, 0], opposition_ratio(a, b, ctcvr_weight=3.0), rtol=1e-6)
    np.testing.assert_array_equal(funnel_classes(LABELS[:, :2]), esmm_classes(*LABELS[:, :2].T))


def test_every_row_is_in_the_class_of_its_depth():
    classes = funnel_classes(LABELS)
    assert classes.shape == (STEPS + 1, 30)
    np.testing.assert_array_equal(classes.sum(axis=0), 1)
    np.testing.assert_array_equal(jnp.argmax(classes, axis=0), LABELS.sum(axis=1))


def test_extreme_logits_give_no_nan():
    corners = jnp.float32([-1e4, -60, 0, 60, 1e4])
    grid = jnp.stack([g.ravel() for g in jnp.meshgrid(corners, corners, corners)], axis=-1)
    assert not np.isnan(funnel_opposition(grid)).any()
    for depth in range(4):
        labels = jnp.broadcast_to(jnp.arange(3) < depth, grid.shape)
        assert not np.isnan(funnel_opposition(grid, labels)).any()


def test_double_precision_is_kept():
    with jax.enable_x64(True):
        logits = jnp.asarray(np.asarray(LOGITS), jnp.float64)
        found = funnel_opposition(logits, LABELS, weights=WEIGHTS)
        assert found.dtype == jnp.float64
        np.testing.assert_allclose(found, by_formula(LOGITS, LABELS, WEIGHTS), rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: funnel_classes(jnp.zeros(3)), r"labels must have shape \(n, K\)"),
        (lambda: funnel_opposition(jnp.zeros(3)), r"logits must have shape \(n, K\)"),
        (lambda: funnel_opposition(LOGITS, LABELS[:, :2]), "labels must have the shape of logits"),
        (lambda: funnel_opposition(LOGITS, weights=[1.0]), r"weights must have shape \(4,\)"),
    ],
)
def test_shapes_that_do_not_fit_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
