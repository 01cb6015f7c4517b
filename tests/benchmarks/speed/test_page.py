import csv
import json

from benchmarks.speed._page import write_page
from benchmarks.speed._result import curve, result, table

FACTS = {
    "date": "2020-02-02", "machine": "a machine", "versions": {"jax": "1"}, "cores": 2,
    "device": {"platform": "cpu", "kind": "cpu"}, "settings": {},
}  # fmt: skip


def stored():
    lines = {"moo": [(1, 2.0), (2, 3.0)], "peer": [(1, 4.0), (2, 9.0)]}
    found = result(
        {"moo": 0.5, "help": 0.25, "moo_floor": 0.1},
        [table("A table", ("what", "s"), [("one_thing", "1")])],
        [curve("figure", "A caption", "m", "ms", lines)],
        ["A note."],
    )
    # As it comes back from its file.
    return {
        "toy": {"skipped": "not installed: torch", "commit": "c0ffee"},
        "imports": json.loads(json.dumps(found)) | {"facts": FACTS, "commit": "c0ffee"},
    }


def test_page_has_bars_tables_figures_and_what_is_missing(tmp_path):
    text = write_page(stored(), tmp_path).read_text()
    assert "python -m benchmarks run speed\n" in text
    assert "- date: 2020-02-02\n- machine: a machine\n" in text
    assert "- commit: c0ffee\n" in text
    assert "| import moo | ≤ 0.15 s | 0.5 s | **no** | 0.1 s | imports |" in text
    assert "| moo --help | ≤ 0.4 s | 0.25 s | yes | – | imports |" in text
    assert "Tiny grids" not in text
    assert "Not measured: not installed: torch" in text
    assert "| one\\_thing | 1 |" in text
    assert "![A caption](figures/figure.svg)" in text
    assert (tmp_path / "figures" / "figure.svg").stat().st_size < 150_000
    with (tmp_path / "values.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {"row": "imports", "value": "moo", "measured": "0.5"}


def test_a_page_of_tiny_grids_says_so(tmp_path):
    rows = stored()
    rows["toy"]["small"] = True
    assert "Tiny grids" in write_page(rows, tmp_path).read_text()


def test_the_same_rows_make_the_same_page(tmp_path):
    pages = [write_page(stored(), tmp_path / name).read_bytes() for name in ("a", "b")]
    figures = [(tmp_path / n / "figures" / "figure.svg").read_bytes() for n in ("a", "b")]
    assert pages[0] == pages[1]
    assert figures[0] == figures[1]
