"""What moo's steps, tables, sweeps and devices cost, beside the peers."""
