import numpy as np
import pytest
from scipy.special import logit

from benchmarks.studies._metrics import by_funnel, by_label, by_selection, measured
from moo.data import Column, Dataset

LABELS = (Column("rich", "label", space="impression"), Column("tall", "label", space="impression"))
FUNNEL = (Column("click", "label", space="impression"), Column("buy", "label", space="click"))


def dataset(columns, *arrays):
    columns = (Column("x", "numeric"), *columns)
    arrays = [np.asarray(array, np.float32) for array in (np.zeros(len(arrays[0])), *arrays)]
    names = [column.name for column in columns]
    return Dataset("d", columns, dict(zip(names, arrays, strict=True)))


def logits(*probabilities):
    return logit(np.array(probabilities)).T


def test_labels_are_scored_on_all_rows():
    data = dataset(LABELS, [1, 0, 0, 1], [0, 0, 1, 1])
    part = measured(data, ["x", "rich"], by_label)
    found = part.measure(logits([0.8, 0.4, 0.2, 0.6], [0.5] * 4))
    assert part.arrays.keys() == {"x", "rich"}
    assert part.names == tuple(found)
    assert found["rich_auc"] == found["task_1_auc"] == 1.0
    assert found["tall_auc"] == found["task_2_auc"] == 0.5
    expected = -np.log([0.8, 0.6, 0.8, 0.6]).mean()
    np.testing.assert_allclose(found["task_1_log_loss"], expected, rtol=1e-6)
    np.testing.assert_allclose(found["task_2_log_loss"], np.log(2), rtol=1e-6)
    np.testing.assert_allclose(found["rich_pcoc"], 1.0, rtol=1e-6)
    np.testing.assert_allclose(found["task_1_miscalibration"], 0.0, atol=1e-6)


def test_a_funnel_is_scored_on_its_entire_space():
    data = dataset(FUNNEL, [1, 1, 0, 0], [1, 0, 0, 0])
    found = measured(data, [], by_funnel).measure(logits([0.5] * 4, [0.8, 0.4, 0.9, 0.5]))
    assert found["cvr_auc_clicks"] == 1.0
    # The product .4 of the conversion is above .2 and .25, and below .45.
    np.testing.assert_allclose(found["task_2_auc"], 2 / 3)
    assert found["task_2_auc"] == found["ctcvr_auc_impressions"]
    np.testing.assert_allclose(found["task_2_miscalibration"], 1.3 - 1, rtol=1e-6)


def test_a_choice_is_scored_where_people_chose_and_the_rest_where_chance_did():
    columns = (*FUNNEL, Column("at_random", "truth"))
    data = dataset(columns, [1, 0, 1, 1], [1, 0, 1, 0], [0, 0, 1, 1])
    found = measured(data, [], by_selection).measure(
        logits([0.6, 0.4, 0.1, 0.1], [0.2, 0.2, 0.3, 0.6])
    )
    assert (found["task_1_auc"], found["task_2_auc"]) == (1.0, 0.0)
    np.testing.assert_allclose(found["cvr_pcoc_impressions"], 0.9, rtol=1e-6)
    without = measured(dataset(FUNNEL, [1, 1, 0], [1, 0, 0]), [], by_selection)
    biased = without.measure(logits([0.5] * 3, [0.8, 0.4, 0.5]))
    assert biased["task_2_auc"] == biased["cvr_auc_clicks"] == 1.0


@pytest.mark.parametrize("score", [by_label, by_funnel])
def test_what_cannot_be_measured_is_nan_under_the_same_names(score):
    part = measured(dataset(FUNNEL, [1, 1], [1, 0]), [], score)
    found = part.measure(np.zeros((2, 2)))
    assert np.isnan(found["task_1_auc"])  # clicks only
    broken = part.measure(np.array([[0.0, np.nan], [0.0, 0.0]]))
    assert tuple(broken) == part.names
    assert np.isnan(list(broken.values())).all()
