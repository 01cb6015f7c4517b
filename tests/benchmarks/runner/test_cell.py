import hashlib
import json
import math
import os
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.runner._cell import Cell, canonical

CELL = Cell(
    suite="synthetic", problem="zdt1", method="cagrad", seed=3, steps=100, every=10,
    learning_rate=0.1, options={"c": 0.4, "bounds": (1, 2.5)},
)  # fmt: skip

FINITE = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers() | st.text() | FINITE
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


def test_the_address_is_the_sha256_of_the_canonical_text():
    text = (
        '{"every":10,"lanes":1,"learning_rate":0.1,"method":"cagrad","model":null,'
        '"optimizer":"adam","options":{"bounds":[1,2.5],"c":0.4},"passes":0,"problem":"zdt1",'
        '"problem_options":{},"samples":6,"seed":3,"starts":1,"steps":100,"suite":"synthetic"}'
    )
    assert CELL.json == text
    assert CELL.address == hashlib.sha256(text.encode()).hexdigest()


def test_every_field_enters_the_address():
    others = {"suite": "s", "problem": "zdt2", "method": "mean", "seed": 4, "steps": 101,
              "every": 11, "learning_rate": math.nextafter(0.1, 1.0), "optimizer": "sgd",
              "problem_options": {"dim": 4}, "options": {"c": 0.5}, "starts": 2, "samples": 5,
              "lanes": 2, "model": "esmm", "passes": 7}  # fmt: skip
    assert set(others) == set(CELL._fields())
    addresses = {replace(CELL, **{name: value}).address for name, value in others.items()}
    assert len(addresses | {CELL.address}) == len(others) + 1


def test_order_of_keys_tuples_and_whole_rates_do_not_change_the_address():
    same = replace(CELL, options={"bounds": [1, 2.5], "c": 0.4})
    assert same == CELL
    assert hash(same) == hash(CELL)
    assert replace(CELL, learning_rate=1).address == replace(CELL, learning_rate=1.0).address


def test_what_was_hashed_cannot_be_changed_from_outside():
    options = {"c": [0.4]}
    cell = replace(CELL, options=options)
    address = cell.address
    options["c"].append(1.0)
    assert Cell.from_json(cell.json).address == address


@pytest.mark.parametrize("seed", ["0", "1", "random"])
def test_pythons_hash_seed_has_no_influence(seed):
    code = f"from benchmarks.runner._cell import Cell; print(Cell.from_json({CELL.json!r}).address)"
    environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == CELL.address


@given(VALUES)
def test_canonical_json_is_read_back_as_it_was(value):
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text
    assert text.isascii()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"c": float("nan")}, r"options\.c: must be finite, got nan"),
        ({"a": {"b": [1.0, -math.inf]}}, r"options\.a\.b\[1\]: must be finite, got -inf"),
        ({"c": np.float32(0.1)}, r"options\.c: JSON holds no numpy\.float32"),
        ({"c": np.float64(0.1)}, r"options\.c: JSON holds no numpy\.float64"),
        ({"c": {1, 2}}, r"options\.c: JSON holds no builtins\.set"),
        ({1: 2}, r"options: keys must be str, got 1"),
    ],
)
def test_what_json_cannot_hold_is_refused_by_name(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        replace(CELL, options=options)


@pytest.mark.parametrize(
    ("field", "value"),
    [("seed", 1.0), ("seed", True), ("method", None), ("learning_rate", "0.1"), ("options", [1])],
)
def test_a_field_of_another_type_is_refused_by_name(field, value):
    with pytest.raises(TypeError, match=f"^{field}: must be"):
        replace(CELL, **{field: value})


@pytest.mark.parametrize("text", ["[]", '{"suite": "s"}', '{"unknown": 1}'])
def test_other_json_is_no_cell(text):
    with pytest.raises(ValueError, match="cell"):
        Cell.from_json(text)


def test_a_cell_travels_to_a_worker():
    assert pickle.loads(pickle.dumps(CELL)) == CELL
