import numpy as np
import pytest

from moo.data import Column, DataError, Dataset, simulate


@pytest.fixture(scope="module")
def feed():
    return simulate("short_video", num_rows=500, seed=0, num_users=30)


def test_features_and_labels(feed):
    assert [c.name for c in feed.features] == [
        "user", "item", "category", "tags", "context", "price",
    ]  # fmt: skip
    assert [(c.name, c.space) for c in feed.labels] == [
        ("click", "impression"),
        ("conversion", "click"),
    ]


def test_arrays_cannot_be_changed(feed):
    with pytest.raises(ValueError, match="read-only"):
        feed["click"][0] = 1


def test_the_caller_keeps_a_writable_array():
    ages = np.zeros(3, np.float32)
    Dataset("demo", (Column("age", "numeric"),), {"age": ages})
    ages[0] = 1
    assert ages[0] == 1


def test_unknown_names_say_what_is_near(feed):
    with pytest.raises(ValueError, match="unknown column 'clik'; did you mean click"):
        feed["clik"]
    with pytest.raises(ValueError, match="unknown label 'conversions'; did you mean conversion"):
        feed.observed("conversions")


def test_observed_rows(feed):
    assert feed.observed("click").all()
    np.testing.assert_array_equal(feed.observed("conversion"), feed["click"] == 1)


def test_observed_follows_the_chain():
    columns = tuple(
        Column(name, "label", space=space)
        for name, space in [("a", "impression"), ("b", "a"), ("c", "b")]
    )
    labels = {"a": [1, 1, 1, 0], "b": [1, 1, 0, 0], "c": [1, 0, 0, 0]}
    arrays = {name: np.array(values, np.float32) for name, values in labels.items()}
    assert Dataset("funnel", columns, arrays).observed("c").tolist() == [True, True, False, False]


@pytest.mark.parametrize("index", [slice(2, 5), [2, 3, 4], np.arange(500) // 3 == 0])
def test_take(feed, index):
    part = feed.take(index)
    np.testing.assert_array_equal(part["user"], feed["user"][index])
    assert part.columns == feed.columns
    assert part.source == feed.source


def test_batches_hold_features_and_labels_only(feed):
    batch = feed.batches(32)[0]
    assert list(batch) == [c.name for c in (*feed.features, *feed.labels)]
    assert batch["tags"].shape == (32, 5)


def test_batches_of_chosen_columns(feed):
    batches = feed.batches(200, shuffle=False, drop_last=False, columns=["true_cvr", "time"])
    joined = {name: np.concatenate([b[name] for b in batches]) for name in batches[0]}
    assert len(batches) == 3
    np.testing.assert_array_equal(joined["true_cvr"], feed["true_cvr"])
    np.testing.assert_array_equal(joined["time"], feed["time"])


def test_split_by_time_leaks_nothing(feed):
    parts = feed.split_by_time((0.6, 0.2, 0.2))
    assert sum(map(len, parts)) == len(feed)
    assert parts[0]["time"].max() < parts[1]["time"].min()
    assert parts[1]["time"].max() < parts[2]["time"].min()


def test_split_by_user_shares_no_user(feed):
    train, test = feed.split_by_user((0.5, 0.5), seed=3)
    assert len(train) + len(test) == len(feed)
    assert not set(train["user"]) & set(test["user"])


def test_split_at_random_is_a_partition(feed):
    parts = feed.split_at_random((0.5, 0.3, 0.2), seed=1)
    times = np.concatenate([part["time"] for part in parts])
    assert [len(part) for part in parts] == [250, 150, 100]
    np.testing.assert_array_equal(np.sort(times), feed["time"])


def test_splits_need_their_column():
    plain = Dataset("demo", (Column("age", "numeric"),), {"age": np.zeros(4, np.float32)})
    with pytest.raises(DataError, match="needs one time column, found"):
        plain.split_by_time((0.5, 0.5))
    with pytest.raises(DataError, match="needs one column of role 'user'"):
        plain.split_by_user((0.5, 0.5))


def test_standardize_uses_the_training_part_alone():
    columns = (Column("x", "numeric"), Column("fixed", "numeric"))
    arrays = {
        "x": np.array([1, 3, 10], np.float32),
        "fixed": np.array([2, 2, 5], np.float32),
    }
    full = Dataset("demo", columns, arrays)
    scaled = full.standardize(full.take(slice(0, 2)))
    # The training part is {1, 3}: mean 2, standard deviation 1.
    np.testing.assert_array_equal(scaled["x"], np.array([-1, 1, 8], np.float32))
    np.testing.assert_array_equal(scaled["fixed"], np.array([0, 0, 3], np.float32))


def test_standardize_leaves_a_constant_column_in_its_unit():
    column = Column("x", "numeric")
    full = Dataset("demo", (column,), {"x": np.array([0.1] * 7 + [1.1], np.float32)})
    scaled = full.standardize(full.take(slice(0, 7)))
    np.testing.assert_allclose(scaled["x"], [0] * 7 + [1], atol=1e-6)


def test_repr_and_head_are_short(feed):
    assert repr(feed).startswith("Dataset('short_video': 500 rows, 6 features; click ")
    assert "\n" not in repr(feed)
    lines = feed.head(3).splitlines()
    assert len(lines) == 1 + len(feed.columns)
    assert max(map(len, lines)) <= 100
    first = " ".join(map(str, feed["user"][:3]))
    assert lines[1].split() == ["user", "categorical", "30", *first.split()]


def test_repr_of_a_label_that_is_never_observed():
    columns = (Column("a", "label", space="impression"), Column("b", "label", space="a"))
    arrays = {name: np.zeros(2, np.float32) for name in "ab"}
    assert repr(Dataset("none", columns, arrays)).endswith("a 0.0 % of rows; b none of as)")
