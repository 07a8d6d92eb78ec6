"""`guichet status`: are the services well, and is every accepted request accounted for?"""

import asyncio
import time
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from libs.events.topics import SERVICES, dead_topic
from libs.operate import broker, conservation, services_now
from libs.operate.output import NO, STDOUT, Away, answer, say
from libs.operate.where import Addresses, find_system

WATCH_SECONDS_MIN = 1.0  # each look asks four services and Kafka


def status(
    as_json: Annotated[bool, typer.Option("--json", help="One object for scripts.")] = False,
    watch: Annotated[
        float | None,
        typer.Option(min=WATCH_SECONDS_MIN, help="Look again every so many seconds, until Ctrl-C; exit code 0 then."),
    ] = None,
) -> None:
    """Lag, outbox, dead letters and parked requests of each service, and the balance of all requests.

    Exit code 1 when a service is not ready or lets a topic rest, or when requests are lost (balance other than 0);
    3 when no service answers, or Kafka does not. Drifts, senders in trouble and records gone unread are shown only.
    """
    if watch is not None:
        _keep_looking(watch, as_json)
        return
    found = asyncio.run(look(find_system()))
    answer(found, as_json, lambda: show(found))
    rests = any(trouble["kind"] == "topic-rests" for trouble in found["troubles"])
    is_well = all(service["ready"] for service in found["services"].values()) and not found["conservation"]["balance"]
    if rests or not is_well:
        raise typer.Exit(NO)


def _keep_looking(seconds: float, as_json: bool) -> None:
    """Also while nothing answers, which is when one watches; with `--json` one object a line."""
    with suppress(KeyboardInterrupt):
        while True:
            try:
                found = asyncio.run(look(find_system()))
            except Away as away:
                say(str(away))
            else:
                if not as_json:
                    STDOUT.clear()
                answer(found, as_json, partial(show, found))
            time.sleep(seconds)


async def look(system: Addresses) -> dict[str, Any]:
    """The fields of the answer."""
    said = await services_now.statuses({name: getattr(system, f"{name}_url") for name in SERVICES})
    if not any(said.values()):
        raise Away(f"no service answers, intake not at {system.intake_url}; start the system with `guichet up`")
    unread = dict.fromkeys([*services_now.gaps(said), *await conservation.gaps(broker.settings_for(system))])
    return {
        "services": {name: services_now.shown(one) for name, one in said.items()},
        "conservation": conservation.sums_of(said["intake"]),
        "gaps": [{"service": name, **asdict(gap), "sentence": gap.sentence(name)} for name, gap in unread],
        "notices": services_now.notices(said["notifier"]),
        "drifts": services_now.drifts(said["intake"]),
        "troubles": services_now.troubles(said),
    }


def show(found: dict[str, Any]) -> None:
    """Two tables for a person."""
    table = Table("service", "ready", "lag", "dead", "parked", "outbox", "oldest, s", box=None, pad_edge=False)
    for name, one in found["services"].items():
        ready = "[green]yes[/]" if one["ready"] else "[red]no[/]"
        figures = (one[key] for key in ("lag", "dead", "parked", "outbox_rows", "outbox_age_seconds"))
        table.add_row(name, ready, *("-" if figure is None else str(figure) for figure in figures))
    STDOUT.print(table)
    if waiting := found["notices"]["waiting"]:
        said = "1 notice waits" if waiting == 1 else f"{waiting} notices wait"
        STDOUT.print(f"\n{said} to be sent; if that stays so, is the mail relay up (NOTIFIER_SMTP_HOST)?")
    if doubtful := found["notices"]["in_doubt"]:
        STDOUT.print(
            f"\n[yellow]in doubt[/]  {doubtful} letters may have arrived or not, because a notifier died on the way. "
            "`guichet notices in-doubt` lists them, `guichet notices send-again` sends again which you choose.",
            soft_wrap=True,
        )
    for trouble in found["troubles"]:
        STDOUT.print(f"\n[red]trouble[/]  {escape(trouble_said(trouble))}")
    for gap in found["gaps"]:
        STDOUT.print(f"\n[red]gap[/]  {gap['sentence']}", soft_wrap=True)
    for drift in found["drifts"]:
        STDOUT.print(f"\n[yellow]drift[/]  {escape(drift_said(drift))}")
    sums = found["conservation"]
    if sums["accepted"] is None:
        STDOUT.print("\nintake does not answer, so nobody knows how many requests were accepted")
        return
    colour = "green" if sums["balance"] == 0 else "red"
    STDOUT.print(
        f"\n{sums['accepted']} accepted = {sums['routed']} routed + {sums['held']} held + {sums['dead']} dead "
        f"+ {sums['in_flight']} in flight; balance [{colour}]{sums['balance']}[/]"
    )
    if sums["balance"]:
        STDOUT.print(
            f"\n[red]lost[/]  {sums['balance']} accepted requests have no decision and no dead letter, and are nowhere "
            "on their way. `guichet republish --undecided` announces them again from what intake keeps.",
            soft_wrap=True,
        )


def trouble_said(trouble: dict[str, Any]) -> str:
    """One topic that rests, one sender in trouble, or the mail relay's absence, as a sentence with what to do."""
    if trouble["kind"] == "relay-away":
        return (
            f"The mail relay takes nothing since {trouble['since']}; {trouble['failures']} tries in a row ended with "
            f"“{trouble['reason']}”. No letter is given up for it. Is it up, does it know our password and address "
            "(NOTIFIER_SMTP_*, NOTIFIER_MAIL_FROM), is a quota used up?"
        )
    if trouble["kind"] == "log-altered":
        return (
            f"The log was changed after it was signed, at leaf {trouble['leaf']} or behind it: {trouble['what']}. "
            "`guichet audit verify` names the first difference. Restore the rows, and find out who can write them."
        )
    service, topic, dead = trouble["service"], trouble["topic"], dead_topic(trouble["service"])
    if trouble["kind"] == "topic-rests":
        return (
            f"{service} lets {topic} rest, because {trouble['reason']}. Its other topics go on, and this one is tried "
            f"again in {trouble['seconds']} s. The records in {dead} say why; was {service} changed lately?"
        )
    sender = f"the sender {trouble['source']}" if trouble["source"] else "a sender that does not say who it is"
    return (
        f"{service} gave up {trouble['events']} events within a minute that {sender} wrote to {topic}; the others' "
        f"events are handled. The records in {dead} say why: tell whoever runs that system."
    )


def drift_said(drift: dict[str, Any]) -> str:
    """One drift as a sentence, with what to do."""
    what = "held for a person" if drift["department"] is None else f"given to {drift['department']}"
    since, before = (
        f"{one['share']:.1%} ({one['requests']:,} of {one['of']:,})" for one in (drift["since"], drift["before"])
    )
    return (
        f"{since} of the requests of {drift['territory']} are {what} since {drift['release']} is in force "
        f"({drift['in_force_since'][:16]}); it was {before} in the four weeks before. "
        "If nobody meant that, publish the release of before again."
    )
