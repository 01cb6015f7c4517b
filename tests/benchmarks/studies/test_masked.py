import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks.studies._masked import (
    Labels,
    Rows,
    masked_losses,
    masked_study,
    measured_objectives,
)

LABELS = Labels(
    ("number", "class", "other"), (True, False, False),
    {"one": ("number",), "two": ("class", "other")},
)  # fmt: skip
MASK = np.array([[1, 1, 0], [1, 0, 1], [0, 0, 1]], bool)


def rows(values=(4.0, 2.0, 0.0), mask=MASK):
    labels = np.zeros((3, 3), np.float32)
    labels[:, 0] = values
    labels[0, 1] = labels[2, 2] = 1
    return Rows(np.eye(3, 5, dtype=np.uint8), np.where(mask, labels, 0), mask)


@pytest.fixture(scope="module")
def study():
    def score(part):
        return lambda predicted: {
            "first": float(predicted[0, 0]),
            "chance": float(predicted[0, 1]),
            "undefined": float("nan"),
        }

    parts = [rows(), rows((8.0, 0.0, 0.0)), rows()]
    return masked_study(LABELS, parts, score, batch_size=2, hidden=(4,))


def test_losses_are_means_over_what_was_measured():
    outputs = jnp.array([[1.0, 0.0, 9.0], [4.0, 9.0, 0.0], [9.0, 9.0, 0.0]])
    arrays = {"labels": jnp.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 1]]), "mask": jnp.array(MASK)}
    # Squares 1 and 9; three cross-entropies at logit 0.
    np.testing.assert_allclose(masked_losses(LABELS)(outputs, arrays), [5.0, np.log(2)], rtol=1e-6)


def test_what_was_not_measured_neither_counts_nor_pulls():
    losses = masked_losses(LABELS)
    arrays = {"labels": jnp.zeros((3, 3)), "mask": jnp.array(MASK)}
    gradients = jax.jacobian(losses)(jnp.ones((3, 3)), arrays)
    assert (np.abs(gradients).sum(axis=0) > 0).tolist() == MASK.tolist()
    nothing = arrays | {"mask": jnp.zeros((3, 3), bool)}
    assert losses(jnp.ones((3, 3)), nothing).tolist() == [0.0, 0.0]
    assert not np.any(jax.jacobian(losses)(jnp.ones((3, 3)), nothing))


def test_an_objective_is_active_if_one_of_its_labels_was_measured():
    active = jax.jit(measured_objectives(LABELS))
    for mask, expected in [
        (MASK, [True, True]),
        (MASK & [True, False, False], [True, False]),
        (MASK & [False, False, True], [False, True]),
        (MASK & False, [False, False]),
    ]:
        found = active({"mask": jnp.array(mask)})
        assert found.dtype == bool
        assert found.tolist() == expected


def test_numbers_are_scaled_by_the_training_rows_and_scored_in_their_own_units(study):
    # Measured 4 and 2: mean 3, standard deviation 1; classes stay as they are.
    np.testing.assert_allclose(study.train["labels"], [[1, 1, 0], [-1, 0, 0], [0, 0, 1]])
    np.testing.assert_allclose(study.validation.arrays["labels"][:, 0], [5, -3, 0])
    found = study.validation.measure(np.full((3, 3), 2.0))
    assert found["first"] == 3 + 2 * 1
    assert found["chance"] == pytest.approx(1 / (1 + np.exp(-2)))
    assert np.isnan(found["undefined"])


def test_predictions_that_are_not_finite_have_no_metrics(study):
    found = study.test.measure(np.full((3, 3), np.nan))
    assert tuple(found) == study.test.names == ("first", "chance", "undefined")
    assert np.isnan(list(found.values())).all()


def test_the_trunk_is_shared_and_a_head_is_its_labels_own(study):
    params = study.begin(0)
    assert params is study.begin(0)
    assert params.keys() == study.shared(params).keys() == {"trunk", "heads"}
    assert study.shared(params) == {"trunk": True, "heads": False}
    gradients = jax.jacobian(lambda p: study.losses(study.predict(p, study.train), study.train))
    kernel = gradients(params)["heads"]["kernel"]
    assert np.abs(kernel).any(axis=1).tolist() == [[True, False, False], [False, True, True]]


def test_a_number_that_was_never_measured_is_left_as_it_is():
    mask = MASK & [False, True, True]
    parts = [rows(mask=mask), rows(), rows()]
    found = masked_study(LABELS, parts, lambda part: lambda p: {"x": float(p[0, 0])}, batch_size=2)
    assert found.validation.measure(np.full((3, 3), 7.0)) == {"x": 7.0}


def test_a_step_leaves_out_an_objective_that_its_batch_did_not_measure(study):
    batch = {name: column[:1] for name, column in study.train.items()}
    batch["mask"] = batch["mask"] & [True, False, False]
    assert study.active(batch).tolist() == [True, False]
