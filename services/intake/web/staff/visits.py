"""Who stands at the desk, and how does that person come in, stay and go?"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from services.intake.callers import Callers
from services.intake.keys import ApiKey, Scope
from services.intake.web.staff import session as sessions
from services.intake.web.staff.session import COOKIE, DAY_SECONDS, PATH, RENEW_SECONDS, Session

SCOPE: Scope = "triage"
KEY_CHARACTERS_MAX = 200  # a key has 46; what is longer is no key and need not be hashed
FROM_HERE = ("same-origin", "none")  # what browsers say of a form of ours, and of an address that somebody typed


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who showed a key with the scope `triage` and has not left since."""

    key: ApiKey
    session: Session
    form_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """Lets people in. `secret` signs the cookies; `is_secure` keeps them to HTTPS."""

    callers: Callers
    secret: bytes
    clock: Callable[[], datetime]
    idle_seconds: int
    is_secure: bool

    def visitor(self, request: Request) -> Visitor | None:
        """Who this is; None without a cookie of ours, after a while, or when the key is no longer good."""
        given = request.cookies.get(COOKIE, "")
        session = sessions.session_in(self.secret, given, self.clock(), self.idle_seconds)
        return None if session is None else self._visitor(session)

    def let_in(self, request: Request, shown: str) -> Visitor | None:
        """Who shows this key; None when it is not known or does not open this door.

        Raises `RateLimited` when too many were shown from here.
        """
        self.callers.count_anonymous(request)
        digest = hashlib.sha256(shown[:KEY_CHARACTERS_MAX].encode()).hexdigest()
        return self._visitor(sessions.begun(digest, self.clock()))

    def remember(self, response: Response, visitor: Visitor) -> None:
        """The cookie on an answer: the time until the person must log in again begins anew."""
        now = self.clock()
        if now.timestamp() - visitor.session.seen < RENEW_SECONDS and visitor.session.seen != visitor.session.began:
            return
        value = sessions.cookie_of(self.secret, visitor.session.at(now))
        age = min(self.idle_seconds, DAY_SECONDS)
        self._set(response, value, age)

    def forget(self, response: Response) -> None:
        """The person leaves."""
        self._set(response, "", 0)

    def is_own_form(self, request: Request, visitor: Visitor, token: str) -> bool:
        """Whether a form was sent by a page of ours, and for this login."""
        return is_from_here(request) and sessions.is_form_of(self.secret, visitor.session, token)

    def _visitor(self, session: Session) -> Visitor | None:
        key = self.callers.holder(session.key_sha256, SCOPE)
        return None if key is None else Visitor(key, session, sessions.form_token(self.secret, session))

    def _set(self, response: Response, value: str, age: int) -> None:
        response.set_cookie(
            COOKIE, value, max_age=age, path=PATH, secure=self.is_secure, httponly=True, samesite="strict"
        )


def is_from_here(request: Request) -> bool:
    """What browsers say about who caused the call; old ones say nothing, and the form's own token still guards."""
    return request.headers.get("sec-fetch-site", FROM_HERE[0]) in FROM_HERE


def comes_from_elsewhere(request: Request) -> bool:
    """A link from another site, such as a mail read in a browser: it is followed without our cookie."""
    return request.headers.get("sec-fetch-site") == "cross-site"
