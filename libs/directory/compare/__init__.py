"""What does one release do differently from another? Computed from effects, said in the territory's languages."""

from libs.directory.compare.change import Change
from libs.directory.compare.differences import differences

__all__ = ["Change", "differences"]
