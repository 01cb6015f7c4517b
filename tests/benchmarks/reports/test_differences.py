"""Paired differences from the baseline, one panel a metric."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import reports
from benchmarks.reports import _along, _figures
from benchmarks.reports._differences import drawing
from benchmarks.runner import load_suite
from moo.metrics import interval
from tests.benchmarks.reports.cells import CELL, GAPS, START, SUITE, write_cell, write_sweep

METRIC = '[[protocol.metrics]]\nname = "{}"\nhigher_is_better = {}\nmargin = {}\n'
MODELS = SUITE.replace('optimizer = "adam"', 'optimizer = "adam"\nkind = "studies"').replace(
    'baseline = "mean"', 'baseline = "esmm"\nentrants = "model"'
)


def compared(root, suite_file):
    (one,) = reports.comparisons(reports.read(root), str(suite_file))
    return one


def panels(drawn):
    return [panel for panel in drawn.figure.axes if panel.get_yticks().size]


def markers(panel):
    lines = (line for line in panel.lines if not line.get_label().startswith("_"))
    return {line.get_label(): line for line in lines}


def margins(drawn):
    """The right ends of what is shaded, a panel each."""
    return [[round(patch.get_x() + patch.get_width(), 9) for patch in panel.patches]
            for panel in panels(drawn)]  # fmt: skip


def write_models(root, problems, **options):
    """Two models on data sets, of three seeds each."""
    for data_set in problems:
        for model, gap in (("esmm", 4.0), ("esmm_mask", 3.0)):
            for seed in range(3):
                cell = replace(CELL, model=model, problem=data_set, seed=seed, **options)
                write_cell(root, replace(cell, steps=11), gap + seed)


def test_differences_are_the_means_of_pairs_with_their_intervals(found):
    drawn = drawing(found)
    (panel,) = panels(drawn)
    ((label, line),) = markers(panel).items()
    assert label == "mgda"
    # On zdt2 the run that failed has the worst gap of the problem, 2.
    pairs = np.array([[2.0, 2.0, 2.0], [-1.0, -0.8, -1.0]]) / START
    np.testing.assert_allclose(line.get_xdata(), pairs.mean(axis=1), rtol=1e-12)
    ends = np.array(panel.collections[0].get_segments())[:, :, 0]
    expected = [(one.low, one.high) for one in map(interval, pairs)]
    np.testing.assert_allclose(ends, expected, rtol=1e-9)
    assert [text.get_text() for text in panel.get_yticklabels()] == ["zdt1", "zdt2"]
    assert drawn.figure.get_supxlabel() == "difference from mean, better →"
    assert margins(drawn) == [[0.01]]
    assert "(normalised) from mean over 3 seeds" in drawn.caption
    assert "CTR" not in drawn.caption


def test_simulated_problems_are_in_the_order_of_their_rates_and_others_last(tmp_path):
    (tmp_path / "tiny.toml").write_text(MODELS)
    write_models(tmp_path / "s", ["coat", "alicpp_like", "deep_funnel", "adult"])
    write_models(tmp_path / "s", ["shop"], problem_options={"ctr": 0.5})
    drawn = drawing(compared(tmp_path / "s", tmp_path / "tiny.toml"))
    (panel,) = panels(drawn)
    assert [text.get_text() for text in panel.get_yticklabels()] == [
        "alicpp_like\nCTR · CVR 0.0002", "shop\nCTR · CVR 0.05", "deep_funnel\nCTR · CVR 0.56",
        "adult", "coat",
    ]  # fmt: skip
    assert list(markers(panel)) == ["esmm_mask"]
    assert "CTR · CVR: the rate of simulated impressions that are clicked" in drawn.caption


def test_problems_that_differ_in_their_rates_alone_are_drawn_along_them(tmp_path):
    (tmp_path / "tiny.toml").write_text(MODELS)
    write_models(tmp_path / "s", ["deep_funnel", "shop", "rates_0025", "mnar", "alicpp_like"])
    drawn = _along.drawing(compared(tmp_path / "s", tmp_path / "tiny.toml"))
    (panel,) = panels(drawn)
    ((label, line),) = markers(panel).items()
    assert label == "esmm_mask"
    np.testing.assert_allclose(line.get_xdata(), [0.05 * 0.05, 0.15 * 0.1, 0.8 * 0.7])
    np.testing.assert_allclose(line.get_ydata(), [1.0 / START] * 3, rtol=1e-9)
    assert "on rates_0025, shop, deep_funnel: one simulated population" in drawn.caption


def test_a_problem_of_another_size_or_of_the_same_rate_is_not_of_the_family(tmp_path):
    (tmp_path / "tiny.toml").write_text(MODELS)
    write_models(tmp_path / "s", ["deep_funnel", "shop", "rates_0025"])
    write_models(tmp_path / "s", ["shop"], problem_options={"num_rows": 900})
    write_models(tmp_path / "s", ["short_video"], problem_options={"ctr": 0.8, "cvr": 0.7})
    drawn = _along.drawing(compared(tmp_path / "s", tmp_path / "tiny.toml"))
    ((_, line),) = markers(panels(drawn)[0]).items()
    np.testing.assert_allclose(line.get_xdata(), [0.05 * 0.05, 0.15 * 0.1, 0.8 * 0.7])
    assert "900" not in drawn.caption


def test_two_rates_are_too_few_to_draw_along(tmp_path):
    (tmp_path / "tiny.toml").write_text(MODELS)
    write_models(tmp_path / "s", ["deep_funnel", "shop", "mnar"])
    assert _along.drawing(compared(tmp_path / "s", tmp_path / "tiny.toml")) is None


def test_the_first_three_metrics_have_a_panel_and_a_margin_each(tmp_path):
    more = [
        METRIC.format(*one) for one in (("a_b", "true", 0.2), ("c", "false", 0), ("d", "true", 1))
    ]
    text = SUITE.replace("[protocol.anchors]", "".join(more) + "[protocol.anchors]")
    (tmp_path / "tiny.toml").write_text(text)
    write_sweep(tmp_path / "s", {pair: GAPS[pair] for pair in GAPS if pair[1] == "zdt1"},
                more={"a_b": 1.0, "c": 1.0, "d": 1.0})  # fmt: skip
    write_sweep(tmp_path / "s", {("mean", "zdt2"): [1.0] * 3, ("mgda", "zdt2"): [2.0] * 3},
                more={"c": 1.0, "d": 1.0})  # fmt: skip
    drawn = drawing(compared(tmp_path / "s", tmp_path / "tiny.toml"))
    assert [panel.get_title() for panel in panels(drawn)] == ["gap", "a b", "c"]
    assert margins(drawn) == [[0.01], [0.2], []]
    rows = [markers(panel)["mgda"].get_ydata().tolist() for panel in panels(drawn)]
    assert rows == [[0.0, 1.0], [0.0], [0.0, 1.0]]  # a_b is not measured on zdt2
    assert "Not drawn: d." in drawn.caption


def test_the_baseline_and_seven_others_are_shown(tmp_path, suite_file):
    methods = ["mean", "mgda", "pcgrad", "cagrad", "upgrad", "famo", "stch", "rlw", "gradvac"]
    gaps = {(method, "zdt1"): [1.0 + i, 2.0 + i] for i, method in enumerate(methods)}
    write_sweep(tmp_path / "s", gaps)
    drawn = drawing(compared(tmp_path / "s", suite_file))
    assert list(markers(panels(drawn)[0])) == methods[1:8]
    assert drawn.caption.endswith("Shown: the baseline and the 7 best by mean rank of 9 methods.")


@pytest.mark.parametrize(
    "gaps",
    [{("mean", "zdt1"): [1.0, 2.0]}, {("mean", "zdt1"): [1.0], ("mgda", "zdt1"): [1.0]},
     {("mgda", "zdt1"): [1.0, 2.0], ("pcgrad", "zdt1"): [1.0, 2.0]}],
    ids=["alone", "one seed", "no baseline"],
)  # fmt: skip
def test_what_cannot_be_judged_is_not_drawn_and_it_is_said(tmp_path, suite_file, gaps):
    write_sweep(tmp_path / "s", gaps)
    one = compared(tmp_path / "s", suite_file)
    assert drawing(one) is None
    said = _figures.left_out(one, [])
    assert "no plot of differences: it takes a baseline, another method and two seeds" in said


@pytest.mark.parametrize(
    "name", ["drug_screening", "entire_space", "images", "recommendation", "tabular"]
)
def test_every_suite_of_data_sets_is_drawn_by_its_own_margins(tmp_path, name):
    suite = load_suite(name)
    metrics = suite.protocol.metrics
    cell = replace(CELL, suite=name, problem=next(iter(suite.problems)), model="esmm")
    other = {"method": {"method": "mgda"}, "model": {"model": "esmm_mask"}}[suite.protocol.entrants]
    for i, one in enumerate((cell, replace(cell, **other))):
        for seed in range(3):
            final = {metric.name: 0.6 + 0.1 * i + 0.01 * seed for metric in metrics}
            write_cell(tmp_path, replace(one, seed=seed), 1.0, more=final)
    drawn = drawing(compared(tmp_path, name))
    assert margins(drawn) == [[metric.margin] for metric in metrics[:3]]
    for metric, panel in zip(metrics[:3], panels(drawn), strict=True):
        ((difference,),) = (line.get_xdata() for line in markers(panel).values())
        assert difference == pytest.approx(0.1 if metric.higher_is_better else -0.1)
