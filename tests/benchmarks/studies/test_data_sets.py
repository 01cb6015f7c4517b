import numpy as np
import pytest

from benchmarks.studies import DATA_SETS, missing
from benchmarks.studies._data_sets import load_parts


def test_a_simulated_log_is_split_in_time_and_scaled_by_its_training_rows():
    training, validation, test = load_parts("shop", num_rows=1_000)
    assert sum(map(len, (training, validation, test))) == 1_000
    assert training["time"].max() < validation["time"].min()
    assert validation["time"].max() < test["time"].min()
    np.testing.assert_allclose(training["price"].mean(), 0.0, atol=1e-6)
    np.testing.assert_allclose(training["price"].std(), 1.0, rtol=1e-5)


def test_adult_is_tested_on_the_official_rows():
    training, validation, test = load_parts("adult")
    assert len(test) == 16_281
    assert len(training) + len(validation) == 32_561


def test_a_census_of_workers_is_a_funnel_that_hides_what_its_first_step_is_made_of():
    people, workers = (load_parts(name)[2] for name in ("adult", "adult_workers"))
    works, earns = (workers[label.name] for label in workers.labels)
    assert [label.space for label in workers.labels] == ["impression", "works"]
    assert "hours_per_week" not in workers.arrays
    ranks = np.unique(people["hours_per_week"])  # scaled, in the order of the hours 1, 2, ...
    assert works.sum() == (people["hours_per_week"] >= ranks[39]).sum()
    np.testing.assert_array_equal(earns, works * people["income_over_50k"])


def test_data_without_its_folder_is_missing(monkeypatch, tmp_path):
    monkeypatch.delenv("MOO_DATA_ROOT", raising=False)
    assert missing("adult") is missing("short_video") is None
    assert missing("coat").startswith("MOO_DATA_ROOT is not set; the data is from https://")
    monkeypatch.setenv("MOO_DATA_ROOT", str(tmp_path))
    assert "has no folder coat" in missing("coat")
    (tmp_path / "coat").mkdir()
    assert missing("coat") is None


def test_only_labels_of_one_space_are_no_funnel():
    assert {name for name, found in DATA_SETS.items() if not found.funnel} == {
        "adult", "census_income",
    }  # fmt: skip


@pytest.mark.conformance
@pytest.mark.parametrize("name", [name for name, found in DATA_SETS.items() if found.folder])
def test_real_data_is_split(name, data_root):
    if missing(name):
        pytest.skip(f"{data_root} has no folder {DATA_SETS[name].folder}")
    parts = load_parts(name)
    assert all(len(part) > 3_000 for part in parts)
    for part in parts[:2]:
        first, second = (part[label.name] for label in part.labels)
        assert 0 < second.mean() < 1
        if DATA_SETS[name].funnel:
            assert (second <= first).all()


@pytest.mark.conformance
def test_coat_is_tested_where_chance_chose(data_root):
    if missing("coat"):
        pytest.skip(f"{data_root} has no folder coat")
    *_, test = load_parts("coat")
    drawn = test["at_random"] == 1
    assert drawn.sum() == 4_640
    assert (test["rated"][drawn] == 1).all()
    assert 0 < test["rated"][~drawn].mean() < 0.5
