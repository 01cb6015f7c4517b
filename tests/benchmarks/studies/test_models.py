import numpy as np
import pytest

import moo
from benchmarks.studies import MODELS
from benchmarks.studies._models import label_losses
from moo.data import Column

pytestmark = pytest.mark.usefixtures("unoptimised")

CLICK = Column("click", "label", space="impression")
BUY = Column("buy", "label", space="click")
# A third tower: of imputed errors, or of conversions without a click.
IMPUTING = {"escm2_dr", "multi_dr", "dr_jl", "mrdr", "dcmt"}
ARRAYS = {"click": np.array([1, 1, 0], np.float32), "buy": np.array([1, 0, 0], np.float32)}


def test_a_label_counts_where_it_is_observed():
    logits = np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 1e9]], np.float32)
    first, second = label_losses((CLICK, BUY))(logits, ARRAYS)
    np.testing.assert_allclose(first, np.log(2), rtol=1e-6)
    expected = (np.log1p(np.exp(-1.0)) + np.log1p(np.exp(2.0))) / 2
    np.testing.assert_allclose(second, expected, rtol=1e-6)


def test_every_conflict_mode_has_its_model_and_the_same_loss():
    modes = {f"esmm_{mode}" for mode in moo.models.CONFLICT_MODES if mode != "none"}
    assert modes < MODELS.keys()
    logits = np.array([[0.3, 1.0], [-1.0, 2.0], [0.5, 0.1]], np.float32)
    plain = MODELS["esmm"].losses((CLICK, BUY))(logits, ARRAYS)
    for mode in modes:
        assert MODELS[mode].funnel
        losses = MODELS[mode].losses((CLICK, BUY))(logits, ARRAYS)
        np.testing.assert_allclose(losses, plain, rtol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_each_loss_has_its_name(name):
    names = MODELS[name].name_objectives((CLICK, BUY))
    outputs = 3 if MODELS[name].network in IMPUTING else 2
    losses = MODELS[name].losses((CLICK, BUY))(np.zeros((3, outputs), np.float32), ARRAYS)
    assert len(set(names)) == len(losses) == len(MODELS[name].objectives)
