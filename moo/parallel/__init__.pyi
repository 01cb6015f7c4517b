# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo.parallel._communication import Traffic as Traffic
from moo.parallel._communication import communication as communication
from moo.parallel._local import LocalState as LocalState
from moo.parallel._local import local_aggregates as local_aggregates
from moo.parallel._place import place as place
from moo.parallel._place import shard_batch as shard_batch

__all__ = [
    "LocalState",
    "Traffic",
    "communication",
    "local_aggregates",
    "place",
    "shard_batch",
]
