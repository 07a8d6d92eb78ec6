"""Is PostgreSQL's address understood as its writer meant it?"""

import pytest

from libs.service.postgres_address import CONNECT_SECONDS_DEFAULT, CONNECT_SECONDS_MAX, checked, for_asyncpg


@pytest.mark.parametrize(
    ("dsn", "address", "seconds"),
    [
        ("postgresql://a:b@db/x", "postgresql://a:b@db/x", CONNECT_SECONDS_DEFAULT),
        ("postgresql://a@db/x?connect_timeout=10", "postgresql://a@db/x", 10.0),
        ("postgres://db/x?connect_timeout=0&sslmode=require", "postgres://db/x?sslmode=require", CONNECT_SECONDS_MAX),
        ("postgresql://a@/x?host=/run/postgresql", "postgresql://a@/x?host=/run/postgresql", CONNECT_SECONDS_DEFAULT),
        ("postgresql://a@h1:1,h2:2/x?target_session_attrs=primary", None, CONNECT_SECONDS_DEFAULT),
        ("postgresql://a@db/x?options=-c%20search_path%3Dy", None, CONNECT_SECONDS_DEFAULT),
    ],
)
def test_the_words_that_asyncpg_takes_as_arguments_are_taken(dsn: str, address: str | None, seconds: float) -> None:
    assert checked(dsn) == dsn
    found, limit = for_asyncpg(dsn)
    assert limit == seconds
    if address is not None:
        assert found == address
