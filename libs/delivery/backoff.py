"""How long until the next try? Longer each time, up to a limit, and never all at once."""

import random
from dataclasses import dataclass

DOUBLINGS_MAX = 32  # 2**32 times any base is over every limit; more would only overflow a float


@dataclass(slots=True)
class Backoff:
    """Doubles from `base_seconds` to `max_seconds`; jitter (half to full) keeps processes from retrying in step."""

    base_seconds: float = 0.1
    max_seconds: float = 10.0
    tries: int = 0

    def next_seconds(self) -> float:
        delay = min(self.max_seconds, self.base_seconds * 2.0 ** min(self.tries, DOUBLINGS_MAX))
        self.tries += 1
        return delay * random.uniform(0.5, 1.0)  # noqa: S311  spreading retries is no secret

    def reset(self) -> None:
        self.tries = 0
