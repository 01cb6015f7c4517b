import json

import jax
import numpy as np
import optax

import moo
from benchmarks import gradients
from benchmarks.studies._build import build_study

SMALL = {"num_rows": 3000, "shares": [0.8, 0.1, 0.1], "embedding_dim": 2}


def test_the_gradients_at_the_start_are_those_of_the_two_losses():
    study = build_study("short_video", "esmm", json.dumps(SMALL))
    tx = optax.chain(moo.smg(2), optax.sgd(0.0))
    weights, ratio, cosine = gradients.trained(study, tx, 1, 2)
    assert weights.shape == (2, 1, 2)
    count = len(next(iter(study.train.values())))
    rows = np.random.default_rng(1).integers(0, count, (1, study.batch_size))[0]
    batch = {name: column[rows] for name, column in study.train.items()}
    params = study.begin(1)
    whole = moo.jacobian(lambda p: study.losses(study.predict(p, batch), batch), params)
    leaves = [np.asarray(leaf, float).reshape(2, -1) for leaf in jax.tree.leaves(whole.rows())]
    g = np.concatenate(leaves, axis=1)
    lengths = np.linalg.norm(g, axis=1)
    np.testing.assert_allclose(ratio[1, 0], lengths[1] / lengths[0], rtol=1e-4)
    np.testing.assert_allclose(cosine[1, 0], g[0] @ g[1] / lengths.prod(), atol=1e-4)


def test_the_table_has_a_row_a_method(capsys, monkeypatch):
    monkeypatch.setattr(gradients, "METHODS", ("mean",))
    gradients.gradients(["short_video"], 2, 1, SMALL)
    said = capsys.readouterr().out
    assert said.count("0.50 ± nan") == 2  # equal weights, in both halves
