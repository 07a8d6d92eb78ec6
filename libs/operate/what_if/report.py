"""What does the comparison say, for a script and for a person? The fields are those that README.md promises."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

from libs.directory.decision import Party
from libs.directory.what_if import Kind, Move, Sample, Tally, Verdict
from libs.events.identity import reference_for
from libs.operate.what_if.recorded import Reason
from libs.operate.what_if.shadow import WhatIf

KINDS: tuple[Kind, ...] = get_args(Kind)
REASONS: tuple[Reason, ...] = get_args(Reason)
HELD: Mapping[str, str] = {
    "ambiguous": "held: several could own it",
    "uncovered": "held: nobody owns it",
    "out_of_territory": "held: outside of the territory",
    "unclear": "held: unclear what it is about",
}
"""Every outcome without an owner, as it is said in a table."""

Fields = dict[str, Any]


def fields_of(found: WhatIf) -> Fields:
    """For `--json`; both other forms are made from it too, so that all three say the same."""
    comparison, read = found.comparison, found.read
    skipped: dict[str, int | None] = {reason: read.skipped[reason] for reason in REASONS}
    if not found.erased_are_known:
        skipped["erased"] = None
    hands = comparison.in_hands
    return {
        "candidate": comparison.candidate.version,
        "territory": comparison.candidate.territory.code,
        "since": found.since.isoformat(),
        "first": read.first.isoformat() if read.first else None,
        "last": read.last.isoformat() if read.last else None,
        "read": read.requests,
        "releases": dict(sorted(found.releases.items(), key=lambda item: (-item[1], item[0]))),
        **_tally(comparison.rules),
        "skipped": skipped,
        "in_hands": {
            **_tally(hands),
            "proposed": comparison.proposed.requests,
            "proposed_sample": _ids(comparison.proposed),
        },
    }


def _tally(tally: Tally) -> Fields:
    kinds: dict[str, int] = {kind: tally.requests(kind) for kind in KINDS}
    return {
        "compared": tally.compared,
        "unchanged": tally.unchanged,
        "changed": sum(kinds.values()),
        **kinds,
        "due_only": tally.due_only.requests,
        "due_only_sample": _ids(tally.due_only),
        "moves": [_move(move) for move in tally.by_size()],
    }


def _move(move: Move) -> Fields:
    return {
        "kind": move.kind,
        "requests": move.sample.requests,
        "from": _side(move.before),
        "to": _side(move.after),
        "sample": _ids(move.sample),
    }


def _side(verdict: Verdict) -> Fields:
    parties = {"authority": verdict.authority, "department": verdict.department}
    return {"outcome": verdict.outcome, **{name: _party(party) for name, party in parties.items()}}


def _party(party: Party | None) -> Fields | None:
    return party.as_dict() if party else None


def _ids(sample: Sample) -> list[str]:
    return [str(request_id) for request_id in sample.latest]


def references(sample: Sequence[str]) -> list[str]:
    """The same requests by what people know them by."""
    return [reference_for(UUID(request_id)) for request_id in sample]


def owner_said(side: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Who acts, or why nobody does; and who decides, where that is not the same name."""
    if side["outcome"] != "routed":
        return HELD[side["outcome"]], ""
    acts, decides = (name_of(side[who]["names"], language) for who in ("department", "authority"))
    return acts, f"for {decides}"


def name_of(names: Mapping[str, str], language: str) -> str:
    """In the language asked for, else in the first there is."""
    return names.get(language) or next(iter(names.values()))


def summary(fields: Fields) -> str:
    """The answer in one sentence."""
    changed, compared = fields["changed"], fields["compared"]
    if not compared:
        return f"{fields['candidate']} was compared with no request: all were skipped or are in people's hands."
    if not changed and not fields["due_only"]:
        return f"None of {compared:,} requests would be decided otherwise by {fields['candidate']}."
    dates = f", and {fields['due_only']:,} would get another date only" if fields["due_only"] else ""
    return (
        f"{changed:,} of {compared:,} requests ({changed / compared:.1%}) would be decided otherwise "
        f"by {fields['candidate']}{dates}."
    )


def counted(fields: Fields) -> list[tuple[str, int]]:
    """The figures of those that rules decide about, in words; they add up to the compared."""
    words = {
        "moved": "go from one owner to another",
        "became_held": "become held: a person must choose",
        "no_longer_held": "are held no longer",
        "held_otherwise": "stay held, for another reason",
        "due_only": "keep their owner and get another date",
        "unchanged": "stay as they are",
    }
    return [(said, fields[name]) for name, said in words.items()]


def left_out(fields: Fields) -> list[tuple[str, str]]:
    """What was read and is not compared, in words."""
    skipped = fields["skipped"]
    erased = "not known" if skipped["erased"] is None else f"{skipped['erased']:,}"
    return [
        ("of other territories", f"{skipped['other_territory']:,}"),
        ("erased", erased),
        ("whose release is not published", f"{skipped['undecidable']:,}"),
        ("that cannot be read", f"{skipped['unreadable']:,}"),
    ]
