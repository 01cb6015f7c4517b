import numpy as np
import pytest

from moo.plotting import plot_radar

SCORES = {"a": [0.8, 1.0, 30.0, 2.0], "b": [0.6, 2.0, 10.0, 4.0]}
NAMES = ("AUC", "RMSE", "log loss", "recall")
HIGHER = (True, False, False, True)


def test_every_polygon_is_closed_and_outward_is_better():
    limits = [(0.0, 1.0), (4.0, 0.0), (40.0, 0.0), (0.0, 4.0)]
    figure, axes = plot_radar(SCORES, NAMES, higher_is_better=HIGHER, limits=limits)
    shares = [line.get_ydata().round(9).tolist() for line in axes.lines]
    assert shares == [[0.8, 0.75, 0.25, 0.5, 0.8], [0.6, 0.5, 0.75, 1.0, 0.6]]
    np.testing.assert_allclose(axes.lines[0].get_xdata(), np.arange(5) * np.pi / 2)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]


def test_the_caption_names_direction_and_normaliser_of_every_axis():
    figure, axes = plot_radar(SCORES, NAMES, higher_is_better=HIGHER)
    caption = figure.get_supxlabel().replace("\n", " ").replace("\N{NO-BREAK SPACE}", " ")
    assert caption == (
        "Centre to rim: AUC ↑ 0.55 to 0.8; RMSE ↓ 2.25 to 1; log loss ↓ 35 to 10; recall ↑ 1.5 to 4"
    )
    titles = [text.get_text() for text in axes.get_xticklabels()]
    assert titles == ["AUC ↑", "RMSE ↓", "log loss ↓", "recall ↑"]


def test_a_wide_radar_warns_of_itself():
    with pytest.warns(UserWarning, match="radar of 7 criteria is hard to read: see plot_parallel"):
        plot_radar({"a": np.arange(7.0)})


@pytest.mark.parametrize(
    ("scores", "names", "message"),
    [
        ({"a": [1.0, 2.0]}, (), "one row of three criteria or more, got 2"),
        ({"a": np.ones((2, 3))}, (), r"got 3 and \{'a': 2\}"),
        ({"a": np.ones(3)}, ("x",), "one name for each of 3 criteria"),
    ],
)
def test_unfit_scores_are_refused(scores, names, message):
    with pytest.raises(ValueError, match=message):
        plot_radar(scores, names)
