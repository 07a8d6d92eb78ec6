"""Which origins may be set? What a browser sends, so that no setting looks like one and never matches."""

import pytest
from pydantic import ValidationError

from services.intake.settings import Settings


@pytest.mark.parametrize("origin", ["*", "https://town.example", "http://localhost:5173", "https://[::1]:8443"])
def test_an_origin_is_taken_as_browsers_send_it(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTAKE_CORS_ORIGINS", f'["{origin}"]')
    assert Settings().cors_origins == (origin,)


@pytest.mark.parametrize(
    "origin", ["https://town.example/", "https://town.example/app", "town.example", "null", "https://*"]
)
def test_an_origin_that_no_browser_sends_is_refused(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTAKE_CORS_ORIGINS", f'["{origin}"]')
    with pytest.raises(ValidationError, match="cors_origins"):
        Settings()
