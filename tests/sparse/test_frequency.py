"""Rows scaled and withheld by how often they are read, against counts in NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo.sparse import lazy, scale_by_counts, skip_rare
from tests.sparse.dense import TABLES, batches, objectives, parameters, train


def steps(rule, given):
    tx = moo.optimizer("mean", lazy(rule), num_objectives=2)
    return train(moo.sparse.make_step(objectives, tx, tables=TABLES), tx, given)


@pytest.mark.parametrize("power", [-1.0, 0.5])
def test_a_row_moves_by_a_power_of_its_count(power):
    given = [batches(1)[0] | {"user": jnp.array([4, 4, 4, 9, 0, 9])}]
    plain, _, _ = steps(optax.sgd(0.1), given)
    scaled, _, _ = steps(optax.chain(scale_by_counts(power), optax.sgd(0.1)), given)
    start = parameters()
    counts = np.bincount(given[0]["user"], minlength=37)[:, None]
    factor = np.where(counts > 0, np.maximum(counts, 1.0) ** power, 1)
    change = (plain["emb"]["user"] - start["emb"]["user"]) * factor
    np.testing.assert_allclose(scaled["emb"]["user"] - start["emb"]["user"], change, atol=1e-6)
    np.testing.assert_array_equal(scaled["kernel"], plain["kernel"])


def test_a_row_waits_for_its_count():
    given = [batches(1)[0] | {"user": jnp.array(ids)} for ids in ([1, 1, 2, 3, 3, 3], [2] * 6)]
    tx = optax.chain(optax.adam(0.1), skip_rare(3))
    once, state, _ = steps(tx, given[:1])
    twice, later, _ = steps(tx, given)
    start = np.asarray(parameters()["emb"]["user"])
    moved = [np.flatnonzero((p["emb"]["user"] != start).any(axis=1)) for p in (once, twice)]
    assert [list(rows) for rows in moved] == [[3], [2, 3]]
    seen = [s[1].inner[1].seen["emb"]["user"] for s in (state, later)]
    assert seen[0][:5].tolist() == [0, 2, 1, 3, 0]
    assert seen[1][:5].tolist() == [0, 2, 7, 3, 0]
    mu = state[1].inner[0][0].mu["emb"]["user"]
    assert np.any(mu[1])  # the moments learn while the row waits
    assert np.any(once["kernel"] != parameters()["kernel"])


def test_they_ask_for_rows_and_refuse_wrong_numbers():
    params = parameters()
    for tx in (scale_by_counts(), skip_rare(2)):
        with pytest.raises(ValueError, match=r"rows is missing: put this into moo\.sparse\.lazy"):
            tx.update(jax.tree.map(jnp.ones_like, params), tx.init(params))
    with pytest.raises(ValueError, match="min_count must be at least 1, got 0"):
        skip_rare(0)
    with pytest.raises(ValueError, match="power must be finite"):
        scale_by_counts(float("inf"))
    with pytest.raises(TypeError, match="min_count must be an int"):
        skip_rare(2.0)
