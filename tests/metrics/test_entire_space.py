"""Each key holds its metric on its space."""

import warnings

import numpy as np
import pytest

from moo.metrics import UndefinedMetricWarning, auc, entire_space, grouped_auc, log_loss, pcoc


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    p, q = rng.uniform(0.2, 0.8, (2, 400))
    click, potential = (rng.random((2, 400)) < [p, q]).astype(np.float32)
    return {
        "p_ctr": p,
        "p_cvr": q,
        "click": click,
        "conversion": click * potential,
        "potential_conversion": potential,
        "true_cvr": q**2,
        "groups": rng.integers(0, 20, 400),
    }


def test_every_key_is_the_metric_on_its_space(rows):
    found = entire_space(**rows)
    p, q, y, z, c = (rows[name] for name in list(rows)[:5])
    everywhere, clicked = np.ones(400, bool), y == 1
    cases = {
        ("ctr", "impressions"): (y, p, everywhere),
        ("cvr", "clicks"): (z, q, clicked),
        ("cvr", "impressions"): (c, q, everywhere),
        ("cvr", "unclicked"): (c, q, ~clicked),
        ("ctcvr", "impressions"): (z, p * q, everywhere),
    }
    expected = {}
    for (task, space), (labels, scores, mine) in cases.items():
        for metric in (auc, log_loss, pcoc):
            expected[f"{task}_{metric.__name__}_{space}"] = metric(labels[mine], scores[mine])
        gauc = grouped_auc(labels[mine], scores[mine], rows["groups"][mine])
        expected[f"{task}_gauc_{space}"] = gauc
    error = q - q**2
    for space, mine in {
        "impressions": everywhere,
        "clicks": clicked,
        "unclicked": ~clicked,
    }.items():
        expected[f"cvr_bias_{space}"] = error[mine].mean()
    assert found == pytest.approx(expected, rel=1e-12)


def test_what_is_not_known_is_not_reported(rows):
    observed = {name: rows[name] for name in ("p_ctr", "p_cvr", "click", "conversion")}
    pairs = {"ctr": "impressions", "cvr": "clicks", "ctcvr": "impressions"}
    metrics = ("auc", "log_loss", "pcoc")
    expected = {f"{task}_{metric}_{space}" for task, space in pairs.items() for metric in metrics}
    assert set(entire_space(**observed)) == expected


def test_saturated_float32_predictions_cost_their_resolution():
    p = np.array([1.0, 0.5, 0.5], np.float32)
    found = entire_space(p, p, [0, 1, 1], [0, 1, 0])
    expected = -(np.log(np.finfo(np.float32).eps) + 2 * np.log(0.5)) / 3
    assert found["ctr_log_loss_impressions"] == pytest.approx(expected)


def test_metrics_without_a_value_are_listed_in_one_warning():
    with pytest.warns(UndefinedMetricWarning, match="NaN for cvr_auc_clicks, cvr_pcoc") as caught:
        found = entire_space([0.1, 0.2], [0.3, 0.4], [0, 1], [0, 0], groups=[1, 1])
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert found["ctr_auc_impressions"] == found["ctr_gauc_impressions"] == 1.0
    assert sum(np.isnan(value) for value in found.values()) == 6


def test_a_space_without_rows_has_no_keys():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        found = entire_space([0.1, 0.2], [0.3, 0.4], [0, 0], [0, 0])
    assert not any(name.endswith("clicks") for name in found)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"conversion": [1, 1]}, "conversion: row 0 has a conversion and no click"),
        ({"click": [0, 2]}, r"click: must be 0 or 1, got 2\.0 in row 1"),
        ({"p_ctr": [0.5, 1.5]}, r"p_ctr: must be in \[0, 1\], got 1\.5 in row 1"),
        ({"p_cvr": [0.5]}, r"p_cvr: must have as many rows as the labels \(2\), got 1"),
        ({"potential_conversion": [1]}, "potential_conversion: must have as many rows"),
        ({"true_cvr": [0.5, -1]}, r"true_cvr: must be in \[0, 1\]"),
        ({"groups": [1]}, r"groups: must have shape \(2,\), got \(1,\)"),
    ],
)
def test_bad_input_is_named(changes, message):
    valid = {"p_ctr": [0.1, 0.2], "p_cvr": [0.3, 0.4], "click": [0, 1], "conversion": [0, 1]}
    with pytest.raises(ValueError, match=message):
        entire_space(**(valid | changes))
