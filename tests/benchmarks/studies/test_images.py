import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks.runner import cells, load_suite
from benchmarks.studies import RECORDS
from benchmarks.studies._convolutional import patches
from benchmarks.studies._images import MODELS, pair_study
from moo.data import ImagePairs

SUITE = load_suite("images")


def pairs(count, seed):
    draw = np.random.default_rng(seed)
    return ImagePairs(
        name="noise", images=draw.integers(0, 256, (count, 16, 16)).astype(np.uint8),
        labels=draw.integers(0, 3, (count, 2)).astype(np.int32), class_names=("a", "b", "c"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def study():
    return pair_study([pairs(8, 0), pairs(4, 1), pairs(4, 2)], batch_size=4)


def test_patches_and_a_kernel_are_a_convolution():
    draw = np.random.default_rng(0)
    images = jnp.asarray(draw.normal(size=(2, 8, 9, 3)), jnp.float32)
    kernel = jnp.asarray(draw.normal(size=(3, 3, 3, 4)), jnp.float32)
    expected = jax.lax.conv_general_dilated(
        images, kernel, (2, 2), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    found = patches(images, 3, 2) @ kernel.reshape(27, 4)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_either_place_has_a_head_of_its_own(study):
    params = study.begin(0)
    assert study.shared(params) == {"trunk": True, "heads": False}
    logits = study.predict(params, study.train)
    assert logits.shape == (8, 2, 3)
    losses = study.losses(logits, study.train)
    expected = -np.take_along_axis(
        np.asarray(jax.nn.log_softmax(logits)), study.train["labels"][..., None], axis=2
    ).mean(axis=(0, 2))
    np.testing.assert_allclose(losses, expected, rtol=1e-5)


def test_metrics_by_hand(study):
    labels = study.test.arrays["labels"]
    logits = np.zeros((4, 2, 3))
    # The first place right in all, the second wrong in one.
    np.put_along_axis(logits, labels[..., None], np.log(2), axis=2)
    logits[0, 1] = 0
    logits[0, 1, (labels[0, 1] + 1) % 3] = np.log(2)
    found = study.test.measure(logits)
    assert tuple(found) == study.test.names
    assert (found["task_1_accuracy"], found["task_2_accuracy"]) == (1, 0.75)
    assert found["task_1_log_loss"] == pytest.approx(np.log(2))
    assert found["task_2_log_loss"] == pytest.approx((3 * np.log(2) + np.log(4)) / 4)
    assert found["mean_accuracy"] == 0.875
    assert np.isnan(study.test.measure(logits * np.nan)["mean_accuracy"])


@pytest.mark.parametrize("scale", SUITE.scales)
def test_every_cell_of_the_suite_is_known(scale):
    found = cells(SUITE, scale, ["mean", "upgrad"])
    assert {cell.problem for cell in found} == set(SUITE.problems) <= RECORDS.keys()
    assert {cell.model for cell in found} == set(MODELS)


def test_real_clothes(data_root):
    study = RECORDS["multi_fashion"].study("convolutional", size=20)
    assert study.train["images"].shape == (20, 36, 36)
    assert set(study.test.measure(np.zeros((20, 2, 10)))) == set(study.test.names)
