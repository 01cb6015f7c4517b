"""Command line of the benchmarks."""

import argparse
import sys
from pathlib import Path

from benchmarks.faults import _command as _faults
from benchmarks.reports import _command as _reports
from benchmarks.runner import _command
from benchmarks.speed import _command as _speed
from benchmarks.theory import _command as _theory


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    quick = commands.add_parser("quick", help="figures and tables in one go, nothing to download")
    quick.add_argument("--out", type=Path, default=Path("runs/quick"), help="folder to write to")
    quick.add_argument("--smoke", action="store_true", help="check that it runs, in little time")
    quick.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    cost = commands.add_parser("step-cost", help="a step's time against its backward passes")
    cost.add_argument("--repeats", type=int, default=20, help="timed rounds (default 20)")
    strip = commands.add_parser("strip", help="ten methods on the toy, 50,000 steps, both spaces")
    strip.add_argument("--out", type=Path, default=Path("runs/strip"), help="folder to write to")
    commands.add_parser("verdicts", help="which starts of the toy reach the front, jittered")
    compare = commands.add_parser("compare", help="moo beside TorchJD and LibMTL, as a page")
    compare.add_argument("--out", type=Path, default=Path("docs"), help="folder to write to")
    times = commands.add_parser("compile", help="how long each method's step takes to compile")
    times.add_argument("methods", nargs="*", help="names (default all)")
    commands.add_parser("opposition", help="what each method makes of exactly opposite gradients")
    inside = commands.add_parser("gradients", help="the gradients inside ESMM, and their weights")
    inside.add_argument("presets", nargs="*", help="of the simulator (default all)")
    inside.add_argument("--steps", type=int, default=400, help="of training (default 400)")
    inside.add_argument("--seeds", type=int, default=5, help="runs (default 5)")
    inside.add_argument("--out", type=Path, default=None, help="folder for the table as CSV")
    solvers = commands.add_parser("solvers", help="solver times, beside TorchJD's where installed")
    solvers.add_argument("--repeats", type=int, default=15, help="timed calls (default 15)")
    solvers.add_argument("--out", type=Path, default=None, help="folder for the table as text")
    overhead = commands.add_parser("overhead", help="what the runner itself costs a cell")
    overhead.add_argument("--seeds", type=int, default=125, help="seeds (default 125)")
    cache = commands.add_parser("convert", help="how fast Ali-CCP's format becomes a cache")
    cache.add_argument("--rows", type=int, default=500_000, help="impressions (default 500,000)")
    cache.add_argument("--folder", type=Path, default=None, help="where its files go meanwhile")
    _speed.add_options(_command.add_parser(commands))
    _faults.add_parser(commands)
    _reports.add_parser(commands)
    _theory.add_parser(commands)
    given = parser.parse_args(arguments)
    if given.command == "run":
        return _speed.run(given) if given.suite == _speed.SUITE else _command.run(given)
    if given.command == "faults":
        return _faults.run(given)
    if given.command == "report":
        return _reports.run(given)
    if given.command == "theory":
        return _theory.run(given)
    if given.command == "quick":
        from benchmarks.quick import quick as run_quick

        run_quick(given.out, smoke=given.smoke, workers=given.workers)
    elif given.command == "step-cost":
        from benchmarks.step_cost import step_cost

        step_cost(given.repeats)
    elif given.command == "strip":
        from benchmarks.strip import strip as run_strip

        run_strip(given.out)
    elif given.command == "compare":
        from benchmarks.peers.page import write_page

        print(write_page(given.out))
    elif given.command == "gradients":
        from benchmarks.gradients import gradients

        gradients(given.presets, given.steps, given.seeds, given.out)
    elif given.command == "solvers":
        from benchmarks.solver_times import solver_times

        solver_times(given.repeats, given.out)
    elif given.command == "compile":
        from benchmarks.compile_times import compile_times

        compile_times(tuple(given.methods))
    elif given.command == "overhead":
        from benchmarks.runner_overhead import runner_overhead

        runner_overhead(given.seeds)
    elif given.command == "convert":
        from benchmarks.convert import convert

        convert(given.rows, given.folder)
    elif given.command == "opposition":
        from benchmarks.opposition import opposition

        opposition()
    else:
        from benchmarks.verdicts import verdicts

        verdicts()
    return 0


if __name__ == "__main__":
    sys.exit(main())
