"""Published claims, each a check that can fail: one folder a paper."""
