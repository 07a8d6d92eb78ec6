"""`guichet republish`: how are requests announced again that were lost on their way to a decision?"""

from typing import Annotated, Any

import typer

from libs.operate.doors import get, post
from libs.operate.output import NO, WrongUse, answer, line
from libs.operate.where import Addresses, api_key, find_system

HOLDER = "operate"
PAGE_REQUESTS = 1_000  # as intake takes them
REQUESTS_MAX = 100_000  # of one call, so that a mistake does not fill the topics; call it again for more
NAMED_MAX = 20

Undecided = Annotated[bool, typer.Option("--undecided", help="Requests that have no decision: the only kind so far.")]
Everyone = Annotated[
    bool, typer.Option("--all", help="Also those that are on their way or have a dead letter, not only the lost ones.")
]
Preview = Annotated[bool, typer.Option("--preview", help="Say what would be announced, and announce nothing.")]
Limit = Annotated[int, typer.Option(min=1, max=REQUESTS_MAX, help="At most so many requests.")]
AsJson = Annotated[bool, typer.Option("--json", help="One object for scripts.")]


def republish(
    undecided: Undecided = False,
    everyone: Everyone = False,
    preview: Preview = False,
    limit: Limit = REQUESTS_MAX,
    as_json: AsJson = False,
) -> None:
    """Ask the router again about requests that are undecided and nowhere on their way, from what intake keeps.

    The events and their ids are those of the first time, so whoever has heard one already does nothing: calling this
    twice changes nothing more. Exit code 1 when some cannot be announced again.
    """
    if not undecided:
        raise WrongUse("say what to announce again: `guichet republish --undecided`")
    system = find_system()
    found = _looked(system)
    chosen = found["undecided"] if everyone else found["lost"]
    done = {"would_announce": min(chosen, limit)} if preview else _announced(system, everyone, limit)
    fields = {**found, "preview": preview, **done}
    answer(fields, as_json, lambda: _show(fields))
    if fields.get("unknown"):
        raise typer.Exit(NO)


def _looked(system: Addresses) -> dict[str, Any]:
    page = get(f"{system.intake_url}/api/v1/undecided", {"limit": 1}, key=api_key(system.home, HOLDER))
    sums = page["conservation"]
    lost, dead, in_flight = sums["balance"], sums["dead"], sums["in_flight"]
    return {
        "undecided": lost + dead + in_flight,
        "lost": lost,
        "dead": dead,
        "in_flight": in_flight,
        "is_fresh": page["is_fresh"],
    }


def _announced(system: Addresses, everyone: bool, limit: int) -> dict[str, Any]:
    """Page by page, each in a transaction of its own."""
    key, after, announced, unknown = api_key(system.home, HOLDER), None, 0, []
    url, which = f"{system.intake_url}/api/v1/undecided/announcements", "all" if everyone else "lost"
    while announced < limit:
        asked = {"which": which, "after": after, "limit": min(PAGE_REQUESTS, limit - announced)}
        page = post(url, None, asked, key=key)
        announced += len(page["announced"])
        unknown += page["unknown"]
        after = page["next"]
        if after is None:
            break
    return {"announced": announced, "unknown": unknown}


def _show(fields: dict[str, Any]) -> None:
    line(
        f"{fields['undecided']:,} requests have no decision: {fields['lost']:,} are lost, {fields['dead']:,} have a "
        f"dead letter, {fields['in_flight']:,} are on their way"
    )
    if not fields["is_fresh"]:
        line(
            "Router or intake have records to read first; only then is it known whether further ones are lost. "
            "`guichet topics` shows how far they are; --all announces every undecided request."
        )
    if fields["preview"]:
        line(f"{fields['would_announce']:,} would be announced again; nothing was")
        return
    line(f"{fields['announced']:,} announced again; `guichet status` shows when they are decided")
    if fields["unknown"]:
        shown = ", ".join(fields["unknown"][:NAMED_MAX])
        line(f"{len(fields['unknown']):,} cannot be: what asked the router is not kept any more ({shown})")
