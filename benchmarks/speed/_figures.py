"""Rows that return figures by name: which of them the bars judge, and what is drawn."""

from collections.abc import Callable, Mapping

from benchmarks.speed._result import Result, curve, result, table

Figures = Mapping[str, float]
_AT, _ROWS = "ms at ", " rows"


def _tables(found: Figures) -> Result:
    over_dense = [value for name, value in found.items() if name.startswith("dense / sparse")]
    above = (found["peak resident bytes"] - found["table bytes"]) / 1e9
    floors = [value for name, value in found.items() if name.startswith("dense / passes")]
    values = {"growth": found["largest / smallest"], "over_dense": over_dense[0],
              "over_dense_floor": floors[0], "above_table": above}  # fmt: skip
    steps = [(float(name.removeprefix(_AT).removesuffix(_ROWS)), value)
             for name, value in found.items() if name.startswith(_AT)]  # fmt: skip
    title = "Milliseconds of a step of ESMM against the rows of its tables"
    figure = curve("tables", title, "rows", "ms a step", {"moo.sparse": steps})
    note = (
        "ESMM, 8 fields × 16, batch 1,024, ids drawn by Zipf's law over all rows, MGDA with lazy "
        "row-wise Adagrad; each size in a process of its own, one after another, with pages of 2 "
        "MB asked of glibc (`glibc.malloc.hugetlb=1`); the growth with its usual pages of 4 kB "
        "stands beside. Dense and sparse steps take turns. 1 GB is 1e9 bytes. The parts are "
        "programs of their own; what they leave of a step is the accumulators' rows. *Dense / "
        "passes on the rows read* is the floor of the ratio: no step with these two backward "
        "passes can do better, however cheap its tables."
    )
    return result(values, [_listed(found)], [figure], [note])


def _sweeps(found: Figures) -> Result:
    note = (
        f"{found['lanes']:.0f} trainings of the two-tower model ESMM on 10,000 rows, "
        f"{found['steps']:.0f} steps each, in turns, compiled before: *together*, vmapped "
        f"programs, {found['chunk']:.0f} lanes at once shared among {found['threads']:.0f} "
        "threads, as `moo.sweep` has them; *step loop*, run by run, one call of the compiled step "
        "a batch, as `moo.fit` does, by which the bar is judged; *one after another*, run by run, "
        "each a single program of the whole training, so that only dispatch is spared. *call "
        "ratio*: 64 calls of `moo.fit`, from the time of one, against one of `moo.sweep`, "
        "compilation included. Adam has ε = 1e-7: at its default of 1e-8 it makes whole steps of "
        "gradients that are rounding alone, and any two orders of summation end 2e-6 apart."
    )
    values = {"loop": found["step_loop_ratio"], "scan": found["ratio"]}
    return result(values, [_listed(found)], (), [note])


def _devices(found: Figures) -> Result:
    values = {
        name: found[f"{text}: difference"]
        for name, text in {"devices": "8 devices", "processes": "2 processes"}.items()
    }
    taken = "ms of a step on "
    points = [(float(name.removeprefix(taken).split()[0]), value)
              for name, value in found.items() if name.startswith(taken)]  # fmt: skip
    title = "Milliseconds of a step of MGDA against the devices that one machine is cut into"
    figure = curve("devices", title, "forced host devices", "ms a step", {"moo": points})
    note = (
        "Forced host devices, and processes over gloo, on this machine: what is shown is that "
        "results agree and what is communicated, by the collectives of the compiled programs, not "
        "speed. Gradients are reduced over the data axis before the Gramian is taken, as the mean "
        "of local Gramians is not the Gramian of the mean gradients: so the bytes are those of m "
        "gradients. The devices share the machine's cores, so the milliseconds show what sharding "
        "costs where there is nothing to gain."
    )  # fmt: skip
    return result(values, [_listed(found)], [figure], [note])


def _listed(found: Figures) -> Result:
    rows = [(name.replace("_", " "), f"{value:,.4g}") for name, value in found.items()]
    return table("Figures", ("what", "value"), rows)


FIGURES: Mapping[str, Callable[[Figures], Result]] = {
    "tables": _tables,
    "sweeps": _sweeps,
    "devices": _devices,
}
