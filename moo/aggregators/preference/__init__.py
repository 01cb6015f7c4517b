"""Methods that aim at one point of the Pareto front."""
