"""How is a request checked, kept and acknowledged, so that from then on it will not be lost?

Both doors come here. Requests that arrive together are checked and committed together: the request, its number's
uniqueness, its key and the event for Kafka, in one transaction.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from libs.delivery import outbox
from libs.delivery.connections import Connection, Connections
from libs.delivery.errors import Rejected, Unavailable
from libs.delivery.group_commit import GroupCommit
from libs.delivery.releases import Releases
from libs.directory.release import Release
from libs.events.models import RequestAccepted
from libs.privacy.vault import Vault
from libs.service.metrics import Metrics
from services.intake import rules, store
from services.intake.compose import Composed, compose, fingerprint, receipt
from services.intake.reading import read_descriptions
from services.intake.rules import Admission, Refusal
from services.intake.submission import Receipt, Submission, rejected
from services.intake.tokens import Secrets

DIRECTORY_RETRY_SECONDS = 2.0  # a directory topic of two territories is read in less


@dataclass(frozen=True, slots=True)
class Examined:
    """A submission after all checks: ready to be kept, or refused."""

    submission: Submission
    result: Composed | Refusal
    is_known_sender: bool = True
    """Whether its name and number may be looked up at all."""


class Acceptance:
    """Accepts requests. `run` must be running for `accept`; `accept_batch` commits by itself."""

    def __init__(
        self,
        database: Connections,
        vault: Vault,
        releases: Releases,
        secrets: Secrets,
        clock: Callable[[], datetime],
        metrics: Metrics,
        *,
        group_requests_max: int,
        queue_requests_max: int,
    ) -> None:
        self._database = database
        self._vault = vault
        self._releases = releases
        self._secrets = secrets
        self._clock = clock
        self._metrics = metrics
        self._group = GroupCommit[Submission, Receipt](self.accept_batch, group_requests_max, queue_requests_max)
        self.run = self._group.run

    async def accept(self, submission: Submission) -> Receipt:
        """Check, keep and acknowledge one request. When this returns, it is durable.

        Raises `Rejected` naming the field and the remedy, or `Unavailable` when the database or the directory is away
        or too many wait.
        """
        return await self._group.submit(submission)

    async def accept_batch(self, submissions: Sequence[Submission]) -> list[Receipt | Rejected]:
        """The same for many at once, in one transaction; a refusal concerns only its own submission.

        It keeps everything that is new, or raises and keeps nothing.
        """
        examined = self._examine([replace(each, data=rules.normalised(each.data)) for each in submissions])
        composed = [each.result for each in examined if isinstance(each.result, Composed)]
        kept: set[UUID] = set()
        earlier: Mapping[tuple[str, str], store.Earlier] = {}
        if composed or any(_may_be_earlier(each, kept) for each in examined):
            async with self._database.transaction() as conn:
                kept = await self._keep(conn, composed)
                origins = [_origin(each) for each in examined if _may_be_earlier(each, kept)]
                earlier = await store.find_earlier(conn, origins) if origins else {}
            self._count(examined, kept)
        answers = [self._answer(each, kept, earlier) for each in examined]
        self._count_refused(zip(submissions, answers, strict=True))
        return answers

    def _examine(self, submissions: Sequence[Submission]) -> list[Examined]:
        now = self._clock()
        if not self._releases.is_ready or not self._releases.territories():
            message = "no directory has been read yet; publish one, or try again in a moment"
            raise Unavailable(message, slug="directory-away", retry_after_seconds=DIRECTORY_RETRY_SECONDS)
        known = self._releases.served(now)
        data = [submission.data for submission in submissions]
        in_force = self._in_force({each.territory for each in data}, now)
        outcomes = rules.outcomes_of(data, in_force, now)
        examined: dict[int, Examined] = {}
        admitted: dict[int, Admission] = {}
        for place, (submission, places) in enumerate(zip(submissions, outcomes, strict=True)):
            refusal = rules.identity_refusal(submission.source, submission.source_id, submission.channel)
            if refusal is not None:
                examined[place] = Examined(submission, refusal, is_known_sender=False)
                continue
            admission = rules.admit(submission.data, places, in_force, known)
            if isinstance(admission, Refusal):
                examined[place] = Examined(submission, admission)
            else:
                admitted[place] = admission
        readings = read_descriptions([(data[place], admission) for place, admission in admitted.items()])
        for place, admission in zip(admitted, readings, strict=True):
            composed = compose(submissions[place], admission, self._secrets, now)
            examined[place] = Examined(submissions[place], composed)
        return [examined[place] for place in range(len(submissions))]

    def _in_force(self, territories: Iterable[str | None], now: datetime) -> dict[str, Release]:
        """The releases in question: of the named territories, or of all when a submission names none."""
        named = set(territories)
        if None in named:
            return {release.territory.code: release for release in self._releases.all_in_force(now)}
        found = ((code, self._releases.in_force(code, now)) for code in named if code is not None)
        return {code: release for code, release in found if release is not None}

    async def _keep(self, conn: Connection, composed: Sequence[Composed]) -> set[UUID]:
        """Everything about the requests that are new; says which those are."""
        if not composed:
            return set()
        kept = await store.insert_requests(conn, [each.row for each in composed])
        new = [each for each in composed if each.row.request_id in kept]
        if new:
            await self._vault.put(conn, {each.row.request_id: each.key for each in new})
            await outbox.append(conn, store.SCHEMA, [each.event for each in new])
            await store.add_to_counts(conn, {"accepted": len(new)})
        return kept

    def _count(self, examined: Sequence[Examined], kept: set[UUID]) -> None:
        self._metrics.observe("group_commit_requests", len(kept))
        channels = Counter(each.submission.channel for each in examined if _is_new(each, kept))
        for channel, number in channels.items():
            self._metrics.count("requests_accepted_total", number, channel=channel)

    def _count_refused(self, answered: Iterable[tuple[Submission, Receipt | Rejected]]) -> None:
        """But for the HTTP interface, which refuses more than gets here, and counts all of it."""
        for submission, answer in answered:
            if isinstance(answer, Rejected) and submission.channel != "api":
                self._metrics.count("requests_refused_total", slug=answer.slug)

    def _answer(
        self, examined: Examined, kept: set[UUID], earlier: Mapping[tuple[str, str], store.Earlier]
    ) -> Receipt | Rejected:
        """What was accepted once stays accepted, although the directory of today might refuse it."""
        result = examined.result
        if isinstance(result, Composed) and _is_new(examined, kept):
            return result.receipt
        refusal = result if isinstance(result, Refusal) else None
        before = earlier.get(_origin(examined))
        if before is not None:
            content = fingerprint(examined.submission, self._secrets)
            repeat = rules.repeat_refusal(before.fingerprint, content)
            if repeat is None:
                return self._receipt_again(before)
            refusal = refusal or repeat
        assert refusal is not None, "a request that was not kept has an earlier one"
        return rejected(refusal)

    def _receipt_again(self, before: store.Earlier) -> Receipt:
        """The answer that was given then, by the release of then."""
        accepted = RequestAccepted.model_validate_json(before.accepted)
        return receipt(accepted, self._releases.get(before.directory_version), self._secrets)


def _is_new(examined: Examined, kept: set[UUID]) -> bool:
    return isinstance(examined.result, Composed) and examined.result.row.request_id in kept


def _may_be_earlier(examined: Examined, kept: set[UUID]) -> bool:
    """Whether the same number may have been handed in before: it was not kept as new, and it can be looked up."""
    return examined.submission.source_id is not None and examined.is_known_sender and not _is_new(examined, kept)


def _origin(examined: Examined) -> tuple[str, str]:
    return examined.submission.source, examined.submission.source_id or ""
