"""`guichet audit`: is the log still what was signed?"""

import asyncio
from typing import Annotated, Any

import httpx2
import typer

from libs.ledger.note import Verifier
from libs.operate import log_keys
from libs.operate.broker import settings_for
from libs.operate.ledger_rows import inspect
from libs.operate.output import NO, WrongUse, answer, line, progress_bar, say
from libs.operate.published import published_checkpoints
from libs.operate.set_back import tables_set_back
from libs.operate.system import Home
from libs.operate.where import Addresses, find_system
from libs.privacy.errors import KeyFileInvalid

VERIFIER_FILE = "audit.verifier"  # verifier keys, one a line, where the key that signs is kept from operators
ANSWER_SECONDS_MAX = 10.0

app = typer.Typer(no_args_is_help=True, help="Is the log still what was signed?")


@app.callback()
def audit() -> None:
    """Is the log still what was signed?"""


@app.command("verify")
def verify_log(
    verifier_key: Annotated[
        list[str] | None,
        typer.Option("--verifier-key", help="name+id+key that you trust; default: made from the log's own key file."),
    ] = None,
    rows_only: Annotated[
        bool,
        typer.Option(
            "--rows-only", help="Do not ask Kafka what was published: a log rewritten as a whole then passes."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One object for scripts.")] = False,
) -> None:
    """Recompute the whole log from its rows and compare it with every checkpoint that was ever signed.

    Those kept in the database, and those published on Kafka, which whoever changes rows cannot change with them. The
    services need not be running. Exit code 1 when there is a difference, and the first one is named.
    """
    system = find_system()
    if not system.dsn:
        raise WrongUse("name the database in GUICHET_POSTGRES_DSN")
    found = asyncio.run(_verdict(system, _verifiers(verifier_key or [], system), rows_only=rows_only))
    answer(found, as_json, lambda: show(found))
    if not found["ok"]:
        raise typer.Exit(NO)


async def _verdict(system: Addresses, verifiers: list[Verifier], *, rows_only: bool) -> dict[str, Any]:
    with progress_bar() as bar:
        task = bar.add_task("reading published checkpoints", total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        # Before the rows: these are then never older than what was published.
        published = None if rows_only else await published_checkpoints(settings_for(system), verifiers[0].name, tell)
        bar.update(task, description="verifying leaves")
        verdict = await inspect(system.dsn, verifiers, tell, published or ())
        older = [] if rows_only else await tables_set_back(system)
    found = {**verdict.as_dict(), "published": None if published is None else len(published), "set_back": older}
    return found | {"ok": verdict.ok and not older}


def _verifiers(texts: list[str], system: Addresses) -> list[Verifier]:
    """Whom to trust: those named, else the log's key file or the verifiers made of it, else (and it is said) audit."""
    try:
        if texts:
            return [Verifier.from_text(text) for text in texts]
        if log_keys.key_file(system.home).exists():
            return [log_keys.own_verifier(system.home), *log_keys.former_verifiers()]
        handed_out = Home(system.home).secrets / VERIFIER_FILE
        if handed_out.exists():
            return [Verifier.from_text(text) for text in handed_out.read_text().splitlines()]
        return [_named_by_audit(system.audit_url)]
    except (ValueError, KeyFileInvalid) as error:
        raise WrongUse(f"{error}") from error


def _named_by_audit(url: str) -> Verifier:
    headers = {"accept": "application/json"}
    try:
        response = httpx2.get(f"{url}/api/v1/checkpoint", headers=headers, timeout=ANSWER_SECONDS_MAX, trust_env=False)
        verifier = Verifier.from_text(response.raise_for_status().json()["verifier"])
    except (httpx2.HTTPError, KeyError) as error:
        raise WrongUse(f"name a key that you trust with --verifier-key; audit at {url} tells none ({error})") from error
    say(f"The key is the one that audit itself names, {verifier}: give --verifier-key to rely on your own copy.")
    return verifier


def show(found: dict[str, Any]) -> None:
    """A few lines for a person."""
    if found["ok"]:
        line(f"The log is what was signed: {found['leaves']} leaves, root {found['root']}")
    if signed := found["checkpoint"]:
        line(f"The last checkpoint that holds is of {signed['size']} leaves of {signed['origin']}")
    if found["published"] is None:
        line("Not compared with what was published: a log that was rewritten as a whole would look the same")
    else:
        line(f"Compared with {found['published']} checkpoints that were published")
    for sentence in found["set_back"]:
        line(f"Set back: {sentence}")
    if difference := found["first_difference"]:
        line(f"First difference: leaf {difference['index']}, {difference['what']}")
        line(f"  expected  {difference['expected']}")
        line(f"  found     {difference['found']}")
