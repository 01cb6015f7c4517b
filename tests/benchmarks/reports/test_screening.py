from dataclasses import replace

import numpy as np
import pytest

from benchmarks import reports
from benchmarks.reports._screening import screening_sheets
from benchmarks.reports._write import leaderboards
from moo.metrics import interval
from tests.benchmarks.reports.cells import CELL, GAPS, write_cell, write_sweep

GOALS = ("hydrophobicity_toxicity", "solubility_toxicity")
SHARES = {"mean": [0.5, 0.6, 0.7], "mgda": [0.9, None, 0.8]}  # None failed


def choices_of(shares):
    """Metrics on test data of a run that chose two molecules by each pair of goals."""
    found = {"gap": 1.0}
    for goals, share, pool in zip(GOALS, shares, (83.0, 39.0), strict=True):
        of_goals = {"share": share, "hypervolume": 1.0, "pool": pool, "chance": share / 5,
                    "row_1": 7.0, "row_2": 3.0}  # fmt: skip
        found |= {f"screening_{goals}_{name}": value for name, value in of_goals.items()}
    return found


def compared(root, suite_file):
    (found,) = reports.comparisons(reports.read(root), suite_file)
    return found


@pytest.fixture
def screened(tmp_path, suite_file):
    """Two methods that chose molecules; a trial that validation did not choose holds more."""
    for method, shares in SHARES.items():
        for seed, share in enumerate(shares):
            cell = replace(CELL, method=method, seed=seed)
            test = None if share is None else choices_of((share, share / 2))
            write_cell(tmp_path / "s", cell, None if share is None else 1.0, test=test)
            other = replace(cell, learning_rate=0.2)
            left = None if method == "mgda" and seed < 2 else 5.0  # it failed more often
            write_cell(tmp_path / "s", other, left, test=choices_of((1.0, 1.0)))
    return compared(tmp_path / "s", suite_file)


def test_shares_of_the_chosen_trials_stand_beside_chance(screened):
    (sheet,) = screening_sheets(screened)
    assert sheet.title == "Screening: zdt1"
    assert sheet.columns == ("method", "hydrophobicity and toxicity", "solubility and toxicity")
    mean, mgda, chance = sheet.rows
    assert [entry.text for entry in mgda] == ["mgda", "1 of 3 failed", "1 of 3 failed"]
    for entry, scale in zip(mean[1:], (1.0, 0.5), strict=True):
        middle, _, high, _ = interval(scale * np.array(SHARES["mean"]), 0.95)
        assert entry.key == pytest.approx(middle, rel=1e-12)
        assert float(entry.text.partition(" ± ")[2]) == pytest.approx(high - middle, rel=0.05)
    assert [entry.text for entry in chance] == ["by chance", "0.100", "0.050"]


def test_the_note_has_the_pools_and_the_caution(screened):
    (sheet,) = screening_sheets(screened)
    assert "83 (hydrophobicity and toxicity), 39 (solubility and toxicity)" in sheet.note
    assert "held by the 2 molecules that a run chose" in sheet.note
    assert "mean over 3 seeds ± half the 95% interval" in sheet.note
    assert sheet.note.endswith("So few molecules settle nothing between methods.")
    assert leaderboards(screened)[-1] == sheet


def test_one_seed_has_no_interval(tmp_path, suite_file):
    write_cell(tmp_path / "s", CELL, 1.0, test=choices_of((0.5, 0.25)))
    (sheet,) = screening_sheets(compared(tmp_path / "s", suite_file))
    assert [entry.text for entry in sheet.rows[0]] == ["mean", "0.5", "0.25"]
    assert "; one seed, of the chosen trial." in sheet.note


@pytest.mark.parametrize("test", [None, {"gap": 1.0}])
def test_other_suites_have_no_such_table(tmp_path, suite_file, test):
    write_sweep(tmp_path / "s", GAPS, test=test)
    assert screening_sheets(compared(tmp_path / "s", suite_file)) == []
