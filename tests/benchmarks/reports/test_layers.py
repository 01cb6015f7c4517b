from dataclasses import replace

import numpy as np
import pytest

from benchmarks import reports
from benchmarks.reports._layers import drawing, sheet
from moo.metrics import interval
from tests.benchmarks.reports.cells import CELL, SUITE, write_cell

MODELS = SUITE.replace('optimizer = "adam"', 'optimizer = "adam"\nkind = "studies"').replace(
    'baseline = "mean"', 'baseline = "esmm"\nentrants = "model"'
)
RATES = ("shop", "short_video", "deep_funnel")  # CTR times CVR is .015, .25, .56
KEPT = {"esmm": (0.9, 0.5, -0.25), "esmm_mask": (1.0, 1.0, 1.0)}


@pytest.fixture
def compare(tmp_path):
    (tmp_path / "tiny.toml").write_text(MODELS)

    def of(kept):
        for model, by_problem in kept.items():
            for problem, value in zip(RATES, by_problem, strict=True):
                _write(tmp_path / "s", model, problem, value)
        (one,) = reports.comparisons(reports.read(tmp_path / "s"), str(tmp_path / "tiny.toml"))
        return one

    return of


def _write(root, model, problem, kept):
    for seed in range(3):
        cell = replace(CELL, model=model, problem=problem, seed=seed, steps=11)
        tested = {"gap": 1.0 + seed}
        if kept is not None:
            tested |= {
                "click_signal_kept_click_tower": kept + 0.1 * (seed - 1),
                "click_signal_kept_embeddings": 0.5,
                "click_signal_cosine_click_tower": -1.0,
            }
        write_cell(root, cell, 1.0 + seed, test=tested)


def test_the_table_has_medians_over_problems_of_means_over_seeds(compare):
    found = sheet(compare(KEPT))
    assert found.columns == (
        "model", "kept, click tower", "kept, embeddings", "cosine, click tower",
    )  # fmt: skip
    assert [[entry.text for entry in row] for row in found.rows] == [
        ["esmm_mask", "1.00 [1.00, 1.00]", "0.50 [0.50, 0.50]", "−1.00 [−1.00, −1.00]"],
        ["esmm", "0.50 [−0.25, 0.90]", "0.50 [0.50, 0.50]", "−1.00 [−1.00, −1.00]"],
    ]
    assert "Medians over the data sets of means over seeds" in found.note


def test_the_drawing_has_a_panel_a_layer_and_a_line_a_model_along_the_rates(compare):
    drawn = drawing(compare(KEPT))
    tower, embeddings = drawn.figure.axes[:2]
    assert [panel.get_title() for panel in (tower, embeddings)] == ["click tower", "embeddings"]
    lines = {line.get_label(): line.get_ydata() for line in tower.lines}
    np.testing.assert_allclose(lines["esmm"], KEPT["esmm"], atol=1e-12)
    ends = np.array(tower.collections[0].get_segments())[0, :, 1]
    expected = interval(np.array([0.8, 0.9, 1.0]))
    np.testing.assert_allclose(ends, (expected.low, expected.high), rtol=1e-9)


def test_cells_that_do_not_know_it_have_neither(compare):
    found = compare(dict.fromkeys(KEPT, (None, None, None)))
    assert sheet(found) is None
    assert drawing(found) is None
