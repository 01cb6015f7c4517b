import numpy as np
import pytest

from moo.plotting import plot_critical_difference

RANKS = {"c": 3.0, "a": 1.5, "b": 2.0, "e": 4.5, "d": 4.0}


def lines(axes, gid):
    return [line.get_xydata().tolist() for line in axes.lines if line.get_gid() == gid]


def test_methods_hang_from_their_ranks_best_first():
    figure, axes = plot_critical_difference(RANKS, 1.2, problems=30, p_value=0.012)
    assert [line[0][0] for line in lines(axes, "method")] == [1.5, 2.0, 3.0, 4.0, 4.5]
    edges = [line[2][0] for line in lines(axes, "method")]
    assert edges == [1, 1, 1, 5, 5]
    names = {text.get_text() for text in axes.texts}
    assert {"a  1.50", "b  2.00", "c  3.00", "4.00  d", "4.50  e"} < names
    assert figure.get_suptitle() == "mean rank over 30 problems, 1 is best, Friedman p = 0.012"


def test_the_critical_difference_is_drawn_to_scale_and_joins_what_lies_within():
    _, axes = plot_critical_difference(RANKS, 1.2, problems=30)
    ((left, right),) = lines(axes, "critical difference")
    np.testing.assert_allclose(right[0] - left[0], 1.2)
    assert "   critical difference 1.20" in [text.get_text() for text in axes.texts]
    bars = [[point[0] for point in bar] for bar in lines(axes, "not apart")]
    assert bars == [[1.5, 2.0], [2.0, 3.0], [3.0, 4.0], [4.0, 4.5]]


def test_rows_of_one_side_do_not_meet():
    _, axes = plot_critical_difference({f"m{i}": i + 1.0 for i in range(8)}, 2.0, problems=9)
    rows = [line[1][1] for line in lines(axes, "method")]
    assert len(set(rows[:4])) == len(set(rows[4:])) == 4
    lowest_bar = max(bar[0][1] for bar in lines(axes, "not apart"))
    assert min(rows) > lowest_bar


@pytest.mark.parametrize(("width", "ticks"), [("page", range(1, 17)), ("column", range(1, 17, 2))])
def test_a_narrow_axis_has_fewer_numbers(width, ticks):
    ranks = {f"m{i:02d}": i + 1.0 for i in range(16)}
    _, axes = plot_critical_difference(ranks, 3.0, problems=9, width=width)
    assert axes.get_xticks().tolist() == list(ticks)


def test_raw_scores_are_ranked():
    scores = {f"m{i}": np.arange(10.0) + 100 * i for i in range(5)}
    figure, axes = plot_critical_difference(scores, higher_is_better=True)
    assert [line[0][0] for line in lines(axes, "method")] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert "m4  1.00" in [text.get_text() for text in axes.texts]
    assert figure.get_suptitle().endswith("Friedman p < 0.001")


def test_a_small_comparison_is_refused():
    with pytest.raises(ValueError, match="at least 5 methods"):
        plot_critical_difference({"a": 1.0, "b": 2.0}, 1.0, problems=9)
    with pytest.raises(ValueError, match="at least 5, got 3"):
        plot_critical_difference(RANKS, 1.0, problems=3)
