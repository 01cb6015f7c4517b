"""One accumulator a row: the recurrence by hand, and Adagrad where a row has one entry."""

import jax.numpy as jnp
import numpy as np
import optax
import pytest

from moo.sparse import rowwise_adagrad


def test_it_follows_the_recurrence():
    draw = np.random.default_rng(0)
    table, sums = np.zeros((4, 3)), np.full(4, 0.1)
    tx = rowwise_adagrad(0.5, initial_accumulator_value=0.1, eps=1e-3)
    params = {"t": jnp.zeros((4, 3))}
    state = tx.init(params)
    for _ in range(5):
        g = draw.normal(size=(4, 3)) * (draw.random(4) < 0.6)[:, None]
        sums += (g**2).mean(axis=1)
        table -= 0.5 * g / (np.sqrt(sums) + 1e-3)[:, None]
        updates, state = tx.update({"t": jnp.asarray(g, jnp.float32)}, state)
        params = optax.apply_updates(params, updates)
    np.testing.assert_allclose(params["t"], table, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(state[0].sums["t"], sums, rtol=1e-5)


def test_rows_of_one_entry_are_adagrad_itself():
    g, column = jnp.array([3.0, 0.0, -0.5]), jnp.array([[3.0], [0.0], [-0.5]])
    tx, dense = rowwise_adagrad(1.0), optax.adagrad(1.0, 0.0, eps=1e-12)
    vector, _ = tx.update(g, tx.init(g))
    matrix, _ = tx.update(column, tx.init(column))
    np.testing.assert_allclose(vector, dense.update(g, dense.init(g))[0], rtol=1e-6)
    np.testing.assert_array_equal(matrix[:, 0], vector)


def test_it_holds_one_number_a_row_in_at_least_float32():
    params = {"t": jnp.zeros((5, 2, 3), jnp.bfloat16), "s": jnp.zeros(())}
    tx = rowwise_adagrad(1.0)
    updates, state = tx.update(params, tx.init(params))
    assert state[0].sums["t"].shape == (5,)
    assert state[0].sums["s"].shape == ()
    assert state[0].sums["t"].dtype == jnp.float32
    assert updates["t"].dtype == jnp.bfloat16
    assert not updates["t"].any()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"learning_rate": -1.0}, ValueError, "learning_rate must be finite and at least 0"),
        ({"learning_rate": "a"}, TypeError, "learning_rate must be a number, got str 'a'"),
        ({"learning_rate": float("nan")}, ValueError, "learning_rate must be finite"),
        ({"eps": 0.0}, ValueError, "eps must be finite and above 0"),
        ({"initial_accumulator_value": -1}, ValueError, "must be finite and at least 0"),
        ({"eps": "x"}, TypeError, "eps must be a number"),
    ],
)
def test_wrong_hyperparameters_are_named(options, error, message):
    with pytest.raises(error, match=message):
        rowwise_adagrad(**{"learning_rate": 0.1} | options)


def test_a_schedule_counts_steps():
    tx = rowwise_adagrad(lambda step: 0.5**step, eps=1e-12)
    ones = jnp.ones((2, 3))
    first, state = tx.update(ones, tx.init(ones))
    second, _ = tx.update(ones, state)
    np.testing.assert_allclose(first, -ones, rtol=1e-6)
    np.testing.assert_allclose(second, -0.5 * ones / 2**0.5, rtol=1e-6)
