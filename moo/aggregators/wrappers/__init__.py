"""Wrappers: an aggregator around an aggregator, or around a whole chain."""
