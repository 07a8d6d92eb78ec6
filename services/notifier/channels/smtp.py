"""What does one SMTP connection answer to a mail, and what do we take that to mean?"""

import re
import time

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from services.notifier.destinations.blame import blamed
from services.notifier.letter import Letter
from services.notifier.outcomes import Answer, Deferred, Delivered, Refused, Unknown

# A Postfix at its defaults answers a line that it has refused ten times a second later each time
# (smtpd_soft_error_limit), and closes it after twenty.
REFUSALS_MAX = 9
QUIT_SECONDS_MAX = 2.0  # a courtesy, not a duty
# RFC 3463; in front of the words, or where qmail and its kin write it: “not allowed (#5.7.1)”.
ENHANCED_CODE = re.compile(r"(?:^|\(#)([45]\.(\d{1,3}\.\d{1,3}))\b")


class SmtpLine:
    """One connection, one mail after the other."""

    def __init__(self, client: SMTP, sender: str) -> None:
        self._client = client
        self._sender = sender
        self._mails = 0
        self._refusals = 0
        self.idle_since = 0.0

    @property
    def idle_seconds(self) -> float:
        return time.monotonic() - self.idle_since

    @property
    def is_worn(self) -> bool:
        """Whether it is closed, or has refused so many that its server will be slow."""
        return not self._client.is_connected or self._refusals >= REFUSALS_MAX

    def is_usable(self, mails_max: int) -> bool:
        return not self.is_worn and self._mails < mails_max

    async def send(self, letter: Letter) -> Answer:
        """Once the content is on its way, only the server's answer says whether it has it: no answer is `Unknown`."""
        self._mails += 1
        refusal = await self._refusal_of_envelope(letter.address)
        if refusal is not None:
            return refusal
        try:
            await self._client.data(letter.content)
        except SMTPDataError as error:
            return self._answer(error)
        except (SMTPException, OSError) as error:
            self.close()
            return Unknown(named("answer-lost", error))
        return Delivered()

    async def _refusal_of_envelope(self, address: str) -> Answer | None:
        try:
            await self._client.mail(self._sender)
            await self._client.rcpt(address)
        except SMTPRecipientRefused as error:
            answer = self._answer(error)
            if self._client.is_connected:
                await self._reset()
            return answer
        except SMTPSenderRefused as error:
            self.close()
            return Deferred(named("sender-refused", error), is_away=True)  # about us, so no fault of this notice
        except (SMTPException, OSError) as error:
            self.close()
            return Deferred(named("connection-lost", error), is_away=True)
        except ValueError:  # aiosmtplib refuses characters that could end the command
            self.close()
            return Refused("address-malformed")
        return None

    def _answer(self, error: SMTPResponseException) -> Answer:
        self._refusals += 1
        found = ENHANCED_CODE.search(error.message)
        match blamed(error.code, found[2] if found else None):
            case "us":
                self.close()
                return Deferred(named("smtp", error), is_away=True)
            case "letter" if error.code >= 500:
                return Refused(named("smtp", error))
            case "letter":
                return Deferred(named("smtp", error))
            case "either":
                return Deferred(named("smtp", error), is_doubtful=True)

    async def _reset(self) -> None:
        try:
            await self._client.rset()
        except (SMTPException, OSError):
            self.close()  # the next group gets a new connection

    async def quit(self) -> None:
        try:
            await self._client.quit(timeout=QUIT_SECONDS_MAX)
        except (SMTPException, OSError):
            self.close()

    def close(self) -> None:
        self._client.close()


def named(what: str, error: Exception) -> str:
    """A reason without a person in it: servers like to repeat the address in their text, so only codes are kept."""
    if isinstance(error, SMTPResponseException):
        enhanced = ENHANCED_CODE.search(error.message)
        return f"{what} {error.code}{' ' + enhanced[1] if enhanced else ''}"
    return f"{what} {type(error).__name__}"
