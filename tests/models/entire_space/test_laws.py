"""What holds for the losses of every entire-space model."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.models.entire_space.rows import LOSSES

pytestmark = pytest.mark.usefixtures("unoptimised")

COLUMNS = dict.fromkeys(LOSSES, 2) | {
    "funnel_esmm": 4, "esmm2": 5, "escm2_dr": 3, "multi_dr": 3, "dr_jl": 3, "mrdr": 3, "dcmt": 3,
    "delayed_esmm": 3,
}  # fmt: skip
ROWS = 12


def batch_of(rows):
    row = np.arange(rows)
    click = row % 3 > 0
    conversion = click & (row % 2 == 0)
    step_3 = conversion & (row % 4 == 0)
    flags = {
        "click": click,
        "action": click & (row % 5 < 3),
        "conversion": conversion,
        "step_3": step_3,
        "step_4": step_3 & (row % 8 == 0),
    }
    times = {"delay": 0.1 + row % 7 / 4, "elapsed": 0.5 + row % 5}
    return {name: jnp.asarray(flag, jnp.int32) for name, flag in flags.items()} | {
        name: jnp.asarray(days, jnp.float32) for name, days in times.items()
    }


def draw(name, rows=ROWS, dtype=jnp.float32):
    return jnp.asarray(np.random.default_rng(0).normal(0, 2, (rows, COLUMNS[name])), dtype)


@functools.cache
def compiled(name):
    """The losses and their Jacobian, (m,) and (m, n, columns)."""

    def both(logits, batch, **options):
        def losses(logits):
            return LOSSES[name](logits, batch, **options)

        return losses(logits), jax.jacrev(losses)(logits)

    return jax.jit(both)


@pytest.mark.parametrize("name", LOSSES)
def test_finite_at_extreme_logits(name):
    batch, rng = batch_of(120), np.random.default_rng(0)
    for size in (60.0, 1000.0):
        logits = jnp.float32(rng.choice([-size, 0.0, size], (120, COLUMNS[name])))
        for found in compiled(name)(logits, batch):
            assert np.isfinite(found).all()


@pytest.mark.parametrize("name", LOSSES)
def test_where_equals_the_subset_and_silences_masked_rows(name):
    logits, batch, where = draw(name), batch_of(ROWS), jnp.arange(ROWS) < 8
    losses, rows = compiled(name)(jnp.where(where[:, None], logits, jnp.nan), batch, where=where)
    subset = {column: values[:8] for column, values in batch.items()}
    expected, expected_rows = compiled(name)(logits[:8], subset)
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    np.testing.assert_allclose(rows[:, :8], expected_rows, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(rows[:, 8:], 0)


@pytest.mark.parametrize("name", LOSSES)
def test_without_rows_losses_and_gradients_are_zero(name):
    logits, batch = draw(name), batch_of(ROWS)
    for found in compiled(name)(logits, batch, where=jnp.zeros(ROWS, bool)):
        np.testing.assert_array_equal(found, 0)


@pytest.mark.parametrize("name", LOSSES)
def test_sample_weight_counts_rows(name):
    logits, batch = draw(name), batch_of(ROWS)
    times = np.array([1, 3, 0, 2, 1, 0, 1, 2, 0, 1, 0, 1])
    repeated = {column: np.repeat(values, times) for column, values in batch.items()}
    expected, _ = compiled(name)(np.repeat(logits, times, axis=0), repeated)
    found, _ = compiled(name)(logits, batch, sample_weight=jnp.asarray(times))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_vmap_equals_one_by_one(name):
    batch, logits = batch_of(ROWS), draw(name, 3 * ROWS).reshape(3, ROWS, -1)
    found = jax.jit(jax.vmap(lambda x: LOSSES[name](x, batch)))(logits)
    expected = [compiled(name)(x, batch)[0] for x in logits]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_the_logits_decide_the_dtype(name, x64):
    wide = draw(name, dtype=jnp.float64)
    values = jax.jit(LOSSES[name])
    losses = {
        dtype: values(wide.astype(dtype), batch_of(ROWS))
        for dtype in (jnp.float64, jnp.float32, jnp.bfloat16)
    }
    assert losses[jnp.float64].dtype == jnp.float64
    assert losses[jnp.float32].dtype == losses[jnp.bfloat16].dtype == jnp.float32
    np.testing.assert_allclose(losses[jnp.float32], losses[jnp.float64], rtol=1e-5)


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "funnel_esmm"])
def test_a_conversion_without_a_click_is_refused(name):
    batch = batch_of(ROWS) | {"click": jnp.zeros(ROWS)}
    with pytest.raises(ValueError, match="must be 0 where click is 0"):
        LOSSES[name](draw(name), batch)
