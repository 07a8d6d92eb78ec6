"""Does readiness hear of what a service alone can know?"""

from collections.abc import Mapping
from types import SimpleNamespace

from libs.delivery.errors import Unavailable
from libs.service.health import Health


def health_of(checks: object) -> Health:
    service = SimpleNamespace(checks=checks, reads_directory=False, outbox=None)
    process = SimpleNamespace(consumer=None, database=None, has_failed=False, has_begun=True, service=service)
    return Health(process)  # type: ignore[arg-type]


async def test_a_service_is_not_ready_while_what_it_alone_knows_of_is_away() -> None:
    async def relay() -> Mapping[str, bool]:
        return {"relay": False}

    assert await health_of(relay).checks() == {"live": True, "begun": True, "relay": False}
    assert await health_of(None).checks() == {"live": True, "begun": True}


async def test_a_check_that_cannot_be_asked_is_left_to_the_one_that_says_why() -> None:
    async def relay() -> Mapping[str, bool]:
        raise Unavailable("the database is away", slug="database-away")

    assert await health_of(relay).checks() == {"live": True, "begun": True}
