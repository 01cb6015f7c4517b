import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks.studies import RECORDS
from benchmarks.studies._characters import (
    character_study,
    lesson_losses,
    taught_objectives,
)
from benchmarks.studies._convolutional import WIDTH
from moo.data import Characters

# Two tasks: characters 0 to 2, and 3 and 4.
MEMBERS = np.array([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1]], bool)
DRAWINGS, PER_ALPHABET, ALPHABETS = 20, 5, 8


@pytest.fixture(scope="module")
def data():
    count = ALPHABETS * PER_ALPHABET
    labels = np.repeat(np.arange(count, dtype=np.int32), DRAWINGS)
    images = np.random.default_rng(0).integers(0, 2, (len(labels), 16, 16)).astype(np.uint8)
    names = [f"{alphabet}/{i}" for alphabet in "abcdefgh" for i in range(PER_ALPHABET)]
    return Characters(name="made up", images=images, labels=labels, class_names=tuple(names),
                      drawers=np.tile(np.arange(DRAWINGS, dtype=np.int32), count))  # fmt: skip


@pytest.fixture(scope="module")
def study(data):
    return character_study(data, batch_size=8, copies=2, group=3, episodes=6)


def outputs(logits):
    return jnp.pad(jnp.asarray(logits, jnp.float32), ((0, 0), (WIDTH, 0)))


def test_alphabets_are_cut_into_even_groups(study):
    # Four of the eight alphabets are taught, each as 3 and 2 characters.
    assert len(study.objective_names) == 8
    assert {name[1:] for name in study.objective_names} == {"_1", "_2"}
    characters = np.unique(study.train["characters"])
    assert characters.tolist() == list(range(4 * PER_ALPHABET))
    assert [name for name in study.test.names if name.endswith("_accuracy")][3:] == [
        f"{name}_accuracy" for name in study.objective_names
    ]


def test_parts_share_neither_people_nor_unseen_alphabets(data, study):
    taught = 4 * PER_ALPHABET
    # 14 of 20 people, twice; 3 people each for validation and test, and two alphabets.
    assert len(study.train["images"]) == 2 * 14 * taught
    for part in (study.validation, study.test):
        known = part.arrays["characters"] >= 0
        assert known.sum() == 3 * taught
        assert (~known).sum() == 2 * PER_ALPHABET * DRAWINGS
    drawn = [{image.tobytes() for image in part["images"]} for part in
             (study.train, study.validation.arrays, study.test.arrays)]  # fmt: skip
    assert not drawn[0] & drawn[1] | drawn[1] & drawn[2] | drawn[0] & drawn[2]


def test_a_loss_is_over_the_characters_of_its_task_alone():
    logits = np.log([[2.0, 1, 1, 9, 9], [1, 1, 2, 9, 9], [9, 9, 9, 1, 3], [5, 5, 5, 5, 5]])
    arrays = {"characters": jnp.array([0, 0, 4, -1])}
    losses = lesson_losses(MEMBERS)(outputs(logits), arrays)
    expected = [(np.log(2) + np.log(4)) / 2, np.log(4 / 3)]
    np.testing.assert_allclose(losses, expected, rtol=1e-6)


def test_what_was_not_taught_neither_counts_nor_pulls():
    losses = lesson_losses(MEMBERS)
    arrays = {"characters": jnp.array([-1, 3])}
    gradients = jax.jacobian(losses)(outputs(np.ones((2, 5))), arrays)
    assert np.isfinite(gradients).all()
    assert np.abs(gradients[0]).max() == 0
    assert (np.abs(gradients[1, :, WIDTH:]) > 0).tolist() == [[False] * 5, [False] * 3 + [True] * 2]


@pytest.mark.parametrize(
    ("characters", "expected"),
    [([0, 4], [True, True]), ([2, -1], [True, False]), ([-1, 3], [False, True]),
     ([-1, -1], [False, False])],
)  # fmt: skip
def test_a_task_is_active_if_one_of_its_images_is_there(characters, expected):
    found = taught_objectives(MEMBERS)({"characters": jnp.array(characters)})
    assert found.dtype == bool
    assert found.tolist() == expected


def test_the_trunk_embeds_and_every_character_has_a_logit(study):
    params = study.begin(0)
    assert study.shared(params).keys() == params.keys() == {"trunk", "heads"}
    rows = {name: column[:3] for name, column in study.train.items()}
    found = study.predict(params, rows)
    assert found.shape == (3, WIDTH + 4 * PER_ALPHABET)
    kernel, bias = params["heads"]["kernel"], params["heads"]["bias"]
    np.testing.assert_allclose(found[:, WIDTH:], found[:, :WIDTH] @ kernel + bias, atol=1e-5)


def test_metrics_by_hand(study):
    part = study.test
    characters, taught = part.arrays["characters"], part.arrays["characters"] >= 0
    given = np.zeros((len(characters), WIDTH + 4 * PER_ALPHABET))
    given[taught, WIDTH + characters[taught]] = np.log(2)
    # The taught characters are cut into 3, 2, 3, 2, ...; of the first, all images are misnamed.
    given[characters == 0, WIDTH:] = np.eye(1, given.shape[1] - WIDTH, 1) * np.log(2)
    found = part.measure(given)
    assert tuple(found) == part.names
    first, second = study.objective_names[:2]
    assert found[f"{first}_accuracy"] == pytest.approx(2 / 3)
    assert found[f"{second}_accuracy"] == 1
    assert found["mean_accuracy"] == pytest.approx(1 - 1 / 3 / 8)
    of_three, of_two = np.log(4 / 2), np.log(3 / 2)
    assert found["mean_log_loss"] == pytest.approx((4 * of_three + 4 * of_two + np.log(2) / 3) / 8)
    # Embeddings that are all the same tell nothing.
    assert found["one_shot_accuracy"] == found["five_shot_accuracy"] == pytest.approx(0.2)
    assert np.isnan(list(part.measure(given * np.nan).values())).all()


def test_held_out_alphabets_are_scored_by_their_embedding(data, study):
    part = study.validation
    unseen = part.arrays["characters"] < 0
    whose = {image.tobytes(): label for image, label in zip(data.images, data.labels, strict=True)}
    labels = [whose[image.tobytes()] for image in part.arrays["images"][unseen]]
    given = np.zeros((len(unseen), WIDTH + 4 * PER_ALPHABET))
    given[unseen, :WIDTH] = np.eye(WIDTH)[labels]
    found = part.measure(given)
    assert found["one_shot_accuracy"] == found["five_shot_accuracy"] == 1


def test_real_characters(data_root):
    study = RECORDS["omniglot"].study("convolutional", copies=1)
    assert study.train["images"].shape == (14 * 153, 28, 28)
    assert len(study.objective_names) == RECORDS["omniglot"].num_objectives
    # Strokes alone tell more than chance.
    part = study.test
    ink = part.arrays["images"].reshape(len(part.arrays["images"]), 14, 2, 14, 2).sum(axis=(2, 4))
    given = np.zeros((len(ink), WIDTH + 153))
    given[:, :WIDTH] = ink.reshape(len(ink), -1)[:, 66 : 66 + WIDTH]
    found = part.measure(given)
    assert 0.2 < found["one_shot_accuracy"] < found["five_shot_accuracy"] < 1
