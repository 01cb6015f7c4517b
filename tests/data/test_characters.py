import numpy as np
import pytest

from moo.data import Characters, DataError

CLASSES, DRAWERS = 6, 4


def make(**changed):
    labels = np.repeat(np.arange(CLASSES, dtype=np.int32), DRAWERS)
    arrays = {
        # The first pixel holds the class, the second the person.
        "images": np.stack([labels, np.tile(np.arange(DRAWERS), CLASSES)], 1).astype(np.uint8),
        "labels": labels,
        "drawers": np.tile(np.arange(DRAWERS, dtype=np.int32), CLASSES),
    }
    arrays["images"] = arrays["images"].reshape(-1, 1, 2)
    names = tuple(f"{alphabet}/{number}" for alphabet in "ABC" for number in range(2))
    return Characters(name="few", class_names=names, **(arrays | changed))


def test_episodes():
    found = make().episodes(50, ways=3, shots=2, queries=1)
    assert found.support.shape == (50, 6, 1, 2)
    assert found.query.shape == (50, 3, 1, 2)
    assert found.support_labels.tolist() == [[0, 0, 1, 1, 2, 2]] * 50
    assert found.query_labels.tolist() == [[0, 1, 2]] * 50
    for support, query in zip(found.support[:, :, 0], found.query[:, :, 0], strict=True):
        classes, people = support.reshape(3, 2, 2).T
        np.testing.assert_array_equal(classes[0], classes[1])
        np.testing.assert_array_equal(classes[0], query[:, 0])
        assert len(set(classes[0])) == 3
        assert (people[0] != people[1]).all()
        assert (people != query[:, 1]).all()


def test_an_episode_depends_on_seed_and_number_only():
    few, many, other = (make().episodes(n, ways=3, seed=s, queries=1) for n, s in
                        ((5, 1), (9, 1), (5, 2)))  # fmt: skip
    np.testing.assert_array_equal(few.support, many.support[:5])
    assert (few.support != other.support).any()


def test_alphabets_stay_whole():
    parts = make().split_by_alphabet((0.7, 0.3), seed=0)
    alphabets = [set(part.alphabets) for part in parts]
    assert [len(found) for found in alphabets] == [2, 1]
    assert not alphabets[0] & alphabets[1]
    assert parts[1].episodes(2, ways=2, queries=3).query.shape == (2, 6, 1, 2)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"ways": 7}, "ways must be at most 6, the characters, got 7"),
        ({"ways": 2, "shots": 3, "queries": 2}, r"shots \+ queries must be at most 4, .* got 5"),
        ({"ways": 0}, "ways must be at least 1, got 0"),
    ],
)
def test_episodes_that_cannot_be_drawn(sizes, message):
    with pytest.raises(ValueError, match=message):
        make().episodes(1, **sizes)


def test_a_label_without_a_class():
    with pytest.raises(DataError, match=r"few: labels must be in \[0, 6\)"):
        make(labels=np.arange(24, dtype=np.int32))
