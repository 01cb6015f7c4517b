"""Runs that survive a kill: cells, their folders, checkpoints and sweeps."""

from moo._lazy import attach

_PUBLIC = {
    "Cell": "benchmarks.runner._cell",
    "DamagedError": "benchmarks.runner._journal",
    "Job": "benchmarks.runner._execute",
    "Outcome": "benchmarks.runner._execute",
    "Settings": "benchmarks.runner._sweep",
    "UsageError": "benchmarks.runner._suite",
    "cells": "benchmarks.runner._plan",
    "environment": "benchmarks.runner._environment",
    "jobs": "benchmarks.runner._plan",
    "load_suite": "benchmarks.runner._suite",
    "run_job": "benchmarks.runner._execute",
    "sweep": "benchmarks.runner._sweep",
    "verify": "benchmarks.runner._folder",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
