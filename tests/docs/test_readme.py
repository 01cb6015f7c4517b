"""The README's code runs, and its links lead somewhere."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_example_runs_and_descends(capsys, tmp_path):
    code = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL).group(1)
    (tmp_path / "example.py").write_text(code, encoding="utf-8")
    names = runpy.run_path(str(tmp_path / "example.py"))
    losses = names["record"].losses
    assert float(losses.sum()) < float(names["objectives"](names["jnp"].array([3.0, 0.5])).sum())
    assert capsys.readouterr().out.startswith("[")


def test_the_list_of_methods_is_generated():
    run = subprocess.run([sys.executable, ".ci/catalogue.py", "--check"], cwd=ROOT, check=False)
    assert run.returncode == 0


def test_images_are_there():
    for path in re.findall(r"!\[.*?\]\((.*?)\)", TEXT):
        assert (ROOT / path).stat().st_size < 1_000_000
