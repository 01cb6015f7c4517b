from importlib import resources

import numpy as np
import pytest

from moo.data import DataError, _adult, load


@pytest.fixture(scope="module")
def people():
    return load("adult")


def test_size_and_published_rates(people):
    # UCI: 11,687 of 48,842 earn over 50k; 16,117 never married.
    assert len(people) == 48_842
    assert people["income_over_50k"].sum() == 11_687
    assert people["never_married"].sum() == 16_117


def test_official_split(people):
    train, test = load("adult", part="train"), load("adult", part="test")
    assert (len(train), len(test)) == (32_561, 16_281)
    assert (train["income_over_50k"].sum(), test["income_over_50k"].sum()) == (7_841, 3_846)
    for column in people.columns:
        joined = np.concatenate([train[column.name], test[column.name]])
        np.testing.assert_array_equal(joined, people[column.name])


def test_labels_conflict(people):
    correlation = np.corrcoef(people["income_over_50k"], people["never_married"])[0, 1]
    assert round(correlation, 2) == -0.32


def test_no_feature_gives_a_label_away(people):
    features = {column.name for column in people.features}
    assert not features & {"marital_status", "relationship", "income", "fnlwgt"}
    assert len(features) == 11
    assert [c.name for c in people.columns if c.kind == "weight"] == ["fnlwgt"]


def test_missing_values_are_counted_and_kept(people):
    assert dict(people.report) == {
        "workclass missing, a category of its own": 2_799,
        "occupation missing, a category of its own": 2_809,
        "native_country missing, a category of its own": 857,
    }


def test_every_code_occurs(people):
    for column in people.features:
        if column.kind == "categorical":
            assert len(np.unique(people[column.name])) == column.vocabulary


def test_first_row_is_that_of_the_official_file(people):
    # adult.data starts: 39, State-gov, 77516, Bachelors, 13, Never-married, ..., 2174, 0, 40, ...
    assert (people["age"][0], people["fnlwgt"][0], people["education_num"][0]) == (39, 77_516, 13)
    assert people["capital_gain"][0] == np.float32(np.log1p(2_174))
    assert (people["never_married"][0], people["income_over_50k"][0]) == (1, 0)


def test_unknown_part():
    with pytest.raises(ValueError, match="part must be one of"):
        load("adult", part="valid")


def test_a_changed_file_is_refused(monkeypatch):
    monkeypatch.setattr(_adult, "_SHA256", "0" * 64)
    with pytest.raises(DataError, match=r"adult\.npz: sha256 .*, expected 0000"):
        load("adult")


def test_file_is_small_and_attributed():
    files = resources.files("moo.data") / "_files"
    assert len((files / "adult.npz").read_bytes()) < 1_000_000
    text = (files / "adult.txt").read_text(encoding="utf-8")
    assert "CC BY 4.0" in text
    assert "10.24432/C5XW20" in text
