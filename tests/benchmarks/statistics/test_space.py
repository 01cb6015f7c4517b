import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.statistics import Choice, LogUniform, Simplex, Uniform, search_space

unit = st.floats(0, 1, exclude_max=True)


@given(unit)
def test_numbers_stay_between_their_ends(u):
    assert -1.0 <= Uniform(-1.0, 3.0, 0.0).at(np.array([u])) <= 3.0
    assert 1e-4 <= LogUniform(1e-4, 0.1, 1e-3).at(np.array([u])) <= 0.1


def test_the_middle_of_a_logarithmic_range_is_its_geometric_mean():
    assert LogUniform(1e-4, 1e-2, 1e-3).at(np.array([0.5])) == pytest.approx(1e-3)


def test_choices_share_the_interval_equally():
    choice = Choice(("a", "b", "c", "d"), default="b")
    found = [choice.at(np.array([u])) for u in (0.0, 0.24, 0.25, 0.5, 0.99)]
    assert found == ["a", "a", "b", "c", "d"]


@given(st.lists(unit, min_size=3, max_size=3))
def test_weights_are_positive_with_sum_one(u):
    weights = Simplex(3).at(np.array(u))
    assert min(weights) > 0
    assert sum(weights) == pytest.approx(1)


def test_weights_are_uniform_on_the_simplex():
    rng = np.random.default_rng(0)
    weights = np.array([Simplex(3).at(u) for u in rng.random((2_000, 3))])
    # A uniform point of the triangle has the mean 1/3, and each weight is beta(1, 2).
    np.testing.assert_allclose(weights.mean(axis=0), 1 / 3, atol=0.02)
    np.testing.assert_allclose((weights < 0.5).mean(axis=0), 0.75, atol=0.03)


def test_a_space_is_read_from_toml():
    text = """
    [c]
    kind = "log_uniform"
    low = 0.1
    high = 10.0
    default = 1.0
    [norm]
    kind = "choice"
    values = ["l2", "loss"]
    default = "l2"
    [weights]
    kind = "simplex"
    size = 2
    """
    found = search_space(tomllib.loads(text))
    assert found == {
        "c": LogUniform(0.1, 10.0, 1.0),
        "norm": Choice(("l2", "loss"), "l2"),
        "weights": Simplex(2),
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Uniform(1.0, 1.0, 1.0), "high"),
        (lambda: Uniform(0.0, float("inf"), 1.0), "high"),
        (lambda: Uniform(0.0, 1.0, 2.0), "default"),
        (lambda: LogUniform(0.0, 1.0, 0.5), "low"),
        (lambda: Choice((), "a"), "default"),
        (lambda: Simplex(1), "size"),
        (lambda: search_space({"c": {"kind": "normal"}}), "c: kind"),
        (lambda: search_space({"c": {"kind": "simplex"}}), "c: 'simplex' has fields"),
    ],
)
def test_spaces_that_cannot_be_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
