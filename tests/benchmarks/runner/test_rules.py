import importlib
import inspect
from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

import moo
from benchmarks.runner._plan import cells
from benchmarks.runner._rules import Rules, read_rules
from benchmarks.runner._suite import UsageError, load_suite
from benchmarks.statistics import Metric, search_space

SYNTHETIC = load_suite("synthetic")
SMOKE = SYNTHETIC.scales["smoke"]
TUNED = replace(
    SYNTHETIC,
    scales={"s": replace(SMOKE, problems=["two_task_toy", "dtlz2"], seeds=2, trials=3,
                         methods=["mean", "p_norm", "cagrad"], learning_rates=())},
)  # fmt: skip


def test_the_synthetic_suite_has_a_protocol():
    rules = SYNTHETIC.protocol
    assert [(m.name, m.higher_is_better, m.margin) for m in rules.metrics] == [
        ("distance_to_front", False, 0.001), ("hypervolume", True, 0.001),
    ]  # fmt: skip
    assert (rules.baseline, rules.trials) == ("mean", 3)
    assert rules.anchors["distance_to_front"] == {"worst": "start", "best": 0.0}
    full = rules.protocol(range(5), 2000)
    assert (full.seeds, full.backward_passes, full.metrics) == (
        (0, 1, 2, 3, 4),
        2000,
        rules.metrics,
    )


def test_every_method_gets_as_many_trials_and_the_same_learning_rates():
    found = cells(TUNED, "s")
    assert len({cell.address for cell in found}) == len(found) == 3 * 2 * 3 * 2
    rates = {}
    for cell in found:
        rates.setdefault((cell.method, cell.problem), set()).add(cell.learning_rate)
    assert len(set(map(frozenset, rates.values()))) == 1
    assert len(rates["mean", "dtlz2"]) == 3
    assert 0.01 in rates["mean", "dtlz2"]


def test_the_first_trial_is_the_published_setting():
    first = next(cell for cell in cells(TUNED, "s") if cell.method == "cagrad")
    assert (first.learning_rate, first.options) == (0.01, {"c": 0.4})


def test_weights_of_linear_scalarisation_are_as_many_as_the_objectives():
    found = [cell for cell in cells(TUNED, "s") if cell.method == "p_norm"]
    sizes = {cell.problem: len(cell.options["preference"]) for cell in found}
    assert sizes == {"two_task_toy": 2, "dtlz2": 3}
    for cell in found:
        assert sum(cell.options["preference"]) == pytest.approx(1.0)
        assert (cell.options["p"], cell.options["ideal"]) == (1.0, -1e9)
    assert SYNTHETIC.labels["p_norm"] == "linear scalarisation"


@pytest.mark.parametrize("losses", [(3.0, 4.0), (-20.0, 1e-3), (0.0, -1e6)])
def test_it_is_linear_scalarisation_whatever_the_losses(losses):
    (options,) = SYNTHETIC.methods["p_norm"]
    method = moo.p_norm(num_objectives=2, preference=(0.3, 0.7), **options)
    jac = moo.stacked_jacobian(jnp.eye(2), jnp.array(losses))
    update, _ = method.update(jac, method.init(jnp.zeros(2)))
    np.testing.assert_array_equal(update, np.float32([0.3, 0.7]))


def test_one_trial_keeps_the_cells_that_were():
    suite = replace(SYNTHETIC, protocol=None, spaces={}, learning_rate=None)
    assert cells(suite, "smoke") == cells(SYNTHETIC, "smoke")


@pytest.mark.parametrize("method", SYNTHETIC.spaces)
def test_a_space_holds_hyper_parameters_of_its_method(method):
    module, _, name = moo.aggregators.METHODS[method].factory.partition(":")
    known = inspect.signature(getattr(importlib.import_module(module), name)).parameters
    space = {k: v if v.get("size") != "objectives" else v | {"size": 2}
             for k, v in SYNTHETIC.spaces[method].items()}  # fmt: skip
    for key, parameter in search_space(space).items():
        own = known[key].default
        assert own == parameter.default or own is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning_rate": None}, r"need the suite's range \[learning_rate\]"),
        ({"spaces": {"cagrad": {"c": {"kind": "normal"}}}}, "spaces.cagrad: c: kind must be"),
    ],
)
def test_trials_that_cannot_be_made_are_a_usage_error(changes, message):
    with pytest.raises(UsageError, match=message):
        cells(replace(TUNED, **changes), "s")


def test_trials_may_be_asked_for_and_the_first_is_the_published_one():
    found = cells(SYNTHETIC, "smoke", ["mean", "cagrad"], trials=2)
    assert len({(cell.learning_rate, str(cell.options)) for cell in found}) == 4
    only = cells(SYNTHETIC, "smoke", ["mean", "cagrad"], trials=1)
    assert set(only) < set(found)
    assert {cell.learning_rate for cell in only} == {SYNTHETIC.learning_rate.default}


METRIC = {"name": "a", "higher_is_better": True, "margin": 0.0}


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"metrics": [METRIC | {"margin": -1.0}]},
        {"metrics": [METRIC], "trials": 0},
        {"metrics": [METRIC], "unknown": 1},
        {"metrics": [METRIC], "anchors": {"b": {"worst": 0.0, "best": 1.0}}},
        {"metrics": [METRIC], "anchors": {"a": {"worst": 0.0}}},
        {"metrics": [METRIC], "anchors": {"a": {"worst": "end", "best": 1.0}}},
    ],
)
def test_a_protocol_that_is_none_is_refused(table):
    with pytest.raises((ValueError, TypeError)):
        read_rules(table)


def test_a_suite_with_such_a_protocol_is_refused(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text('optimizer = "adam"\n[scales]\n[methods]\n[problems]\n[protocol]\ntrials = 1\n')
    with pytest.raises(UsageError, match="does not describe a suite: metrics"):
        load_suite(str(path))


def test_rules_are_plain_data():
    rules = Rules(metrics=(Metric("a", higher_is_better=True, margin=0.0),))
    assert read_rules({"metrics": [METRIC]}) == rules
