"""The theory suite: the workbench of `moo.diagnostics.theory` on stochastic methods, judged."""
