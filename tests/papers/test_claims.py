import json

import pytest

from papers._claims import read_claims, write_claims

ROW = {
    "key": "A-1", "claim": "One is one.", "quantity": "one", "source": "paper", "place": "Eq. (1)",
    "read": True, "paper": 1.0, "ours": 1.0, "tolerance": {"at_least": 0.9, "at_most": 1.1},
    "status": "matches", "note": "",
}  # fmt: skip


def written(path, *rows):
    file = path / "expected.json"
    file.write_text(json.dumps(rows))
    return file


def test_a_claim_holds_within_its_range(tmp_path):
    (claim,) = read_claims(written(tmp_path, ROW))
    assert [claim.holds(value) for value in (0.89, 0.9, 1.1, 1.11)] == [False, True, True, False]
    (open_,) = read_claims(written(tmp_path, ROW | {"tolerance": {"at_most": 1.0}}))
    assert open_.holds(-1e9)
    assert not open_.holds(float("nan"))


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"tolerance": {}}, "row 1: tolerance must hold at_least, at_most or both"),
     ({"tolerance": {"about": 1.0}}, "tolerance must hold at_least, at_most or both"),
     ({"source": "memory"}, "source must be one of paper, code, own"),
     ({"status": "true"}, "status one of matches, differs"),
     ({"ours": 2.0}, "ours, 2.0, is outside its own range"),
     ({"more": 1}, "fields must be")],
)  # fmt: skip
def test_a_row_that_is_no_claim_is_refused_by_name(tmp_path, changed, words):
    with pytest.raises(ValueError, match=words):
        read_claims(written(tmp_path, ROW | changed))


@pytest.mark.parametrize("field", ["key", "quantity"])
def test_no_name_stands_twice(tmp_path, field):
    other = ROW | {"key": "A-2", "quantity": "two"} | {field: ROW[field]}
    with pytest.raises(ValueError, match=f"{field} must not repeat, got {ROW[field]} twice"):
        read_claims(written(tmp_path, ROW, other))


def test_what_was_measured_is_kept_and_nothing_else_changes(tmp_path):
    file = written(tmp_path, ROW, ROW | {"key": "A-2", "quantity": "two"})
    write_claims(file, read_claims(file), {"one": 1.05})
    first, second = json.loads(file.read_text())
    assert first == ROW | {"ours": 1.05}
    assert second == ROW | {"key": "A-2", "quantity": "two"}
