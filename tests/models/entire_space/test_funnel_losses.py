"""The gradients of K losses against the class table, mode by mode."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moo.models import CONFLICT_MODES, esmm_losses, funnel_losses
from tests.models.entire_space import funnels
from tests.models.entire_space.funnels import OPTIONS, WEIGHTS, K

ROWS = 40


def eager_votes(logits, labels, **options):
    """The losses (K,) and dL_k/da_j of every row of its own loss, (n, K, K)."""

    def losses(logits):
        return funnel_losses(logits, labels, **options)

    jacobian = jax.jacrev(losses)(logits) * len(logits)
    return losses(logits), jnp.moveaxis(jacobian, 1, 0)


votes = jax.jit(eager_votes, static_argnames="conflict")
losses_of = jax.jit(funnel_losses, static_argnames="conflict")


@jax.jit
def votes_by_mode(logits, labels, weights):
    return {
        mode: eager_votes(logits, labels, weights=weights, **options)
        for mode, options in OPTIONS.items()
    }


def draw(dtype, seed=0, rows=ROWS):
    rng = np.random.default_rng(seed)
    return jnp.asarray(rng.normal(0, 3, (rows, K)), dtype), rng.integers(0, K + 1, rows)


def check_table(dtype, tolerance, seed=0):
    logits, depth = draw(dtype, seed)
    labels = jnp.asarray(funnels.depth_labels(depth))
    rates = funnels.sigmoid(logits)
    for mode, (losses, found) in votes_by_mode(logits, labels, jnp.asarray(WEIGHTS)).items():
        assert losses.dtype == found.dtype == dtype
        expected = [funnels.table(mode, p, d) for p, d in zip(rates, depth, strict=True)]
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance, err_msg=mode)


def test_class_table_in_x64(x64):
    check_table(jnp.float64, 1e-12)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**31))
def test_class_table_in_float32(seed):
    check_table(jnp.float32, 2e-5, seed)


def test_every_mode_has_a_table():
    assert {options["conflict"] for options in OPTIONS.values()} == set(CONFLICT_MODES)


def test_values_are_cross_entropies_of_the_products_in_all_modes():
    logits, depth = draw(jnp.float32)
    labels = funnels.depth_labels(depth)
    pi = np.cumprod(funnels.sigmoid(logits), axis=1)
    errors = -np.where(labels, np.log(pi), np.log1p(-pi)).mean(axis=0)
    results = votes_by_mode(logits, jnp.asarray(labels), jnp.asarray(WEIGHTS))
    for losses, _ in results.values():
        np.testing.assert_allclose(losses, WEIGHTS * errors, rtol=1e-5)
        np.testing.assert_array_equal(losses, results["none"][0])


def test_a_cap_leaves_no_tower_more_down_votes_than_up_votes(x64):
    logits, depth = draw(jnp.float64, rows=500)
    labels = jnp.asarray(funnels.depth_labels(depth))
    _, found = votes(logits, labels, weights=jnp.asarray(WEIGHTS), conflict="cap", cap=0.8)
    up, down = -jnp.minimum(found, 0).sum(axis=1), jnp.maximum(found, 0).sum(axis=1)
    passed = labels == 1
    assert (down[passed] <= 0.8 * up[passed] * (1 + 1e-12)).all()
    assert (down[passed] > 0.799 * up[passed]).sum() > 50
    np.testing.assert_array_equal(up[~passed], 0)


@pytest.mark.parametrize("mode", OPTIONS)
def test_two_steps_are_esmm(mode):
    logits, _ = draw(jnp.float32)
    logits = logits[:, :2]
    labels = funnels.depth_labels(np.arange(ROWS) % 3, 2)
    options = OPTIONS[mode]
    if mode == "soft_by_class":
        options = options | {"coefficient": options["coefficient"][:3]}

    def two(logits):
        return esmm_losses(*logits.T, *labels.T, ctcvr_weight=3.0, **options)

    def funnel(logits):
        return funnel_losses(logits, labels, weights=np.array([1.0, 3.0]), **options)

    @jax.jit
    def both(logits):
        return [(f(logits), jax.jacrev(f)(logits)) for f in (two, funnel)]

    expected, found = both(logits)
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-6, atol=1e-9)


def expected_gradients(rates, weights):
    """E[dL_k/da_j] at the truth, exactly: the K + 1 classes with their chances."""
    logits = jnp.log(rates / (1 - rates))[None]
    labels = jnp.asarray(funnels.depth_labels(np.arange(K + 1)))
    each = jax.vmap(lambda z: votes_by_mode(logits, z[None], weights))(labels)
    chances = funnels.class_chances(np.asarray(rates))
    return {mode: np.tensordot(chances, found[:, 0], 1) for mode, (_, found) in each.items()}


@pytest.mark.parametrize(
    "rates", [(0.8, 0.7, 0.9, 0.6), (0.5, 0.5, 0.5, 0.5), (0.04, 0.1, 0.3, 0.9)]
)
def test_expected_gradient_at_the_truth(x64, rates):
    found = expected_gradients(jnp.asarray(rates), jnp.asarray(WEIGHTS))
    for mode, mean in found.items():
        expected = funnels.expected(mode, np.asarray(rates))
        np.testing.assert_allclose(mean, expected, rtol=0, atol=1e-14, err_msg=mode)


@pytest.mark.conformance
def test_expected_gradient_at_the_truth_by_monte_carlo(x64):
    rates, rows = np.array([0.8, 0.7, 0.9, 0.6]), 50_000
    passed = np.random.default_rng(0).random((rows, K)) < rates
    labels = np.cumprod(passed, axis=1)
    logits = jnp.broadcast_to(jnp.log(rates / (1 - rates)), (rows, K))
    for mode, options in OPTIONS.items():
        arrays = {name: v if name == "conflict" else jnp.asarray(v) for name, v in options.items()}
        _, found = votes(logits, labels, weights=WEIGHTS, **arrays)
        error = np.asarray(found).std(axis=0) / np.sqrt(rows)
        miss = np.abs(np.mean(found, axis=0) - funnels.expected(mode, rates))
        assert (miss <= 4 * error + 1e-12).all(), mode


@pytest.mark.parametrize("size", [60.0, 90.0, 1000.0])
def test_finite_at_extreme_logits(size):
    corners = np.stack(np.meshgrid(*[[-size, 0.0, size]] * 3, [size])).reshape(K, -1).T
    for depth in range(K + 1):
        labels = jnp.asarray(funnels.depth_labels(np.full(len(corners), depth)))
        results = votes_by_mode(jnp.float32(corners), labels, jnp.asarray(WEIGHTS))
        for losses, found in results.values():
            assert np.isfinite(losses).all()
            assert np.isfinite(found).all()
            assert np.abs(found).max() <= WEIGHTS.max() * (1 + 1e-5)


def test_a_weight_of_zero_is_finite_where_odds_overflow():
    logits, labels = jnp.full((1, K), 1000.0), jnp.zeros((1, K))
    losses, found = votes(logits, labels.at[0, 0].set(1), weights=np.zeros(K), conflict="cap")
    np.testing.assert_array_equal(losses, 0)
    np.testing.assert_array_equal(found, 0)


def test_a_step_is_trained_where_its_label_exists():
    logits, depth = draw(jnp.float32)
    labels = funnels.depth_labels(depth)
    where = np.random.default_rng(1).random((ROWS, K)) < 0.6
    hidden = np.where(where, labels, 7)
    losses, found = votes(logits, hidden, where=where)
    per_row = jax.vmap(lambda a, z: losses_of(a[None], z[None]))(logits, labels)
    expected = [per_row[where[:, k], k].mean() for k in range(K)]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    np.testing.assert_array_equal(found[~where], 0)


@pytest.mark.parametrize("conflict", ["none", "cap"])
def test_rows_that_do_not_count_change_nothing(conflict):
    logits, depth = draw(jnp.float32)
    labels, where = funnels.depth_labels(depth), np.arange(ROWS) < 25
    options = {"conflict": conflict, "weights": WEIGHTS}
    losses, found = votes(
        jnp.where(where[:, None], logits, jnp.nan), labels, where=where, **options
    )
    expected, subset = votes(logits[:25], labels[:25], **options)
    np.testing.assert_allclose(losses, expected, rtol=1e-6)
    np.testing.assert_allclose(found[:25] / ROWS, subset / 25, rtol=1e-5, atol=1e-9)
    np.testing.assert_array_equal(found[25:], 0)


def test_a_step_without_labels_is_zero_and_passes_nothing_on():
    logits, depth = draw(jnp.float32)
    where = np.ones((ROWS, K), bool) & (np.arange(K) != 2)
    losses, found = votes(logits, funnels.depth_labels(depth), where=where)
    assert losses[2] == 0
    np.testing.assert_array_equal(found[:, 2], 0)
    assert np.abs(found[:, 3, 2]).max() > 0


def test_sample_weight_counts_rows():
    logits, _ = draw(jnp.float32, rows=4)
    labels, times = funnels.depth_labels(np.arange(4)), np.array([1, 3, 0, 2])
    weighted = losses_of(logits, labels, sample_weight=times)
    repeated = losses_of(np.repeat(logits, times, axis=0), np.repeat(labels, times, axis=0))
    np.testing.assert_allclose(weighted, repeated, rtol=1e-6)


def test_a_schedule_is_traced_once():
    logits, depth = draw(jnp.float32)
    labels = jnp.asarray(funnels.depth_labels(depth))
    schedule = optax.linear_schedule(1.0, 0.0, 8)
    traces = []

    @jax.jit
    def found(step):
        traces.append(step)
        return votes(logits, labels, conflict="soft", coefficient=schedule(step))[1]

    full, half, none = (found(jnp.int32(step)) for step in (0, 4, 8))
    own = np.eye(K, dtype=bool)
    np.testing.assert_allclose(half[:, ~own], full[:, ~own] / 2, rtol=1e-5, atol=1e-9)
    np.testing.assert_array_equal(none[:, ~own], 0)
    np.testing.assert_array_equal(none[:, own], full[:, own])
    assert len(traces) == 1


def test_vmap_over_weights_and_low_precision():
    logits, depth = draw(jnp.bfloat16)
    labels = funnels.depth_labels(depth)
    many = jax.vmap(lambda w: losses_of(logits, labels, weights=w))
    found = many(jnp.eye(K))
    assert found.dtype == jnp.float32
    np.testing.assert_allclose(found.sum(axis=0), losses_of(logits, labels), rtol=1e-6)


LOGITS, LABELS = np.zeros((3, 2), np.float32), np.array([[0, 0], [1, 0], [1, 1]])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"logits": LOGITS[:, 0]}, ValueError, r"logits must have shape \(n, K\)"),
        ({"logits": LOGITS[:, :0]}, ValueError, r"logits must have shape \(n, K\)"),
        ({"logits": LABELS}, TypeError, "logits must be floating"),
        ({"labels": LABELS[:, :1]}, ValueError, "labels must have the shape of logits"),
        ({"labels": LABELS[:, ::-1]}, ValueError, "labels must not grow .* got 1 in row 1, step 1"),
        ({"labels": 2 * LABELS}, ValueError, "labels must be 0 or 1, got 2 in row 1, step 0"),
        ({"labels": None}, TypeError, "labels must be an array"),
        ({"weights": (1.0, -1.0)}, ValueError, "weights must be finite and at least 0"),
        ({"weights": (1.0,)}, ValueError, r"weights must have shape \(2,\)"),
        ({"conflict": "stop"}, ValueError, "none, stop_gradient, soft, cap, mask"),
        ({"coefficient": (0.5,) * 4}, ValueError, r"coefficient must have shape \(\) or \(3,\)"),
        ({"cap": -1.0}, ValueError, "cap must be finite"),
        ({"where": LABELS[:, :1] > 0}, ValueError, r"where must have shape \(3,\) or \(3, 2\)"),
        ({"where": LABELS}, TypeError, "where must be boolean"),
        ({"sample_weight": LABELS}, ValueError, r"sample_weight must have shape \(3,\)"),
        ({"sample_weight": [1, -1, 1]}, ValueError, "sample_weight must be at least 0"),
    ],
)
def test_bad_input_is_named(change, error, message):
    with pytest.raises(error, match=message):
        funnel_losses(**({"logits": LOGITS, "labels": LABELS} | change))


def test_labels_that_do_not_count_may_grow():
    where = np.array([[True, True], [False, True], [True, True]])
    labels = np.array([[0, 0], [0, 1], [1, 1]])
    assert np.isfinite(funnel_losses(LOGITS, labels, where=where)).all()
