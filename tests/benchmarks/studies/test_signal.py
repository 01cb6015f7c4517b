import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from benchmarks.studies import build_study
from benchmarks.studies._signal import ROWS, signal, unconverted

pytestmark = pytest.mark.usefixtures("unoptimised")

P, Q = 0.8, 0.6
PI = P * Q
LOGITS = {"ctr_tower": np.log(P / (1 - P)), "cvr_tower": np.log(Q / (1 - Q)), "features": 0.0}
# Two clicks without conversion among rows of the other classes, which must not count.
CLICKS = {"click": np.array([0, 1, 1, 1, 0.0]), "conversion": np.array([0, 0, 1, 0, 0.0])}


def losses(conflict):
    def of_parameters(params, arrays):
        a = params["ctr_tower"] + params["features"] + jnp.zeros(len(arrays["click"]))
        b = params["cvr_tower"] + params["features"] + jnp.zeros(len(arrays["click"]))
        labels = arrays["click"], arrays["conversion"]
        return moo.models.esmm_losses(a, b, *labels, conflict=conflict)

    return of_parameters


def found(conflict):
    params = jax.tree.map(jnp.float32, LOGITS)
    rows = unconverted(CLICKS, "click", "conversion")
    measured = jax.jit(functools.partial(signal, losses(conflict)))(params, rows)
    return {name: float(value) for name, value in measured.items()}


def test_what_the_tower_and_the_embeddings_keep_is_the_formula_s():
    measured = found("none")
    # dL1/da = -(1 - p), dL2/da = pi (1 - p) / (1 - pi), dL2/db = pi (1 - q) / (1 - pi)
    click, at_click, at_conversion = 1 - P, PI * (1 - P) / (1 - PI), PI * (1 - Q) / (1 - PI)
    assert measured == pytest.approx({
        "click_signal_kept_click_tower": 1 - at_click / click,
        "click_signal_cosine_click_tower": -1,
        "click_signal_kept_embeddings": 1 - (at_click + at_conversion) / click,
        "click_signal_cosine_embeddings": -1,
    }, rel=1e-5)  # fmt: skip


def test_stop_gradient_leaves_the_tower_alone_and_not_the_embeddings():
    measured = found("stop_gradient")
    assert measured["click_signal_kept_click_tower"] == 1
    assert measured["click_signal_cosine_click_tower"] == 0
    assert measured["click_signal_kept_embeddings"] == pytest.approx(
        1 - PI * (1 - Q) / (1 - PI) / (1 - P), rel=1e-5
    )


def test_only_the_first_of_many_clicks_without_conversion_are_looked_at():
    rows = unconverted(CLICKS | {"number": np.arange(5)}, "click", "conversion")
    assert rows["number"].tolist() == [1, 3]
    many = {"click": np.ones(2 * ROWS), "conversion": np.zeros(2 * ROWS)}
    assert len(unconverted(many, "click", "conversion")["click"]) == ROWS


def test_without_such_a_click_nothing_is_known():
    bought = unconverted({name: np.ones(3) for name in CLICKS}, "click", "conversion")
    params = jax.tree.map(jnp.float32, LOGITS)
    measured = signal(losses("none"), params, bought)
    assert all(np.isnan(value) for value in measured.values())


def test_experts_are_a_layer_where_a_network_has_them():
    options = '{"batch_size":32,"num_rows":400,"embedding_dim":2}'
    by_model = {
        model: build_study("deep_funnel", model, options) for model in ("esmm", "mmoe_esmm")
    }
    names = {
        model: jax.eval_shape(study.inspect, study.begin(0), dict(study.inspected))
        for model, study in by_model.items()
    }
    assert len(names["esmm"]) == 4
    assert names["mmoe_esmm"].keys() - names["esmm"].keys() == {
        "click_signal_kept_experts", "click_signal_cosine_experts",
    }  # fmt: skip
    assert build_study("adult", "mmoe").inspect is None
