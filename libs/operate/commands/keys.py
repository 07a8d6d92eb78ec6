"""`guichet keys`: who may call the HTTP interface, and what may they do?"""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from libs.operate.keys import SCOPES, KeyFile, KeyRefused
from libs.operate.output import STDOUT, WrongUse, answer, say
from libs.operate.secrets import Secrets
from libs.operate.system import Home, home_folder

AsJson = Annotated[bool, typer.Option("--json", help="One object for scripts.")]
KeysFile = Annotated[
    Path | None,
    typer.Option(
        "--file", envvar="INTAKE_KEYS_FILE", help="The key file that intake reads; else the one of GUICHET_HOME."
    ),
]

app = typer.Typer(no_args_is_help=True, help="API keys: add, list, revoke.")


def _key_file(named: Path | None) -> KeyFile:
    return KeyFile(named or Secrets(Home(home_folder()).secrets).keys_file)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Who holds the key, as logs will name it.")],
    source: Annotated[str, typer.Option(help="The CloudEvents source of this holder's requests, a URI.")],
    scope: Annotated[list[str], typer.Option(help=f"What it may do, repeatable: {', '.join(SCOPES)}.")],
    territory: Annotated[
        list[str] | None, typer.Option(help="With the scope triage: the only territories it may choose in, repeatable.")
    ] = None,
    file: KeysFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown once; what is kept is its hash."""
    try:
        key = _key_file(file).add(name, source, list(dict.fromkeys(scope)), territories=territory)
    except KeyRefused as error:
        raise WrongUse(str(error)) from error
    say(f"The key of {name}; it is not shown again. Send it as `Authorization: Bearer …`.")
    answer({"name": name, "source": source, "scopes": scope, "key": key}, as_json, lambda: print(key))


@app.command("list")
def list_keys(file: KeysFile = None, as_json: AsJson = False) -> None:
    """Who holds keys. Keys themselves cannot be shown."""
    try:
        entries = _key_file(file).entries()
    except KeyRefused as error:
        raise WrongUse(str(error)) from error
    table = Table("name", "source", "scopes", "territories", "made")
    for entry in entries:
        where = ", ".join(entry.territories or ("all",))
        table.add_row(entry.name, entry.source, ", ".join(entry.scopes), where, entry.made or "-")
    fields = [
        {"name": entry.name, "source": entry.source, "scopes": list(entry.scopes), "made": entry.made}
        for entry in entries
    ]
    answer({"keys": fields}, as_json, lambda: STDOUT.print(table))


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="Whose key.")], file: KeysFile = None, as_json: AsJson = False
) -> None:
    """Take a key back. Intake refuses it within a second."""
    try:
        _key_file(file).revoke(name)
    except KeyRefused as error:
        raise WrongUse(str(error)) from error
    answer({"revoked": name}, as_json, lambda: say(f"The key of {name} is revoked."))
