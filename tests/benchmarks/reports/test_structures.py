import numpy as np
import pytest

from benchmarks import reports
from benchmarks.reports import _structures
from benchmarks.studies import _screened
from benchmarks.studies._screened import Screened
from tests.benchmarks.reports.cells import GAPS, write_sweep

TESTED = {"gap": 1.0, "screening_solubility_toxicity_row_1": 2.0}
CHOICE = Screened(
    ("solubility", "toxicity"), np.array([[-1.0, 0.0], [-2.0, 0.5], [0.0, 1.0]]),
    ["CCO", "CC", "c1ccccc1"], np.array([2]), 0.75, 0.6,
)  # fmt: skip


def compared(root, suite_file, gaps=GAPS, **options):
    write_sweep(root, gaps, **options)
    (found,) = reports.comparisons(reports.read(root), suite_file)
    return found


def test_the_choice_of_the_best_method_is_drawn(tmp_path, suite_file, monkeypatch):
    pytest.importorskip("rdkit", reason="RDKit is not installed: the extra chem")
    asked = []
    monkeypatch.setattr(_screened, "screened", lambda tested: asked.append(tested) or [CHOICE])
    found = compared(tmp_path / "s", suite_file, test=TESTED)
    drawings, undrawn = _structures.drawings(found)
    assert undrawn == []
    assert asked == [TESTED] * len(found.problems)
    drawing = drawings[0]
    axes = drawing.figure.axes[0]
    assert axes.collections[0].get_offsets().tolist() == CHOICE.measured.tolist()
    assert axes.collections[1].get_offsets().tolist() == [[0.0, 1.0]]
    assert axes.get_xlabel().endswith("↑")
    assert "the 3 molecules of the test part whose solubility and toxicity" in drawing.caption
    assert "75.0% of the pool's hypervolume" in drawing.caption
    assert "chosen by chance hold 60.0%" in drawing.caption
    assert "that mean (seed 0), best by mean rank, chose" in drawing.caption


def test_a_method_alone_is_not_called_the_best(tmp_path, suite_file, monkeypatch):
    pytest.importorskip("rdkit", reason="RDKit is not installed: the extra chem")
    monkeypatch.setattr(_screened, "screened", lambda tested: [CHOICE])
    found = compared(tmp_path / "s", suite_file, {("mean", "zdt1"): [1.0]}, test=TESTED)
    (drawing,), _ = _structures.drawings(found)
    assert "that mean (seed 0) chose by its predictions" in drawing.caption


@pytest.mark.parametrize("error", [ValueError, ModuleNotFoundError])
def test_what_is_missing_is_said_and_the_report_goes_on(tmp_path, suite_file, monkeypatch, error):
    def missing(tested):
        raise error("one\ntwo")

    monkeypatch.setattr(_screened, "screened", missing)
    found = compared(tmp_path / "s", suite_file, test=TESTED)
    said = ["no picture of the chosen molecules: one; two"]
    assert _structures.drawings(found) == ([], said)


@pytest.mark.parametrize("test", [None, {"gap": 1.0}])
def test_other_suites_have_no_such_picture(tmp_path, suite_file, test):
    assert _structures.drawings(compared(tmp_path / "s", suite_file, test=test)) == ([], [])
