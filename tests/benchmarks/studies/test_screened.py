import numpy as np
import pytest

from benchmarks.studies import _molecules
from benchmarks.studies._screened import screened
from moo.data import DataError, Molecules

TASKS = ("logD74", "logS", "NR-AR", "SR-p53")


def molecules():
    """Six molecules; the last has no assay, so it is in no pool."""
    labels = np.array([[3, -5, 1, 1], [2, -4, 1, 0], [1, -3, 0, 0], [1, -2, 1, 1], [0, -1, 0, 1],
                       [9, 0, 0, 0]], np.float32)  # fmt: skip
    mask = np.ones((6, 4), bool)
    mask[5, 2:] = False
    names = np.array(["C", "CC", "CCC", "CCO", "CCN", "CCCC"], object)
    return Molecules(
        name="few", inchikeys=names, smiles=names, scaffolds=names,
        fingerprints=np.eye(6, 8, dtype=np.uint8), descriptors=np.zeros((6, 0), np.float32),
        descriptor_names=(), labels=np.where(mask, labels, 0).astype(np.float32), mask=mask,
        tasks=TASKS, kinds=("regression",) * 2 + ("classification",) * 2,
    )  # fmt: skip


@pytest.fixture
def metrics(monkeypatch):
    """The metrics of a model that ranks by solubility alone."""
    monkeypatch.setattr(_molecules, "CHOSEN", 2)
    data = molecules()
    study = _molecules.study_of([data] * 3, "shared_trunk", batch_size=2)
    outputs = np.zeros((6, 4))
    outputs[:, 1] = data.labels[:, 1]
    return study.test.measure(outputs)


def test_the_choice_is_read_back_with_what_was_measured(metrics):
    data = molecules()
    first, second = screened(metrics, data, data)
    assert first.goals == ("hydrophobicity", "toxicity")
    assert second.goals == ("solubility", "toxicity")
    assert second.smiles == ["C", "CC", "CCC", "CCO", "CCN"]
    assert second.measured.tolist() == [[-5, 1], [-4, 0.5], [-3, 0], [-2, 1], [-1, 0.5]]
    assert first.measured[:, 0].tolist() == [3, 2, 1, 1, 0]
    assert second.higher_is_better == (True, False)
    # The most soluble molecule of the pool, and one that a preference for no toxicity takes.
    assert 4 in second.chosen
    assert second.share == metrics["screening_solubility_toxicity_share"]
    assert second.chance == metrics["screening_solubility_toxicity_chance"]


def test_other_molecules_are_noticed(metrics):
    data = molecules()
    other = data.take(np.array([4, 3, 2, 1, 0, 5]))
    with pytest.raises(ValueError, match=r"screening_\w+: a share of .* is not of these molecules"):
        screened(metrics, data, other)
    with pytest.raises(ValueError, match=r"screening_\w+: rows .* were not chosen from these"):
        screened(metrics | {"screening_solubility_toxicity_row_1": 5.0}, data, data)


def test_a_run_without_a_choice_has_none():
    data = molecules()
    assert screened({}, data, data) == []
    assert screened({"screening_solubility_toxicity_row_1": None}, data, data) == []


def test_without_the_data_it_says_so(monkeypatch):
    monkeypatch.delenv("MOO_DATA_ROOT", raising=False)
    _molecules._parts.cache_clear()
    with pytest.raises(DataError, match="no folder to read it from"):
        screened({})
