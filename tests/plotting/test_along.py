import numpy as np
import pytest

from moo.plotting import plot_along

RNG = np.random.default_rng(0)
MIDDLE = RNG.normal(size=(2, 3, 4))
LOW, HIGH = MIDDLE - RNG.random((2, 3, 4)), MIDDLE + RNG.random((2, 3, 4))
AT = (0.001, 0.01, 0.2, 0.8)


def test_every_entrant_has_a_line_and_its_intervals_in_every_panel():
    _, axes = plot_along(
        MIDDLE, LOW, HIGH, at=AT, groups="abc", names=("AUC", "loss"), labels=("rate", "gain")
    )
    assert [panel.get_title() for panel in axes] == ["AUC", "loss"]
    for m, panel in enumerate(axes):
        lines = [line for line in panel.lines if not line.get_label().startswith("_")]
        assert [line.get_label() for line in lines] == ["a", "b", "c"]
        for e, (line, bars) in enumerate(zip(lines, panel.collections, strict=True)):
            np.testing.assert_array_equal(line.get_ydata(), MIDDLE[m, e])
            ends = np.array(bars.get_segments())
            np.testing.assert_array_equal(ends[:, :, 1], np.stack([LOW[m, e], HIGH[m, e]], -1))
            np.testing.assert_array_equal(ends[:, :, 0].T, [line.get_xdata()] * 2)
        apart = [np.log(line.get_xdata()) for line in lines]
        np.testing.assert_allclose(np.mean(apart, axis=0), np.log(AT))  # around their problem
        assert (apart[2][:-1] < apart[0][1:]).all()  # and clear of the next one
        assert panel.get_xscale() == "log"
        assert panel.get_xlabel() == "rate"
    assert axes[0].get_ylabel() == "gain"


def test_what_was_not_measured_is_left_out_and_margins_are_shaded():
    middle, low, high = MIDDLE[0].copy(), LOW[0].copy(), HIGH[0].copy()
    for one in (middle, low, high):
        one[1, 2] = np.nan
    _, (panel,) = plot_along(middle, low, high, at=AT, groups="abc", margin=0.1)
    line = next(line for line in panel.lines if line.get_label() == "b")
    np.testing.assert_array_equal(line.get_ydata(), middle[1, [0, 1, 3]])
    (margin,) = (patch for patch in panel.patches if patch.get_gid() == "margin")
    assert (margin.get_y(), margin.get_height()) == (-0.1, 0.2)


def test_one_problem_is_a_point():
    _, (panel,) = plot_along([[1.0], [2.0]], [[0.5], [1.5]], [[1.5], [2.5]], at=[0.1], groups="ab")
    assert [len(line.get_xdata()) for line in panel.lines[1:]] == [1, 1]


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"at": (0.1, 0.2)}, r"differences, low and high must be \(..., 3, 2\)"),
     ({"at": (0.0, 0.1, 0.2, 0.3)}, "at must be positive for a log axis, got 0"),
     ({"at": (0.1, 0.3, 0.2, 0.4)}, "at must be finite and increase"),
     ({"low": HIGH, "high": LOW}, "low must not be above high"),
     ({"margin": -1.0}, "margin must be a number or")],
)  # fmt: skip
def test_what_does_not_fit_is_refused(changed, words):
    given = {"differences": MIDDLE, "low": LOW, "high": HIGH, "at": AT, "groups": "abc"}
    with pytest.raises(ValueError, match=words):
        plot_along(**given | changed)
