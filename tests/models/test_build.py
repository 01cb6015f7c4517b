"""The table of models: readable without jax, and every row builds."""

import importlib
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import pytest
from flax import nnx

import moo
from moo.models import MODELS, FeatureLayer, apply, build, functional
from moo.models._build import required

COLUMNS = [
    SimpleNamespace(name="item", kind="categorical", vocabulary=5),
    SimpleNamespace(name="place", kind="categorical", vocabulary=3),
    SimpleNamespace(name="price", kind="numeric", vocabulary=None),
]
BATCH = {
    "item": jnp.arange(15) % 5,
    "place": jnp.arange(15) % 3,
    "price": jnp.linspace(-1, 1, 15, dtype=jnp.float32),
}
SMALL = {"columns": COLUMNS, "embedding_dim": 2, "hidden": (6,)}
NAMED = {"star": {"domain": "place"}, "pepnet": {"domain": ["place"], "personal": ["item"]}}
ARCHITECTURES = [name for name, row in MODELS.items() if row.kind == "architecture"]
NETWORKS = ARCHITECTURES + [name for name, row in MODELS.items() if row.kind == "entire space"]
DEEP = {
    "ple": {"levels": 3},
    "adatt": {"levels": 2},
    "home": {"groups": ((2, 0), (1,))},
    "dbmtl": {"parents": ((), (0,), (0,))},
    "snr": {"hidden": (6, 5)},
    "cross_stitch": {"hidden": (6, 5)},
    "pepnet": {"hidden": (6, 5)},
    "star": {"hidden": (6, 5)},
    "aitm": {},
    "dselect_k": {"per_example": True},
}


def test_listing_needs_no_jax():
    code = "import sys, moo.models as m; print('esmm' in m.MODELS, 'jax' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_every_paper_is_in_the_bibliography():
    bibliography = (Path(moo.__file__).parent / "references.bib").read_text()
    assert all(f"{{{record.paper}," in bibliography for record in MODELS.values())


@pytest.mark.usefixtures("unoptimised")
@pytest.mark.parametrize(
    ("name", "num_tasks", "options"),
    [(name, 2, {}) for name in ARCHITECTURES] + [(name, 3, more) for name, more in DEEP.items()],
)
def test_shared_leaves_are_those_that_several_tasks_reach(name, num_tasks, options):
    options = SMALL | NAMED.get(name, {}) | options
    model = build(name, num_tasks=num_tasks, **options, rngs=nnx.Rngs(0))
    graphdef, params, model_state = functional(model)

    def logits(params):
        return apply(graphdef, params, model_state, BATCH)[0].sum(axis=0)

    rows = jax.device_get(jax.jit(jax.jacrev(logits))(params))
    reached = jax.tree.map(lambda leaf: (leaf != 0).reshape(num_tasks, -1).any(axis=1).sum(), rows)
    shared = jax.tree.map(
        lambda flag, part: jax.tree.map(lambda leaf: flag, part), model.shared(params), params
    )
    expected = jax.tree.map(lambda tasks: bool(tasks > 1), reached)
    assert shared == expected
    assert all(tasks > 0 for tasks in jax.tree.leaves(reached))


@pytest.mark.parametrize("name", NETWORKS)
def test_options_are_checked(name):
    options = {"columns": COLUMNS, "num_tasks": 2, "rngs": nnx.Rngs(0)} | NAMED.get(name, {})
    for change, message in [
        ({"dropout": 1}, r"dropout must be in \[0, 1\), got 1"),
        ({"num_tasks": 0}, "num_tasks must be"),
        ({"hidden": (0,)}, "widths must be at least 1"),
    ]:
        with pytest.raises(ValueError, match=message):
            build(name, **options | change)


def test_an_unknown_name_meets_its_neighbours():
    with pytest.raises(ValueError, match="unknown model 'esm'; did you mean esmm"):
        build("esm")


@pytest.mark.parametrize(
    ("name", "left_out", "message"),
    [
        ("star", "domain", "star needs domain: name of the categorical column that says a row's"),
        (
            "pepnet",
            "domain",
            "needs domain: names of the columns that make the domain prior",
        ),
        ("pepnet", "personal", "needs personal: names of the columns that make the personal prior"),
        ("mmoe", "columns", "mmoe needs columns: the features, see `FeatureLayer`"),
        ("home", "num_tasks", "home needs num_tasks: number T of "),
        ("esmm", "rngs", "esmm needs rngs: random streams$"),
        ("funnel_esmm", "columns", "funnel_esmm needs columns: the features"),
    ],
)
def test_what_is_missing_is_named_with_what_it_must_be(name, left_out, message):
    options = SMALL | {"num_tasks": 2, "rngs": nnx.Rngs(0)} | NAMED.get(name, {})
    del options[left_out]
    with pytest.raises(TypeError, match=message):
        build(name, **options)


@pytest.mark.parametrize("name", MODELS)
def test_every_argument_that_must_be_given_is_explained(name):
    module, _, attribute = MODELS[name].factory.partition(":")
    needed = required(getattr(importlib.import_module(module), attribute))
    assert needed or MODELS[name].kind == "head"
    for argument in needed:
        others = dict.fromkeys(needed.keys() - {argument})
        with pytest.raises(TypeError, match=f"^{name} needs {argument}: ."):
            build(name, **others)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_input_tower_takes_the_place_of_the_feature_layer(name):
    made = []

    def inputs(columns, embedding_dim, *, rngs):
        made.append(FeatureLayer(columns, embedding_dim, rngs=rngs))
        return made[-1]

    options = SMALL | NAMED.get(name, {}) | {"num_tasks": 2, "inputs": inputs}
    nnx.eval_shape(lambda: build(name, **options, rngs=nnx.Rngs(0)))
    assert made
