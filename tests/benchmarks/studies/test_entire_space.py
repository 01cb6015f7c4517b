from collections import Counter

import jax
import numpy as np
import pytest

from benchmarks.runner import cells, load_suite
from benchmarks.runner._suite import Scale
from benchmarks.studies import DATA_SETS, MODELS, build_study
from benchmarks.studies._metrics import by_funnel, by_selection
from moo.data import PRESETS, simulate

pytestmark = pytest.mark.usefixtures("unoptimised")

SUITE = load_suite("entire_space")
SMALL = '{"batch_size":32,"num_rows":400,"shares":[0.5,0.25,0.25],"embedding_dim":2}'


@pytest.mark.parametrize("scale", ["small", "full"])
def test_every_entrant_meets_every_data_set_as_often(scale):
    found = cells(SUITE, scale)
    size = SUITE.scales[scale]
    names = set(SUITE.problems) - set(size.without)
    assert names >= PRESETS.keys()
    assert names <= DATA_SETS.keys()
    assert set(size.models) <= MODELS.keys()
    counts = Counter((cell.model, cell.method, cell.problem) for cell in found)
    entrants = {(model, "mean") for model in size.models} | {
        (model, method) for model, methods in size.also.items() for method in methods
    }
    assert counts.keys() == {(*entrant, name) for entrant in entrants for name in names}
    assert len(set(counts.values())) == 1
    assert size.seeds >= 10
    assert len({cell.steps for cell in found}) == 1


def test_asking_for_methods_asks_for_no_others():
    found = cells(SUITE, "small", ["mgda"])
    assert {cell.method for cell in found} == {"mgda"}


def test_methods_beside_are_of_models_that_run():
    with pytest.raises(ValueError, match=r"also: \['mmoe'\] are none of the models \['esmm'\]"):
        Scale(problems=["coat"], methods=["mean"], models=["esmm"], also={"mmoe": ["mgda"]},
              seeds=1, starts=1, every=1, lanes=1, steps=1)  # fmt: skip


def test_tasks_are_scored_against_their_true_rates():
    feed = simulate("deep_funnel", num_rows=3_000, seed=0)
    truth = np.stack([feed["true_ctr"], feed["true_cvr"]], axis=-1).astype(np.float64)
    measured = by_funnel(feed).named
    best, worse = measured(_logit(truth)), measured(_logit(0.5 * truth + 0.2))
    for task in ("ctr", "cvr", "ctcvr"):
        assert best[f"{task}_pcoc"] == pytest.approx(1, abs=1e-6)
        assert best[f"{task}_log_loss"] < worse[f"{task}_log_loss"]
        labels = best[f"{task}_auc_impressions"]
        assert best[f"{task}_auc"] == pytest.approx(labels, abs=0.05)  # labels of 3,000 rows


def test_the_step_of_any_funnel_model_is_chosen_by_the_same_likelihoods():
    told = {model.chosen_by for model in MODELS.values() if model.funnel}
    assert told == {("ctr_log_loss_impressions", "ctcvr_log_loss_impressions")}
    feed = simulate("deep_funnel", num_rows=300, seed=0)
    for score in (by_funnel, by_selection):
        assert set(*told) <= score(feed).named(np.linspace(-1.0, 1.0, 600).reshape(300, 2)).keys()


@pytest.mark.parametrize("model", ["esmm_anchored_unbiased_mask", "escm2_dr", "dcmt"])
def test_a_study_has_as_many_objectives_as_losses(model):
    study = build_study("short_video", model, SMALL)
    params = study.begin(0)
    rows = {name: column[:32] for name, column in study.train.items()}
    predict = jax.jit(study.predict)
    losses = jax.jit(study.losses)(predict(params, rows), rows)
    assert losses.shape == (len(study.objective_names),)
    assert np.isfinite(losses).all()
    tested = study.test.measure(np.asarray(predict(params, dict(study.test.arrays))))
    assert {"ctr_auc", "cvr_auc", "ctcvr_auc", "ctcvr_log_loss"} <= tested.keys()


def _logit(rates):
    return np.log(rates) - np.log1p(-rates)
