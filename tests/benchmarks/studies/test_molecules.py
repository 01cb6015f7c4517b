import numpy as np
import pytest

from benchmarks.studies import _molecules
from benchmarks.studies._masked import Rows
from benchmarks.studies._molecules import goal_values, grouped, screening_metrics, study_of
from moo.data import Molecules

TASKS = ("logD74", "logS", "NR-AR", "SR-p53", "CT_TOX")


def molecules(labels, mask, seed=0):
    n = len(labels)
    names = np.array([f"M{row}" for row in range(n)], object)
    draw = np.random.default_rng(seed)
    return Molecules(
        name="few", inchikeys=names, smiles=names, scaffolds=names,
        fingerprints=draw.integers(0, 2, (n, 16)).astype(np.uint8),
        descriptors=draw.normal(5, 2, (n, 2)).astype(np.float32),
        labels=np.where(mask, labels, 0).astype(np.float32), mask=np.asarray(mask, bool),
        descriptor_names=("mw", "tpsa"), tasks=TASKS,
        kinds=("regression",) * 2 + ("classification",) * 3,
    )  # fmt: skip


def drawn(n, seed):
    draw = np.random.default_rng(seed)
    labels = np.concatenate([draw.normal(size=(n, 2)), draw.integers(0, 2, (n, 3))], axis=1)
    return molecules(labels, draw.random((n, 5)) < 0.7, seed)


@pytest.fixture(scope="module")
def parts():
    return drawn(40, 1), drawn(30, 2), drawn(30, 3)


def test_three_objectives_or_one_a_label(parts):
    assert grouped(parts[0]) == {
        "hydrophobicity": ("logD74",), "solubility": ("logS",), "toxicity": list(TASKS[2:])
    }  # fmt: skip
    study = study_of(parts, "shared_trunk", batch_size=8)
    assert study.objective_names == ("hydrophobicity", "solubility", "toxicity")
    assert study_of(parts, "shared_trunk_by_label", batch_size=8).objective_names == TASKS


def test_goals_are_minimised_and_half_the_assays_must_be_measured():
    labels = np.array([[2, -3, 1, 0, 1], [1, 0, 1, 1, 0], [0, -1, 1, 0, 0]], np.float32)
    mask = np.array([[1, 1, 1, 1, 1], [1, 0, 1, 1, 0], [0, 1, 1, 0, 0]], bool)
    found = goal_values(("hydrophobicity", "solubility", "toxicity"), molecules(labels, mask),
                        labels, mask)  # fmt: skip
    np.testing.assert_allclose(
        found, [[-2, 3, 2 / 3], [-1, np.nan, 1], [np.nan, 1, np.nan]], rtol=1e-6
    )


def test_the_truth_screens_best_and_the_pool_is_what_was_measured(monkeypatch):
    monkeypatch.setattr(_molecules, "CHOSEN", 3)
    # The measured front: rows 0, 1 and 2; row 5 would be best and was not measured.
    labels = np.array([[3, 0, 1, 1, 0], [2, 0, 1, 0, 0], [1, 0, 0, 0, 0], [1, 0, 1, 1, 1],
                       [0, 0, 1, 1, 1], [9, 0, 0, 0, 0]], np.float32)  # fmt: skip
    mask = np.ones((6, 5), bool)
    mask[5, 2:] = False
    data = molecules(labels, mask)
    metrics = screening_metrics(
        ("hydrophobicity", "toxicity"), data, Rows(data.fingerprints, data.labels, data.mask),
        listed=True,
    )  # fmt: skip
    name = "screening_hydrophobicity_toxicity"
    best, worst = metrics(labels), metrics(-labels)
    assert best[f"{name}_pool"] == 5
    assert best[f"{name}_share"] == pytest.approx(1.0)
    assert {best[f"{name}_row_{rank}"] for rank in (1, 2, 3)} == {0.0, 1.0, 2.0}
    # Scaled: (0, 2/3), (1/3, 1/3), (2/3, 0) below the corner 1.1.
    strips = 1.1 * (1.1 - 2 / 3) + (1.1 - 1 / 3) / 3 + (1.1 - 2 / 3) / 3
    assert best[f"{name}_hypervolume"] == pytest.approx(strips, rel=1e-5)
    assert worst[f"{name}_share"] < best[f"{name}_chance"] < 1
    assert worst[f"{name}_chance"] == best[f"{name}_chance"]


def test_a_pool_of_one_is_not_screened():
    labels = np.zeros((2, 5), np.float32)
    data = molecules(labels, np.array([[1, 1, 1, 1, 1], [0, 1, 1, 1, 1]], bool))
    found = screening_metrics(("hydrophobicity", "toxicity"), data,
                              Rows(data.fingerprints, data.labels, data.mask))(labels)  # fmt: skip
    assert found == {"screening_hydrophobicity_toxicity_pool": 1.0}


def test_metrics_by_hand_on_what_was_measured(parts):
    study = study_of(parts, "shared_trunk", batch_size=8)
    test, training = parts[2], parts[0]
    found = study.test.measure(np.zeros((30, 5)))
    # Outputs of 0 say the training mean and even odds.
    mean = training.labels[training.mask[:, 0], 0].mean()
    errors = test.labels[test.mask[:, 0], 0] - mean
    assert found["logD74_rmse"] == pytest.approx(np.sqrt((errors**2).mean()), rel=1e-5)
    assert found["mean_auc"] == 0.5
    assert found["mean_log_loss"] == pytest.approx(np.log(2))
    assert found.keys() == set(study.test.names)
    chosen = {name for name in found if "_row_" in name}  # only the test's choice is listed
    assert found.keys() - chosen == set(study.validation.names)
    told = np.where(test.mask, test.labels * 20 - 10, 0)
    assert study.test.measure(told)["mean_auc"] == 1.0


def test_an_assay_of_one_class_is_left_out_of_the_mean(parts):
    labels, mask = parts[1].labels.copy(), parts[1].mask
    labels[:, 2] = mask[:, 2]
    study = study_of((parts[0], molecules(labels, mask), parts[2]), "shared_trunk", batch_size=8)
    found = study.validation.measure(np.zeros((30, 5)))
    assert np.isnan(found["NR-AR_auc"])
    assert found["mean_auc"] == 0.5


def test_descriptors_are_scaled_by_the_training_rows(parts):
    study = study_of(parts, "shared_trunk", batch_size=8, descriptors=True)
    seen = study.train["features"]
    np.testing.assert_array_equal(seen[:, :16], parts[0].fingerprints)
    np.testing.assert_allclose(seen[:, 16:].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(seen[:, 16:].std(axis=0), 1, rtol=1e-5)
    expected = (parts[2].descriptors - parts[0].descriptors.mean(0)) / parts[0].descriptors.std(0)
    np.testing.assert_allclose(study.test.arrays["features"][:, 16:], expected, rtol=1e-4)


def test_no_scaffold_is_in_two_parts_of_the_real_molecules(data_root):
    training, validation, test = _molecules._parts()
    scaffolds = [set(part.scaffolds) for part in (training, validation, test)]
    assert sum(map(len, scaffolds)) == len(set.union(*scaffolds))
    study = _molecules.molecules("shared_trunk")
    found = study.test.measure(np.zeros((len(test), len(test.tasks))))
    assert found["mean_auc"] == 0.5
    assert found["screening_hydrophobicity_toxicity_pool"] > 50
    assert found["screening_solubility_toxicity_pool"] > 20
