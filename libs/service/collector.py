"""How often does Python look for objects that only hold each other? Seldom, because we make few of them.

Reference counts free nearly everything. A batch of 500 makes some ten thousand objects that the collector would walk
through many times for nothing: measured, a quarter to a third of the time of a router's batch.
"""

import gc

YOUNG_OBJECTS_MAX = 50_000  # Python's own is 700; at 200 bytes each, 10 MB may wait to be looked at
ROUNDS_MAX = 20  # how often the young are looked at before the older ones are


def look_seldom() -> None:
    """For the life of this process. What lives as long as a release is frozen beside (libs/delivery/releases.py)."""
    gc.set_threshold(YOUNG_OBJECTS_MAX, ROUNDS_MAX, ROUNDS_MAX)
