"""One page a method, a page a list, and the laws: all from the registry."""

from rst import heading, plain, table, toctree

from moo.aggregators import METHODS, SETS, Method
from moo.aggregators._registry import FAMILIES, LAWS, LEFT_OUT

EVERY = METHODS | SETS


def pages() -> dict[str, str]:
    """Return path -> text."""
    found = {f"methods/{name}": _page(name, method) for name, method in EVERY.items()}
    found["methods/index"] = _index()
    found["methods/laws"] = _laws()
    return found


def _index() -> str:
    papers = {method.paper for method in EVERY.values()} - {"moo"}
    parts = [
        heading("Methods"),
        f"{len(EVERY)} methods of {len(papers)} papers, made from the registry that the code reads:"
        " ``moo list methods`` prints the same, ``moo cite NAME`` the BibTeX entry. *Passes* are"
        " backward passes a step, for m objectives.\n",
        toctree(["laws"]),
        *(_family(family, title) for family, title in FAMILIES.items() if _names(family)),
        heading("Left out", "-"),
        "No statement of the rule could be found that would decide an implementation, or the method"
        " is a change of the model and not a rule for its gradients:\n",
        table(
            ("method", "source", "why"), [(n, plain(s), plain(w)) for n, (s, w) in LEFT_OUT.items()]
        ),
    ]
    return "\n".join(parts)


def _family(family: str, title: str) -> str:
    names = _names(family)
    rows = [
        (f":doc:`{name}`", plain(EVERY[name].summary), EVERY[name].needs,
         plain(EVERY[name].backward_passes), EVERY[name].scale)
        for name in names
    ]  # fmt: skip
    listed = table(("method", "rule", "needs", "passes", "scale"), rows)
    hidden = toctree(names).replace(":maxdepth: 1", ":hidden:")
    return f"{heading(title, '-')}\n{listed}\n{hidden}"


def _names(family: str) -> list[str]:
    return [name for name, method in EVERY.items() if method.family == family]


def _page(name: str, method: Method) -> str:
    facts = [
        ("family", FAMILIES[method.family]),
        ("needs", method.needs + (f", {method.batches} sub-batches" if method.batches > 1 else "")),
        ("backward passes", plain(method.backward_passes)),
        ("state", plain(method.state)),
        ("scale", method.scale),
        ("place", "first in its chain" if method.placement == "first" else "around the chain"),
        ("defaults", plain(method.defaults)),
        ("laws", "; ".join(f"{law.name} ({plain(law.holds)})" for law in method.laws) or "none"),
        ("paper", f":cite:t:`{method.paper}`"),
    ]
    if method.extras:
        facts.insert(3, ("extras of update", ", ".join(f"``{extra}``" for extra in method.extras)))
    return "\n".join([
        heading(name),
        f".. autofunction:: moo.{name}\n",
        heading("In the registry", "-"),
        table(("field", "value"), facts, widths="20 80"),
    ])  # fmt: skip


def _laws() -> str:
    rows = [
        (f"``{law}``", plain(text), ", ".join(_claiming(law)) or "none")
        for law, text in LAWS.items()
    ]
    return "\n".join([
        heading("Laws"),
        "What a method may claim in the registry. A claim is tested on constructed and on drawn"
        " matrices; where a law is not claimed, the test table names a matrix that breaks it."
        " A star marks a claim with a range, which the method's page states. For sets of solutions,"
        " J and v are those of each solution, or of all rays together, in the first step.\n",
        table(("law", "meaning", "claimed by"), rows, widths="20 35 45"),
    ])  # fmt: skip


def _claiming(law: str) -> list[str]:
    return [
        f":doc:`{name}`" + ("" if claimed.holds == "always" else r"\*")
        for name, method in EVERY.items()
        for claimed in method.laws
        if claimed.name == law
    ]
