import pytest

from benchmarks.runner._suite import Scale, UsageError, load_suite


@pytest.mark.parametrize("given", [{}, {"steps": 5, "passes": 5}, {"passes": -1}])
def test_a_scale_has_one_budget(given):
    with pytest.raises(ValueError, match="steps or passes"):
        Scale(["zdt1"], ["mean"], seeds=1, starts=1, every=1, lanes=1, **given)


@pytest.mark.parametrize("text", ["name = ", "[scales.smoke]\nseeds = 1", "unknown = 1"])
def test_a_file_that_describes_no_suite_is_refused(tmp_path, text):
    (tmp_path / "other.toml").write_text(text)
    with pytest.raises(UsageError, match=r"other\.toml does not describe a suite"):
        load_suite("other", tmp_path)
    with pytest.raises(UsageError, match="unknown suite 'others'; did you mean other"):
        load_suite("others", tmp_path)
