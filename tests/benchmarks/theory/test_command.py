import pytest

from benchmarks.__main__ import main
from benchmarks.theory import _command
from benchmarks.theory._measures import SMOKE


def test_unknown_methods_and_folders_without_cells_are_refused(tmp_path, capsys):
    assert main(["theory", "upgrd", "--out", str(tmp_path / "page")]) == 2
    assert "did you mean upgrad" in capsys.readouterr().err
    assert main(["theory", "--cells", str(tmp_path), "--out", str(tmp_path / "page")]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert not (tmp_path / "page").exists()


@pytest.mark.parametrize("given", [[], ["mgda"]])
def test_ours_is_always_measured(given, tmp_path, monkeypatch):
    """One process; nothing is measured but who would be."""
    asked = []
    monkeypatch.setattr(_command, "measure_one", lambda name, size: asked.append((name, size)))
    monkeypatch.setattr(_command, "_facts", lambda seconds: {})
    monkeypatch.setattr("benchmarks.theory._page.write_page", lambda *given: given[-1])
    assert main(["theory", *given, "--smoke", "--workers", "1", "--out", str(tmp_path)]) == 0
    names = [name for name, _ in asked]
    assert names[0] == "calm"
    assert names[1:] == given or len(names) == 8
    assert {size for _, size in asked} == {SMOKE}
