"""What a program is made of, and whether accelerators take it."""

import jax

HOST = ("callback", "infeed", "outfeed", "host", "ffi_call", "custom_call", "debug")
ACCELERATORS = ("cuda", "rocm", "tpu")


def primitives(jaxpr):
    """Yield the names of all primitives, those of called jaxprs included."""
    for eqn in jaxpr.eqns:
        yield eqn.primitive.name
        for value in jax.tree.leaves(list(eqn.params.values()), is_leaf=_is_jaxpr):
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                yield from primitives(inner)


def _is_jaxpr(value):
    return hasattr(value, "eqns") or hasattr(value, "jaxpr")


def on_host(found):
    """Return the primitives that leave the device."""
    return {name for name in found if any(word in name for word in HOST)}


def platforms(step, *asked):
    """Return the platforms that a program is exported for, which are the accelerators."""
    return jax.export.export(jax.jit(step), platforms=list(ACCELERATORS))(*asked).platforms
