"""Whom is a relay's refusal about: this one letter, or us who send? Pure functions of its codes, and one memory.

A relay that refuses us (a password lapsed, a quota reached, an address no longer allowed) says so at RCPT or DATA,
where it refuses recipients too. What is given up for it is lost for everybody, so only a refusal that is surely about
one letter ends it. What could be either is tried again, and when several recipients in a row met it, it is about us.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal

from services.notifier.outcomes import Answer, Deferred, Delivered

Blamed = Literal["letter", "us", "either"]

# Reply codes that no recipient causes (RFC 5321, RFC 4954, RFC 7504), whatever enhanced code comes with them: closing,
# a password must be changed, authentication failed or needed or too weak, encryption needed, takes no mail.
ABOUT_US = frozenset({421, 432, 454, 521, 523, 530, 534, 535, 538})
# And those that are always about one: not local, too large or full, the recipient's domain takes no mail.
ABOUT_A_LETTER = frozenset({551, 552, 556})
# Enhanced codes (RFC 3463 and the IANA registry) by subject, or by subject and detail where that says otherwise.
BY_SUBJECT: Mapping[str, Blamed] = MappingProxyType({"1": "letter", "2": "letter", "3": "us", "6": "letter"})
BY_DETAIL: Mapping[str, Blamed] = MappingProxyType(
    {
        "1.7": "us",  # the sender's address: Postfix judges it at RCPT
        "1.8": "us",
        "3.4": "letter",  # too big
        "4.5": "us",  # congestion: what Gmail answers when a day's quota is used up
        "7.2": "letter",  # may not write to this mailing list
        "7.17": "letter",  # the mailbox, or its domain, has another owner now
        "7.18": "letter",
    }
)
RECIPIENTS_MIN = 3  # refused in a row, before it is us: with two, a pair of odd mailboxes stops everybody's mail


def blamed(code: int, enhanced: str | None) -> Blamed:
    """`enhanced` without its class, such as 7.1. Policy (7) and routing (4) are used for both, so they are either's."""
    if code in ABOUT_US:
        return "us"
    if enhanced is None:
        return "letter" if code in ABOUT_A_LETTER else "either"
    return BY_DETAIL.get(enhanced) or BY_SUBJECT.get(enhanced.partition(".")[0], "either")


class Suspicion:
    """Who was refused since the relay last took a letter. It is this process's alone: another one learns as fast."""

    def __init__(self) -> None:
        self._refused: set[str] = set()

    def weigh(self, recipient: str, answer: Answer) -> Answer:
        """The same answer, or, when enough others met it too, that the destination is away."""
        if isinstance(answer, Delivered):
            self._refused.clear()
        if not isinstance(answer, Deferred) or not answer.is_doubtful:
            return answer
        if len(self._refused) < RECIPIENTS_MIN:
            self._refused.add(recipient)
        return replace(answer, is_away=len(self._refused) >= RECIPIENTS_MIN)
