import pytest

from benchmarks.runner._suite import Scale, UsageError, load_suite


@pytest.mark.parametrize("given", [{}, {"steps": 5, "passes": 5}, {"passes": -1}])
def test_a_scale_has_one_budget(given):
    with pytest.raises(ValueError, match="steps or passes"):
        Scale(["zdt1"], ["mean"], seeds=1, starts=1, every=1, lanes=1, **given)


@pytest.mark.parametrize(
    ("field", "value"),
    [("seeds", 0), ("starts", 0), ("every", -1), ("every", 1.5), ("lanes", "2"), ("lanes", True),
     ("trials", 0), ("learning_rates", [0.1, 0.0]), ("learning_rates", [float("inf")])],
)  # fmt: skip
def test_a_number_out_of_its_range_is_named(field, value):
    given = {"seeds": 1, "starts": 1, "every": 1, "lanes": 1, "steps": 1, field: value}
    with pytest.raises(ValueError, match=f"^{field} must be .*, got"):
        Scale(["zdt1"], ["mean"], **given)


def test_the_scale_of_such_a_number_is_named(tmp_path):
    text = """optimizer = "adam"
[methods]
[problems]
[scales.smoke]
problems = ["zdt1"]
methods = ["mean"]
steps = 1
seeds = 1
starts = 1
every = 0
lanes = 1
"""
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(UsageError, match=r"own\.toml .*: scales\.smoke: every must be .*, got 0$"):
        load_suite("own", tmp_path)


@pytest.mark.parametrize("text", ["name = ", "[scales.smoke]\nseeds = 1", "unknown = 1"])
def test_a_file_that_describes_no_suite_is_refused(tmp_path, text):
    (tmp_path / "other.toml").write_text(text)
    with pytest.raises(UsageError, match=r"other\.toml does not describe a suite"):
        load_suite("other", tmp_path)
    with pytest.raises(UsageError, match="unknown suite 'others'; did you mean other"):
        load_suite("others", tmp_path)
