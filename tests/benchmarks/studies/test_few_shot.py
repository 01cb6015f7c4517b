import numpy as np
import pytest

from benchmarks.studies._few_shot import (
    MOST_SHOTS,
    WAYS,
    Episodes,
    draw_episodes,
    few_shot_accuracy,
)
from moo.data import Characters


def characters(count=6, drawings=12):
    labels = np.repeat(np.arange(count, dtype=np.int32), drawings)
    return Characters(
        name="made up", images=np.zeros((count * drawings, 2, 2), np.uint8), labels=labels,
        drawers=np.tile(np.arange(drawings, dtype=np.int32), count),
        class_names=tuple(f"Made/{label}" for label in range(count)),
    )  # fmt: skip


def test_episodes_are_of_five_characters_and_no_image_is_asked_after_it_was_shown():
    data = characters()
    found = draw_episodes(data, 30)
    assert found.support.shape == (30, WAYS, MOST_SHOTS)
    for support, query in zip(found.support, found.query, strict=True):
        assert len(np.unique(data.labels[support[:, 0]])) == WAYS
        for shown, asked in zip(support, query, strict=True):
            assert np.unique(data.labels[np.append(shown, asked)]).size == 1
            assert np.unique(np.append(shown, asked)).size == shown.size + asked.size


def test_episodes_follow_the_seed():
    first, again, other = (draw_episodes(characters(), 4, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.support, again.support)
    assert not np.array_equal(first.support, other.support)
    more = draw_episodes(characters(), 9)
    np.testing.assert_array_equal(more.query[:4], first.query)


def test_an_embedding_that_tells_all_characters_apart_is_always_right():
    data = characters()
    episodes = draw_episodes(data, 20)
    lengths = np.random.default_rng(0).uniform(0.1, 9, (len(data), 1))
    embedded = np.eye(6)[data.labels] * lengths
    assert [few_shot_accuracy(embedded, episodes, shots) for shots in (1, 5)] == [1, 1]
    # Where all look the same, the first of the five is as near as any.
    for same in (0, 1):
        nothing = np.full((len(data), 1), same, float)
        assert few_shot_accuracy(nothing, episodes, 1) == pytest.approx(1 / WAYS)


@pytest.mark.parametrize("shots", [1, 3, MOST_SHOTS])
def test_accuracy_by_a_loop(shots):
    draw = np.random.default_rng(shots)
    data = characters()
    embedded = draw.normal(size=(len(data), 4)) + np.eye(6, 4)[data.labels]
    episodes = draw_episodes(data, 10, seed=3)
    scaled = embedded / np.linalg.norm(embedded, axis=1, keepdims=True)
    right = []
    for support, query in zip(episodes.support, episodes.query, strict=True):
        means = [scaled[shown[:shots]].mean(axis=0) for shown in support]
        for way, asked in enumerate(query):
            right += [
                np.argmin([np.linalg.norm(scaled[row] - mean) for mean in means]) == way
                for row in asked
            ]
    assert few_shot_accuracy(embedded, episodes, shots) == pytest.approx(np.mean(right))


def test_more_shots_average_out_noise():
    draw = np.random.default_rng(0)
    data = characters()
    embedded = np.eye(6)[data.labels] + draw.normal(0, 0.5, (len(data), 6))
    episodes = draw_episodes(data, 200)
    one, five = (few_shot_accuracy(embedded, episodes, shots) for shots in (1, 5))
    assert 1 / WAYS < one < five


def test_one_shot_reads_the_first_example_only():
    # Character k's first example is e_k, the further ones mislead.
    support = np.stack([np.arange(5), np.roll(np.arange(5), 1)], axis=1)[None]
    episodes = Episodes(support, np.arange(5)[None, :, None])
    assert few_shot_accuracy(np.eye(5), episodes, 1) == 1
