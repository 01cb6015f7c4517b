"""The gradients of the two losses against the class table, mode by mode."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.models import CONFLICT_MODES, esmm_losses

UNCLICKED, UNCONVERTED, CONVERTED = LABELS = ((0, 0), (1, 0), (1, 1))
SOFT_BY_CLASS = (0.1, 0.7, 0.4)
OPTIONS = {
    "none": {"conflict": "none"},
    "stop_gradient": {"conflict": "stop_gradient"},
    "soft": {"conflict": "soft", "coefficient": 0.25},
    "soft_by_class": {"conflict": "soft", "coefficient": SOFT_BY_CLASS},
    "cap": {"conflict": "cap", "cap": 0.5},
    "mask": {"conflict": "mask"},
    "unbiased_mask": {"conflict": "unbiased_mask"},
}


def sigmoid(logit):
    return 1 / (1 + np.exp(-logit))


def class_table(a, b, label, w):
    """Per sample dL1/da, dL2/da, dL1/db, dL2/db of ESMM, in plain probabilities."""
    p, q = sigmoid(a), sigmoid(b)
    pi = p * q
    up = np.zeros_like(a)
    rows = {
        UNCLICKED: (p, pi * (1 - p) / (1 - pi), up, pi * (1 - q) / (1 - pi)),
        UNCONVERTED: (-(1 - p), pi * (1 - p) / (1 - pi), up, pi * (1 - q) / (1 - pi)),
        CONVERTED: (-(1 - p), -(1 - p), up, -(1 - q)),
    }
    first_a, second_a, first_b, second_b = rows[label]
    return first_a, w * second_a, first_b, w * second_b


def kept_fraction(mode, a, b, label, w):
    """What each mode leaves of dL2/da."""
    p = sigmoid(a)
    pi = p * sigmoid(b)
    rho = w * pi / (1 - pi)
    one = np.ones_like(a)
    index = LABELS.index(label)
    return {
        "none": one,
        "stop_gradient": 0 * one,
        "soft": 0.25 * one,
        "soft_by_class": SOFT_BY_CLASS[index] * one,
        "cap": np.minimum(1, 0.5 / rho) if label == UNCONVERTED else one,
        "mask": 0 * one if label == UNCONVERTED else one,
        "unbiased_mask": (one, 0 * one, (1 - p) / (1 - pi))[index],
    }[mode]


def random_logits(dtype, count=200):
    a, b = np.random.default_rng(0).normal(0, 3, size=(2, count))
    return jnp.asarray(a, dtype), jnp.asarray(b, dtype)


def labels(label, count, dtype=None):
    return jnp.full(count, label[0], dtype), jnp.full(count, label[1], dtype)


def losses_of(click, conversion, **options):
    """The losses as a function of the two logits."""

    def losses(a, b):
        return esmm_losses(a, b, click, conversion, **options)

    return losses


def per_sample_gradients(a, b, click, conversion, **options):
    """Jacobian of both losses times n: (2, n) by each logit, one entry a sample."""
    by_a, by_b = jax.jit(jax.jacrev(losses_of(click, conversion, **options), (0, 1)))(a, b)
    return by_a * len(a), by_b * len(b)


@jax.jit
def gradients_by_mode(a, b, click, conversion, w):
    """The same for every mode, in one compilation a shape and dtype."""
    return {
        mode: per_sample_gradients(a, b, click, conversion, ctcvr_weight=w, **options)
        for mode, options in OPTIONS.items()
    }


def check_class_table(dtype, tolerance):
    a, b = random_logits(dtype)
    wide = np.asarray(a, np.float64), np.asarray(b, np.float64)
    for label, w in itertools.product(LABELS, (1.0, 10.0)):
        first_a, second_a, first_b, second_b = class_table(*wide, label, w)
        modes = gradients_by_mode(a, b, *labels(label, len(a), dtype), jnp.asarray(w, dtype))
        for mode, (by_a, by_b) in modes.items():
            kept = kept_fraction(mode, *wide, label, w)
            scale = max(1.0, w)
            assert by_a.dtype == dtype
            np.testing.assert_allclose(by_a[0], first_a, rtol=0, atol=tolerance)
            np.testing.assert_allclose(by_a[1], kept * second_a, rtol=0, atol=scale * tolerance)
            np.testing.assert_array_equal(by_b[0], first_b)
            np.testing.assert_allclose(by_b[1], second_b, rtol=0, atol=scale * tolerance)


def test_class_table_in_float32():
    check_class_table(jnp.float32, 1e-6)


def test_class_table_in_x64(x64):
    check_class_table(jnp.float64, 1e-12)


def test_every_conflict_mode_has_a_table():
    assert {options["conflict"] for options in OPTIONS.values()} == set(CONFLICT_MODES)


def test_small_rates_keep_their_relative_accuracy():
    a, b = jnp.float32([-3.0]), jnp.float32([-12.0])
    expected = class_table(np.float64([-3]), np.float64([-12]), UNCONVERTED, 1.0)
    by_a, by_b = per_sample_gradients(a, b, *labels(UNCONVERTED, 1))
    np.testing.assert_allclose(by_a[1], expected[1], rtol=2e-6)
    np.testing.assert_allclose(by_b[1], expected[3], rtol=2e-6)


def test_modes_share_values_and_cvr_gradient_to_the_bit():
    a, b = random_logits(jnp.float32)
    click, conversion = jnp.arange(len(a)) % 2, jnp.arange(len(a)) % 4 == 1
    results = []
    for options in OPTIONS.values():
        losses = losses_of(click, conversion, ctcvr_weight=2.0, **options)
        both = jax.jit(lambda a, b, f=losses: (f(a, b), jax.jacrev(f, 1)(a, b)))
        results.append(both(a, b))
    for values, by_b in results[1:]:
        np.testing.assert_array_equal(values, results[0][0])
        np.testing.assert_array_equal(by_b, results[0][1])


def test_converted_clicks_count_twice():
    a, b = random_logits(jnp.float32)
    one = jnp.ones((), jnp.float32)
    by_a, _ = gradients_by_mode(a, b, *labels(CONVERTED, len(a), jnp.float32), one)["none"]
    np.testing.assert_allclose(by_a.sum(axis=0), 2 * by_a[0], rtol=1e-5)


@pytest.mark.parametrize(("P", "Q"), [(0.8, 0.7), (0.5, 0.5), (0.04, 0.005)])
def test_mask_and_cap_are_biased_stop_gradient_and_uniform_soft_are_not(x64, P, Q):
    rho = P * Q / (1 - P * Q)
    expected = {
        "none": 0,
        "stop_gradient": 0,
        "soft": 0,
        "mask": -(1 - P) * P * Q * P * (1 - Q) / (1 - P * Q),
        "cap": -P * (1 - Q) * (1 - P) * max(0, rho - 0.5),
    }
    rates = jnp.float64([P, Q])
    logits = jnp.log(rates / (1 - rates))[:, None]
    outcomes = [
        (chance, gradients_by_mode(*logits, *labels(label, 1, jnp.float64), jnp.float64(1)))
        for label, chance in zip(LABELS, (1 - P, P * (1 - Q), P * Q), strict=True)
    ]
    for mode, bias in expected.items():
        mean = sum(chance * gradients[mode][0][1, 0] for chance, gradients in outcomes)
        np.testing.assert_allclose(mean, bias, rtol=0, atol=1e-14)


def one_row_losses(a, b, label, **options):
    """The losses of each row alone, (n, 2)."""
    losses = losses_of(*labels(label, 1, a.dtype), **options)
    return jax.jit(jax.vmap(lambda a, b: losses(a[None], b[None])))(a, b)


def check_extreme_logits(dtype):
    corners = jnp.asarray([-1e4, -90.0, -17.0, 0.0, 17.0, 60.0, 90.0, 1e4], dtype)
    a, b = (grid.ravel() for grid in jnp.meshgrid(corners, corners))
    for label in LABELS:
        click, conversion = labels(label, len(a), dtype)
        assert np.isfinite(one_row_losses(a, b, label, ctcvr_weight=10.0)).all()
        for gradients in gradients_by_mode(a, b, click, conversion, jnp.ones((), dtype)).values():
            for gradient in gradients:
                assert np.isfinite(gradient).all()
                assert np.abs(gradient).max() <= 1 + 1e-6


def test_finite_at_extreme_logits_in_float32():
    check_extreme_logits(jnp.float32)


def test_finite_at_extreme_logits_in_x64(x64):
    check_extreme_logits(jnp.float64)


def test_saturated_logits_split_the_ctcvr_gradient():
    # p = q -> 1 together: (1 - p) pi / (1 - pi) -> 1/2, where 1 - p q in float32 is 0.
    by_a, by_b = per_sample_gradients(*2 * [jnp.float32([60.0])], *labels(UNCONVERTED, 1))
    np.testing.assert_allclose([by_a[1, 0], by_b[1, 0]], 0.5, rtol=1e-5)


def test_forward_and_reverse_mode_agree():
    a, b = random_logits(jnp.float32, 8)

    @jax.jit
    def both_ways(a):
        modes = [losses_of(*labels(UNCONVERTED, 8), **options) for options in OPTIONS.values()]
        return [(jax.jacfwd(losses)(a, b), jax.jacrev(losses)(a, b)) for losses in modes]

    for forward, reverse in both_ways(a):
        np.testing.assert_allclose(forward, reverse, atol=1e-7)


def test_soft_takes_a_traced_schedule_with_one_trace():
    a, b = random_logits(jnp.float32, 8)
    traces = []

    @jax.jit
    def gradient(coefficient):
        traces.append(coefficient)
        losses = losses_of(*labels(UNCONVERTED, 8), conflict="soft", coefficient=coefficient)
        return jax.jacrev(losses)(a, b)[1]

    full = gradient(jnp.float32(1.0))
    np.testing.assert_allclose(gradient(jnp.float32(0.25)), full / 4, rtol=1e-6)
    np.testing.assert_array_equal(gradient(jnp.float32(0.0)), 0 * full)
    assert len(traces) == 1


def test_where_equals_the_subset_and_silences_masked_rows():
    a, b = random_logits(jnp.float32, 9)
    click, conversion = jnp.arange(9) % 2, jnp.arange(9) % 4 == 1
    where = jnp.arange(9) < 6

    @jax.jit
    def masked(a):
        losses = losses_of(click, conversion, where=where)
        return losses(a, b), jax.jacrev(losses)(a, b)

    @jax.jit
    def subset(a):
        losses = losses_of(click[:6], conversion[:6])
        return losses(a[:6], b[:6]), jax.jacrev(losses)(a[:6], b[:6])

    values, rows = masked(jnp.where(where, a, jnp.nan))
    expected_values, expected_rows = subset(a)
    np.testing.assert_allclose(values, expected_values, rtol=1e-6)
    np.testing.assert_allclose(rows[:, :6], expected_rows, rtol=1e-5)
    np.testing.assert_array_equal(rows[:, 6:], 0)


def test_sample_weight_counts_rows():
    a, b = random_logits(jnp.float32, 4)
    click, conversion = jnp.array([0, 1, 1, 0]), jnp.array([0, 0, 1, 0])
    times = np.array([1, 3, 2, 0])
    repeated = [jnp.repeat(x, times) for x in (a, b, click, conversion)]
    losses = jax.jit(esmm_losses)
    weighted = losses(a, b, click, conversion, sample_weight=times)
    np.testing.assert_allclose(weighted, losses(*repeated), rtol=1e-6)


@pytest.mark.parametrize("nothing", [{"where": np.zeros(4, bool)}, {"sample_weight": np.zeros(4)}])
def test_without_rows_losses_and_gradients_are_zero(nothing):
    a, b = random_logits(jnp.float32, 4)
    losses = losses_of(*labels(UNCONVERTED, 4), **nothing)
    np.testing.assert_array_equal(losses(a, b), 0)
    for gradient in jax.jit(jax.jacrev(losses, (0, 1)))(a, b):
        np.testing.assert_array_equal(gradient, 0)


def test_low_precision_logits_give_float32_losses():
    a, b = (x.astype(jnp.bfloat16) for x in random_logits(jnp.float32, 4))
    losses = losses_of(*labels(UNCONVERTED, 4, bool), conflict="cap")
    both = jax.jit(lambda a, b: (losses(a, b), jax.jacrev(losses)(a, b)))
    assert [found.dtype for found in both(a, b)] == [jnp.float32, jnp.bfloat16]


ROW = np.zeros(3, np.float32)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"conflict": "stopgrad"}, ValueError, "none, stop_gradient, soft, cap, mask"),
        ({"ctr_logit": ROW[:, None]}, ValueError, r"ctr_logit must have shape \(n,\)"),
        ({"cvr_logit": ROW[:2]}, ValueError, r"cvr_logit must have the shape of ctr_logit"),
        ({"conversion": ROW[:, None]}, ValueError, "conversion must have the shape"),
        ({"where": ROW[:2] > 0}, ValueError, "where must have the shape"),
        ({"where": ROW}, TypeError, "where must be boolean"),
        ({"ctr_logit": np.zeros(3, np.int32)}, TypeError, "ctr_logit must be floating"),
        ({"click": np.zeros(3, np.complex64)}, TypeError, "click must be real"),
        ({"ctr_logit": None}, TypeError, "ctr_logit must be an array of numbers, got NoneType"),
        ({"click": "yes"}, TypeError, "click must be an array of numbers, got str"),
        ({"conversion": [None]}, TypeError, "conversion must be an array of numbers, got list"),
        ({"sample_weight": "3"}, TypeError, "sample_weight must be an array of numbers, got str"),
        ({"ctcvr_weight": -1.0}, ValueError, "ctcvr_weight must be finite and at least 0"),
        ({"ctcvr_weight": np.ones(3)}, ValueError, r"ctcvr_weight must have shape \(\)"),
        ({"coefficient": 1.5}, ValueError, r"coefficient must be in \[0, 1\]"),
        ({"coefficient": (0.5, 0.5)}, ValueError, r"coefficient must have shape \(\) or \(3,\)"),
        ({"cap": float("nan")}, ValueError, "cap must be finite"),
    ],
)
def test_bad_input_is_named(change, error, message):
    given = {"ctr_logit": ROW, "cvr_logit": ROW, "click": ROW, "conversion": ROW} | change
    with pytest.raises(error, match=message):
        esmm_losses(**given)
