import csv
import json

import jax
import numpy as np
import optax
import pytest

import moo
from benchmarks import gradients
from benchmarks.studies._build import build_study
from moo.data import Batches

pytestmark = pytest.mark.usefixtures("unoptimised")

SMALL = {"num_rows": 3000, "shares": [0.8, 0.1, 0.1], "embedding_dim": 2}


def test_the_gradients_are_those_of_the_shared_parameters_on_the_suite_s_batches():
    study = build_study("short_video", "esmm", json.dumps(SMALL))
    tx = optax.chain(moo.smg(2), optax.sgd(0.0))  # it stays where it began
    weights, ratio, cosine = gradients.trained(study, tx, 2, 2)
    assert weights.shape == (2, 2, 2)
    count = len(next(iter(study.train.values())))
    rows = Batches({"row": np.arange(count)}, study.batch_size, epochs=1, seed=1)[1]["row"]
    batch = {name: column[rows] for name, column in study.train.items()}
    params = study.begin(1)
    every = jax.jit(jax.jacobian(lambda p: study.losses(study.predict(p, batch), batch)))(params)
    shared = jax.tree.leaves(jax.tree.broadcast(study.shared(params), params))
    assert 0 < sum(shared) < len(shared)
    pairs = zip(jax.tree.leaves(every), shared, strict=True)
    kept = [np.asarray(leaf, float).reshape(2, -1) for leaf, keep in pairs if keep]
    g = np.concatenate(kept, axis=1)
    lengths = np.linalg.norm(g, axis=1)
    np.testing.assert_allclose(ratio[1, 1], lengths[1] / lengths[0], rtol=1e-4)
    np.testing.assert_allclose(cosine[1, 1], g[0] @ g[1] / lengths.prod(), atol=1e-4)


def test_the_table_has_a_row_a_method(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(gradients, "METHODS", ("mean",))
    gradients.gradients(["short_video"], 2, 1, tmp_path / "new", SMALL)
    assert capsys.readouterr().out.count("0.50 ± nan") == 2  # equal weights, in both halves
    with (tmp_path / "new" / "gradients.csv").open() as file:
        _, row = csv.reader(file)
    assert row[:3] == ["short_video", "mean", "0.50 ± nan"]
