"""`guichet notices`: which letters may have arrived or not, and how are they sent again?"""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.table import Table

from libs.operate.doors import get, post
from libs.operate.output import NO, STDOUT, WrongUse, answer, line
from libs.operate.where import find_system

PAGE_NOTICES = 500  # as the notifier takes them

Audience = Annotated[str | None, typer.Option(help="Only letters to these: citizen, department or desk.")]
Department = Annotated[str | None, typer.Option(help="Only letters to the department, or desk, with this code.")]
AsJson = Annotated[bool, typer.Option("--json", help="One object for scripts.")]
Ids = Annotated[list[UUID] | None, typer.Argument(metavar="[NOTICE_ID]...", help="As `notices in-doubt` lists them.")]
Everyone = Annotated[bool, typer.Option("--all", help="Every letter that is in doubt.")]
By = Annotated[str, typer.Option(help="Who decides this; the ledger keeps it beside each letter.")]

app = typer.Typer(
    no_args_is_help=True, help="Letters that may have arrived or not, because a notifier died on the way."
)


@app.command("in-doubt")
def in_doubt(audience: Audience = None, department: Department = None, as_json: AsJson = False) -> None:
    """Which letters are in doubt: to whom, about which request, since when. No address is shown.

    The Message-ID is what the relay's own log knows the letter by: there stands whether it left.
    """
    found = list(_listed({"audience": audience, "department": department}))
    answer({"in_doubt": len(found), "notices": found}, as_json, lambda: _show(found))


@app.command("send-again")
def send_again(
    notice_ids: Ids = None,
    audience: Audience = None,
    department: Department = None,
    everyone: Everyone = False,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Send letters again that are in doubt, under the same Message-ID. Whoever got one already gets it twice.

    Each is sent again once, however often this is called: afterwards it is in doubt no more. Exit code 1 when one that
    was named by its id is not in doubt.
    """
    if not (notice_ids or audience or department or everyone):
        raise WrongUse("say which letters: their ids, --audience, --department, or --all")
    chosen = {"audience": audience, "department": department, "all": everyone or None, "by": by}
    wanted = {name: value for name, value in chosen.items() if value is not None}
    ids = [str(one) for one in dict.fromkeys(notice_ids or [])]
    sent = _sent_again(ids, wanted) if ids else _all_sent_again(wanted)
    missing = sorted(set(ids) - set(sent))
    fields = {"sent_again": sent, "not_in_doubt": missing}
    answer(fields, as_json, lambda: _tell(sent, missing))
    if missing:
        raise typer.Exit(NO)


def _listed(asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    url, after = f"{find_system().notifier_url}/api/v1/notices/in-doubt", None
    while True:
        page = get(url, {**asked, "after": after})
        yield from page["notices"]
        after = page["next"]
        if after is None:
            return


def _sent_again(ids: list[str], wanted: dict[str, Any]) -> list[str]:
    sent: list[str] = []
    for start in range(0, len(ids), PAGE_NOTICES):
        sent += _asked({**wanted, "notice_ids": ids[start : start + PAGE_NOTICES]})
    return sent


def _all_sent_again(wanted: dict[str, Any]) -> list[str]:
    """Page by page, each once: those of an earlier page are in doubt no more."""
    sent: list[str] = []
    while page := _asked(wanted):
        sent += page
        if len(page) < PAGE_NOTICES:
            break
    return sent


def _asked(wanted: dict[str, Any]) -> list[str]:
    found = post(f"{find_system().notifier_url}/api/v1/notices/in-doubt/send-again", wanted)
    return list(found["sent_again"])


def _show(found: list[dict[str, Any]]) -> None:
    if not found:
        line("no letter is in doubt")
        return
    table = Table(
        "notice", "to", "kind", "channel", "request", "in doubt since", "Message-ID", box=None, pad_edge=False
    )
    for one in found:
        to = one["department"] or one["audience"]
        request = one["reference"] or one["request_id"]
        since = one["in_doubt_since"][:19]
        table.add_row(one["notice_id"], to, one["kind"], one["channel"], request, since, one["message_id"] or "-")
    STDOUT.print(table)
    if lost := sum(1 for one in found if not one["can_be_sent"]):
        line(f"{lost} of them came out of a restore without their words and cannot be sent again")


def _tell(sent: list[str], missing: list[str]) -> None:
    line(f"{len(sent)} letters are sent again")
    if missing:
        line(f"not in doubt, or not to be sent again: {', '.join(missing)}")
