import csv
import re

import numpy as np

from benchmarks.theory._entrants import ENTRANTS, OURS
from benchmarks.theory._measures import JUMPS, MARGINS, Size, Value
from benchmarks.theory._page import write_page

HORIZONS = (10, 100, 1000)


def values(level, rng):
    at = [("gap", horizon) for horizon in HORIZONS] + [("bias", 0)]
    jumps = [Value("sensitivity", JUMPS[0], 0.1, np.full(20, level) + 0.01 * rng.normal(size=20))]
    return jumps + [
        Value(measure, "noisy_instance", horizon,
              level / max(horizon, 1) + 1e-6 * rng.random(20))
        for measure, horizon in at
    ]  # fmt: skip


def test_page_table_and_figures(tmp_path):
    rng = np.random.default_rng(0)
    found = {name: values(1 + (name != OURS), rng) for name in ENTRANTS}
    page = write_page(found, Size(horizons=HORIZONS), "python -m it", {"date": "today"}, tmp_path)
    text = page.read_text()
    assert "python -m it\n" in text
    assert "| gap, noisy\\_instance | -1.00 [-1.00, -1.00]" in text
    assert "| bias | 1 of 1 | 1 of 1 |" in text  # 1 beside 2, the margin .01
    assert "| gap | 1 of 1 | 0 of 1 |" in text  # .001 beside .002, the margin .0025
    assert re.search(r"\| 0.1 \| (2(.0\d*)?|1.99\d*) ± 0.00[1-4] \|", text)
    assert "sensitivity" not in text
    assert all(f"{name} {margin:g}" in text for name, margin in MARGINS.items())
    assert (tmp_path / "figures" / "gap_noisy_instance.svg").stat().st_size < 150_000
    with (tmp_path / "values.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(ENTRANTS) * (len(HORIZONS) + 2) * 20
    assert {row["entrant"] for row in rows} == set(ENTRANTS)
