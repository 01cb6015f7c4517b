import jax
import numpy as np
import pytest
from flax import nnx

import moo
from benchmarks.speed import sweeps

pytestmark = pytest.mark.usefixtures("unoptimised")


def model(data, seed):
    """Return the model on two of the columns."""
    rngs = nnx.Rngs(seed)
    return moo.models.ESMM(columns=data.features[:2], embedding_dim=2, hidden=(4,), rngs=rngs)


@pytest.fixture
def small(monkeypatch):
    for name, value in {"SEEDS": 2, "PREFERENCES": 3, "CHUNK": 3, "ROWS": 400, "BATCH": 64}.items():
        monkeypatch.setattr(sweeps, name, value)
    monkeypatch.setattr(sweeps, "_model", model)


def test_all_ways_train_the_same(small):
    facts = sweeps.sweeps(rounds=1)
    assert facts["largest_difference"] <= 1e-6
    assert facts["largest_difference_step_loop"] <= 1e-6
    assert (facts["lanes"], facts["steps"], facts["batch"]) == (6, 400 // 64, 64)
    together, alone = facts["together_s"], facts["one_after_another_s"]
    assert facts["ratio"] == pytest.approx(alone / together)
    assert all(np.isfinite(value) and value >= 0 for value in facts.values())


def test_every_seed_meets_every_preference(small):
    params, _, _, mapped, _ = sweeps.trainings().lanes
    leaf = np.asarray(jax.tree.leaves(params)[-1]).reshape(6, -1)
    pairs = {(row.tobytes(), *preference) for row, preference in
             zip(leaf, mapped["preference"].tolist(), strict=True)}  # fmt: skip
    assert len(pairs) == 6
    assert len({pair[0] for pair in pairs}) == 2
    np.testing.assert_allclose(mapped["preference"].sum(axis=1), 1)
