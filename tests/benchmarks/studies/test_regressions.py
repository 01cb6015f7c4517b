import numpy as np
import pytest

from benchmarks.studies import RECORDS
from benchmarks.studies._masked import Rows
from benchmarks.studies._regressions import scored, target_study, task_study
from moo.data import MultiTarget, TaskSet


@pytest.fixture(scope="module")
def tasks():
    draw = np.random.default_rng(0)
    lengths = np.array([40, 20, 30], np.int32)
    inside = np.arange(40) < lengths[:, None]
    features = np.where(inside[..., None], draw.normal(3, 2, (3, 40, 4)), 0)
    # A task's targets tell it: 100, 200 and 300 and more.
    targets = np.where(inside, draw.random((3, 40)) + 100 * np.arange(1, 4)[:, None], 0)
    return TaskSet(name="made up", features=features.astype(np.float32),
                   targets=targets.astype(np.float32), lengths=lengths)  # fmt: skip


def test_a_row_has_a_label_of_its_own_task_only(tasks):
    study = task_study(tasks, batch_size=16)
    assert study.objective_names == ("task_0", "task_1", "task_2")
    for part, counts in [(study.train, [24, 12, 18]), (study.validation.arrays, [6, 3, 4]),
                         (study.test.arrays, [10, 5, 8])]:  # fmt: skip
        assert part["mask"].sum(axis=1).tolist() == [1] * sum(counts)
        np.testing.assert_allclose(part["mask"].sum(axis=0), counts, atol=1)
    assert (study.train["labels"] != 0).sum() == (study.train["mask"]).sum()
    np.testing.assert_allclose(study.train["features"].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(study.train["features"].std(axis=0), 1, rtol=1e-5)


def test_the_training_means_have_a_relative_error_of_one(tasks):
    study = task_study(tasks, batch_size=16)
    found = study.test.measure(np.zeros((len(study.test.arrays["mask"]), 3)))
    assert found["mean_relative_rmse"] == pytest.approx(1.0)
    assert found["mean_explained_variance"] <= 0
    # Which task a row belongs to explains nearly all.
    assert found["explained_variance"] > 0.99
    assert found["rmse"] < 1


def test_another_split_has_other_rows(tasks):
    one, other = (task_study(tasks, batch_size=16, split=split) for split in (0, 1))
    assert not np.array_equal(one.train["labels"], other.train["labels"])
    again = task_study(tasks, batch_size=16, split=1)
    np.testing.assert_array_equal(other.train["labels"], again.train["labels"])


def test_metrics_by_hand():
    labels = np.array([[1.0, 5.0, 2.0], [3.0, 0.0, 2.0], [0.0, 7.0, 0.0]], np.float32)
    mask = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 0]], bool)
    predicted = np.array([[1.0, 5.0, 3.0], [2.0, 9.0, 2.0], [9.0, 9.0, 9.0]])
    score = scored(("a", "b", "c"), np.array([0.0, 6.0, 2.0]), True, Rows(labels, labels, mask))
    found = score(predicted)
    # Squares: 0 + 1, 0 + 4, 1 + 0. About their means: 1 + 1, 1 + 1, none.
    assert found["a_rmse"] == pytest.approx(np.sqrt(1 / 2))
    assert found["b_rmse"] == pytest.approx(np.sqrt(2))
    assert found["a_explained_variance"] == pytest.approx(1 - 1 / 2)
    assert found["b_explained_variance"] == pytest.approx(1 - 4 / 2)
    assert np.isnan(found["c_explained_variance"])
    assert found["mean_explained_variance"] == pytest.approx((1 / 2 - 1) / 2)
    # About the baselines: 1 + 9 and 1 + 1; the third one does not err.
    expected = (np.sqrt(1 / 10) + np.sqrt(4 / 2)) / 2
    assert found["mean_relative_rmse"] == pytest.approx(expected)
    # Together: 1, 5, 2, 3, 2, 7 about 20 / 6.
    together = ((np.array([1, 5, 2, 3, 2, 7]) - 20 / 6) ** 2).sum()
    assert found["rmse"] == pytest.approx(np.sqrt(6 / 6))
    assert found["explained_variance"] == pytest.approx(1 - 6 / together)


def test_targets_are_scored_in_their_own_units():
    draw = np.random.default_rng(1)
    features = draw.normal(size=(40, 3)).astype(np.float32)
    data = MultiTarget(
        name="made up", features=features, missing=np.zeros((40, 3), bool),
        targets=np.stack([1000 + 50 * features[:, 0], features[:, 0]], axis=1),
        feature_names=("a", "b", "c"), target_names=("large", "small"),
    )  # fmt: skip
    study = target_study(data, batch_size=64)
    assert study.batch_size == len(study.train["labels"]) == 24
    assert study.objective_names == ("large", "small")
    found = study.test.measure(np.zeros((10, 2)))
    assert found["large_rmse"] == pytest.approx(50 * found["small_rmse"], rel=1e-4)
    assert "rmse" not in found
    truth = study.test.arrays["labels"]
    assert study.test.measure(truth)["mean_explained_variance"] == pytest.approx(1.0)


def test_the_real_ones(data_root):
    assert len(RECORDS["school"].study("shared_trunk").objective_names) == 139
    study = RECORDS["wq"].study("shared_trunk")
    assert len(study.objective_names) == 14
    zeros = np.zeros(study.test.arrays["labels"].shape)
    assert study.test.measure(zeros)["mean_relative_rmse"] == pytest.approx(1.0)
