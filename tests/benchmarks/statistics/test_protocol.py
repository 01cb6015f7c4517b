import dataclasses
import hashlib
import json

import numpy as np
import pytest

from benchmarks.statistics import Metric, Protocol, verdicts

AUC = Metric("auc", higher_is_better=True, margin=0.001, worst=0.5)
LOSS = Metric("log_loss", higher_is_better=False, margin=0.002)
FIXED = Protocol((AUC, LOSS), seeds=(0, 1, 2), trials=5, backward_passes=4_000)


def test_json_returns_the_same_protocol():
    text = FIXED.to_json()
    assert Protocol.from_json(text) == FIXED
    assert json.loads(text)["metrics"][1]["margin"] == 0.002
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert FIXED.digest() == hashlib.sha256(text.encode()).hexdigest()


def test_any_change_changes_the_digest():
    changes = {"trials": 6, "seeds": (0, 1), "test": "wilcoxon", "metrics": (AUC,)}
    others = [dataclasses.replace(FIXED, **{key: value}) for key, value in changes.items()]
    assert len({FIXED.digest(), *(other.digest() for other in others)}) == 5


def test_verdicts_take_its_fields():
    scores = np.random.default_rng(0).uniform(0.5, 1, (2, 2, 3))
    found = verdicts(
        scores,
        margins=FIXED.margins,
        higher_is_better=FIXED.higher_is_better,
        confidence=FIXED.confidence,
        test=FIXED.test,
    )
    assert found.verdict[1] is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"metrics": ()},
        {"metrics": (AUC, AUC)},
        {"seeds": (1,)},
        {"seeds": (1, 1)},
        {"seeds": (-1, 1)},
        {"trials": 0},
        {"backward_passes": 0},
        {"baseline": ""},
        {"confidence": 1.0},
        {"confidence": float("nan")},
        {"test": "z"},
    ],
)
def test_values_out_of_range_are_refused(changes):
    with pytest.raises(ValueError, match=next(iter(changes))):
        dataclasses.replace(FIXED, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"metrics": [AUC]},
        {"metrics": ("auc",)},
        {"seeds": (0, True)},
        {"seeds": (0, 1.0)},
        {"trials": 5.0},
        {"baseline": None},
        {"confidence": "0.95"},
    ],
)
def test_wrong_types_are_refused(changes):
    with pytest.raises(TypeError, match=next(iter(changes))):
        dataclasses.replace(FIXED, **changes)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": ""}, ValueError),
        ({"margin": -1.0}, ValueError),
        ({"margin": float("inf")}, ValueError),
        ({"worst": float("nan")}, ValueError),
        ({"higher_is_better": 1}, TypeError),
        ({"margin": True}, TypeError),
    ],
)
def test_a_metric_is_checked(changes, error):
    with pytest.raises(error, match=next(iter(changes))):
        dataclasses.replace(AUC, **changes)


def change(**changes):
    return json.dumps({**json.loads(FIXED.to_json()), **changes})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "JSON object"),
        ("{}", "missing"),
        (change(budget=3), "unknown or missing: .'budget'"),
        (change(metrics=[{"name": "auc"}]), "metric: fields"),
        ("{", "Expecting"),
    ],
)
def test_json_of_another_shape_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        Protocol.from_json(text)


def test_json_lists_must_be_lists():
    with pytest.raises(TypeError, match="lists"):
        Protocol.from_json(change(seeds=3))
