"""Benchmarks of moo: `python -m benchmarks quick` is the main job."""
