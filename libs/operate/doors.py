"""How does a command ask a service over HTTP, and what does it say when the answer is no?"""

from collections.abc import Mapping
from typing import Any

import httpx2

from libs.operate.output import Away, Stopped, WrongUse

ANSWER_SECONDS_MAX = 30.0
SERVER_ERROR = 500
REFUSED = 400
TEXT_CHARACTERS_MAX = 500  # of an answer that is no problem document


class Refused(WrongUse):
    """The service understood the question and refused it; `slug` is the problem's stable name."""

    def __init__(self, detail: str, slug: str) -> None:
        super().__init__(detail)
        self.slug = slug


def get(url: str, parameters: Mapping[str, Any], *, key: str | None = None) -> dict[str, Any]:
    """The JSON of a GET. What the service refuses is said in its own words."""
    return _asked("GET", url, parameters, key, None)


def post(url: str, body: Any, parameters: Mapping[str, Any] | None = None, *, key: str | None = None) -> dict[str, Any]:
    """The JSON that answers a POST of JSON."""
    return _asked("POST", url, parameters or {}, key, body)


def _asked(method: str, url: str, parameters: Mapping[str, Any], key: str | None, body: Any) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    asked = {name: value for name, value in parameters.items() if value is not None}
    try:
        response = httpx2.request(
            method, url, params=asked, headers=headers, json=body, timeout=ANSWER_SECONDS_MAX, trust_env=False
        )
    except httpx2.HTTPError as error:
        raise Away(f"{url} does not answer ({error}); is the system running?") from error
    if response.status_code >= REFUSED:
        raise _refusal(response)
    found: dict[str, Any] = response.json()
    return found


def _refusal(response: httpx2.Response) -> Stopped:
    try:
        problem = response.json()
        detail, slug = problem["detail"], problem["type"].rpartition(":")[2]
    except (ValueError, KeyError, TypeError, AttributeError):
        detail, slug = response.text[:TEXT_CHARACTERS_MAX], ""
    if response.status_code >= SERVER_ERROR:
        return Away(f"{response.url.path} answers {response.status_code}: {detail}")
    return Refused(detail, slug)
