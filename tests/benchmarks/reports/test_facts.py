from dataclasses import replace

import pytest

from benchmarks import reports
from benchmarks.reports import _facts
from tests.benchmarks.reports.cells import CELL, write_cell


@pytest.mark.parametrize(
    ("trials", "seeds", "tested", "words"),
    [
        (2, 1, False, "trials chosen by the score itself, which flatters all methods (one seed)"),
        (2, 2, False, "trials chosen on the other seeds"),
        (1, 2, False, ""),
        (1, 1, True, "steps chosen on validation (of each run the recorded step of the least "
                     "geometric mean of validation losses)"),
        (2, 2, True, "trials and steps chosen on validation (of each run the recorded step of the "
                     "least geometric mean of validation losses)"),
    ],
)  # fmt: skip
def test_it_is_said_who_chose_what(tmp_path, suite_file, trials, seeds, tested, words):
    for trial in range(trials):
        for seed in range(seeds):
            cell = replace(CELL, learning_rate=0.1 * (1 + trial), seed=seed)
            write_cell(tmp_path / "s", cell, 1.0, test={"gap": 1.0} if tested else None)
    (found,) = reports.comparisons(reports.read(tmp_path / "s"), suite_file)
    protocol = dict(_facts.facts(found))["protocol"]
    scores = "test data, looked at once" if tested else "the problems themselves"
    assert protocol.partition("; ")[2] == f"{words}{', ' * bool(words)}scores of {scores}"
