"""Methods that return several solutions: a population, or one model conditioned on a ray."""
