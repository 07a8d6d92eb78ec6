"""`guichet explain`: who owns this, and why?"""

import difflib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from libs.directory import Question, Release, Text, Where, compile_pack, decide, parse_pack, read
from libs.operate.doors import Refused, get
from libs.operate.output import NO, STDOUT, WrongUse, answer, line, say
from libs.operate.packs import find_pack, read_pack
from libs.operate.where import find_system

FIELDS = (
    "outcome",
    "municipality",
    "authority",
    "department",
    "due",
    "release",
    "reasons",
    "candidates",
    "sentence",
    "service",
    "confidence",
    "urgent",
    "safety",
)
OUTSIDE, UNKNOWN_SERVICE = "out-of-territory", "service-unknown"
SUGGESTIONS_MAX = 3


def explain(
    lat: Annotated[float | None, typer.Option(help="Degrees north.", min=-90, max=90)] = None,
    lon: Annotated[float | None, typer.Option(help="Degrees east.", min=-180, max=180)] = None,
    accuracy_m: Annotated[float | None, typer.Option(help="How far off the point may be, metres.", min=0)] = None,
    municipality_code: Annotated[str | None, typer.Option(help="Official code, such as 33063.")] = None,
    postal_code: Annotated[str | None, typer.Option(help="Postal code; enough where one municipality has it.")] = None,
    municipality_name: Annotated[str | None, typer.Option(help="Name; typing errors are allowed.")] = None,
    service: Annotated[str | None, typer.Option(help="Code of the service.")] = None,
    text: Annotated[str | None, typer.Option(help="What a citizen would write, instead of a service.")] = None,
    territory: Annotated[str | None, typer.Option(help="Code of the territory, where several are served.")] = None,
    at: Annotated[datetime | None, typer.Option(help="As of then (UTC); default now.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the sentence, such as fr.")] = None,
    pack: Annotated[
        str | None, typer.Option(help="Ask this pack (a folder, or a name) instead of the running system.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object for scripts.")] = False,
) -> None:
    """Who owns this, and why? Stores nothing.

    Exit code 1 when it would not be routed: ambiguous, uncovered, out of territory or unclear.
    """
    place = {
        "lat": lat,
        "lon": lon,
        "accuracy_m": accuracy_m,
        "municipality_code": municipality_code,
        "postal_code": postal_code,
        "municipality_name": municipality_name,
    }
    moment = (at or datetime.now(UTC)).replace(tzinfo=UTC)
    if pack is not None:
        decision = ask_pack(pack, place, service, moment, language, text)
    else:
        said = {"service": service, "text": text, "language": language, "territory": territory}
        question = {**place, **said, "at": moment.isoformat() if at else None}
        decision = ask_intake({name: value for name, value in question.items() if value is not None})
    found = {name: decision.get(name) for name in FIELDS}
    answer(found, as_json, lambda: show(found, language))
    if service is not None and any(reason["code"] == UNKNOWN_SERVICE for reason in found["reasons"] or []):
        _suggest(service, pack, territory or str(found["release"] or "").partition("@")[0])
    if found["outcome"] != "routed":
        raise typer.Exit(NO)


def _suggest(service: str, pack: str | None, territory: str) -> None:
    """Which services are called nearly so."""
    if pack is not None:
        known = list(release_of(pack).services)
    else:
        answered = get(f"{find_system().intake_url}/api/v1/services", {"territory": territory})
        known = [one["code"] for one in answered["services"]]
    meant = difflib.get_close_matches(service, known, n=SUGGESTIONS_MAX)
    say(f"Did you mean {' or '.join(meant)}?" if meant else f"Services are: {', '.join(sorted(known))}.")


def ask_intake(question: Mapping[str, Any]) -> dict[str, Any]:
    """The decision of the running system; a place that it refuses as outside of every territory is an answer too."""
    try:
        return get(f"{find_system().intake_url}/api/v1/owner", question)
    except Refused as refused:
        if refused.slug != OUTSIDE:
            raise
        return {"outcome": "out_of_territory", "sentence": {"en": str(refused)}, "reasons": [{"code": refused.slug}]}


def ask_pack(
    pack: str,
    place: Mapping[str, Any],
    service: str | None,
    at: datetime,
    language: str | None,
    text: str | None = None,
) -> dict[str, Any]:
    """The decision of a pack that need not be published."""
    release = release_of(pack)
    question = Question(
        service=service,
        place=Where(**place, address=None),
        answers={},
        at=at,
        language=language or release.territory.languages[0],
        reading=read(release, Text(text, language, service)) if text else None,
    )
    return decide(release, question).as_dict()


def release_of(pack: str) -> Release:
    """What a pack says, also where findings keep it from being published; says why when there is nothing to ask."""
    compiled = compile_pack(parse_pack(read_pack(find_pack(pack))))
    if compiled.draft is None:
        first = compiled.errors[0]
        raise WrongUse(f"{first.file}, line {first.line}: {first.message} {first.remedy}")
    return compiled.draft


def show(found: Mapping[str, Any], language: str | None) -> None:
    """The sentence first, then who, then why; all in one language."""
    language = language if language in found["sentence"] else next(iter(found["sentence"]), None)
    if found["safety"]:
        line(in_language(found["safety"], language) + "\n")
    line(in_language(found["sentence"], language) + "\n")
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row("outcome", found["outcome"])
    for who in ("municipality", "authority", "department"):
        if found[who]:
            table.add_row(who, f"{in_language(found[who]['names'], language)} ({found[who]['code']})")
    for name in ("service", "due", "release"):
        table.add_row(name, str(found[name] or "-"))
    STDOUT.print(table)
    for reason in found["reasons"] or []:
        line(f"  because  {in_language(reason.get('text'), language) or reason['code']}")
    for candidate in found["candidates"] or []:
        line(f"  {candidate['outcome']:<7}  {candidate['rule']}: {candidate['reason']}")


def in_language(texts: Mapping[str, str] | None, language: str | None) -> str:
    """The text in the language asked for, else in the first there is."""
    if not texts:
        return ""
    return texts.get(language or "") or next(iter(texts.values()))
