from dataclasses import replace

import pytest

from benchmarks import reports
from benchmarks.reports._data_sets import data_sets
from tests.benchmarks.reports.cells import CELL, ENVIRONMENT, write_cell

SAMPLE = "a sample selected on likes, so an illustration and no evidence; split by time"


def test_test_problems_are_no_data_sets(found):
    assert data_sets(found) == []


def test_every_data_set_is_described_once_on_the_page_and_in_the_readme(
    tmp_path, suite_file, undrawn
):
    studied = replace(CELL, problem="kuairand_subset", model="mmoe")
    for method in ("mean", "mgda"):
        write_cell(tmp_path / "sweep", replace(studied, method=method), 1.0)
    stored = reports.read(tmp_path / "sweep")
    (one,) = reports.comparisons(stored, suite_file)
    assert data_sets(one) == [("kuairand_subset", SAMPLE)]
    page = reports.write_report(stored, [one], tmp_path / "out").read_text()
    assert page.count(SAMPLE) == 1
    readme = reports.write_readme([one], tmp_path / "README.md").read_text()
    assert readme.count(f"- data set kuairand_subset: {SAMPLE}") == 1


@pytest.mark.parametrize(
    ("digests", "words"),
    [("aa", f"; sha256 of its files {'a' * 16}"),
     ("ab", "; 2 different versions of its files: do not compare its cells")],
)  # fmt: skip
def test_the_files_that_were_read_are_named(tmp_path, suite_file, digests, words):
    for seed, digest in enumerate(digests):
        cell = replace(CELL, problem="adult", model="mmoe", seed=seed)
        write_cell(tmp_path / "sweep", cell, 1.0, environment=ENVIRONMENT | {"data": 64 * digest})
    (one,) = reports.comparisons(reports.read(tmp_path / "sweep"), suite_file)
    assert data_sets(one)[0][1].endswith(words)
